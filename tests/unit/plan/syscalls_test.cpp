// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The table of system calls: its numbers against the kernel's headers, its shapes against themselves. Whether each
// index is the argument that it should be: tests/bpf/syscall_list_test.cpp.
#include "plan/syscalls.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace aa::test {
namespace {

using Field = __u8 aa_call::*;
using Numbers = std::map<std::string, std::uint32_t>;

constexpr Field kFields[] = {&aa_call::dir,  &aa_call::path, &aa_call::new_dir, &aa_call::new_path,
                             &aa_call::text, &aa_call::fd,   &aa_call::new_fd,  &aa_call::flags,
                             &aa_call::mode, &aa_call::size, &aa_call::offset,  &aa_call::new_offset,
                             &aa_call::owner};
static_assert(std::size(kFields) == sizeof(aa_call) - sizeof(aa_call::kind) - sizeof(aa_call::traits));

struct Abi {
  std::string name;
  Machine machine;
  aa_abi abi;
  std::string header;
  std::size_t compared;  // rows that the headers of Linux 6.1 know
};

const Abi kX86_64 = {"x86-64", Machine::kX86_64, AA_NATIVE, "asm/unistd_64.h", 60};
const Abi kI386 = {"i386", Machine::kX86_64, AA_COMPAT32, "asm/unistd_32.h", 68};
const Abi kArm64 = {"arm64", Machine::kArm64, AA_NATIVE, "asm-generic/unistd.h", 44};
const Abi kAbis[] = {kX86_64, kI386, kArm64};

// What the headers of Linux 6.1 do not have yet; the same number everywhere
const Numbers kNewer = {{"fchmodat2", 452}, {"setxattrat", 463}, {"removexattrat", 466}};

std::vector<SyscallRow> rows_of(const Abi& abi) {
  std::vector<SyscallRow> rows = syscall_rows(abi.machine);
  std::erase_if(rows, [&abi](const SyscallRow& row) { return row.abi != abi.abi; });
  return rows;
}

template <typename Check>
void for_each_row(Check check) {
  for (const Abi& abi : kAbis)
    for (const SyscallRow& row : rows_of(abi)) {
      const std::string name(row.name);
      CAPTURE(abi.name);
      CAPTURE(name);
      check(abi, row);
    }
}

const SyscallRow* find_row(const std::vector<SyscallRow>& rows, std::string_view name) {
  const auto found = std::find_if(rows.begin(), rows.end(), [name](const SyscallRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

bool has(const aa_call& call, unsigned traits) { return (call.traits & traits) == traits; }

// Headers

std::ifstream open_header(const std::string& name) {
  for (const char* directory : {"/usr/include/x86_64-linux-gnu/", "/usr/include/"}) {
    std::ifstream file(directory + name);
    if (file) return file;
  }
  return {};
}

bool is_for_32_bits(const std::string& condition) {
  return condition.find("BITS_PER_LONG == 32") != std::string::npos || condition == "#ifdef __SYSCALL_COMPAT";
}

// The #defines that a 64-bit machine which wants every call of its own gets to see.
std::map<std::string, std::string> defines_of(std::ifstream file) {
  std::map<std::string, std::string> defines;
  std::vector<bool> taken;  // of the #ifs around a line
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string directive, name, value;
    words >> directive >> name >> value;
    if (directive.starts_with("#if")) taken.push_back(!is_for_32_bits(line));
    else if (directive == "#else") taken.back() = !taken.back();
    else if (directive == "#endif") taken.pop_back();
    else if (directive == "#define" && std::ranges::count(taken, false) == 0) defines[name] = value;
  }
  return defines;
}

// "__NR_read" is 0, "__NR_mmap" is __NR3264_mmap, which is 222.
Numbers numbers_in(const std::string& header) {
  const std::string prefix = "__NR_";
  const auto defines = defines_of(open_header(header));
  Numbers numbers;
  for (const auto& [name, value] : defines) {
    const auto other = defines.find(value);
    const std::string& digits = other == defines.end() ? value : other->second;
    if (name.starts_with(prefix) && !digits.empty() && std::isdigit(static_cast<unsigned char>(digits[0])))
      numbers[name.substr(prefix.size())] = static_cast<std::uint32_t>(std::stoul(digits));
  }
  return numbers;
}

// Those of x86 are installed on x86 alone.
bool is_installed_here(const Abi& abi) { return abi.machine == kThisMachine || abi.machine == Machine::kArm64; }

TEST_CASE("syscalls: the numbers are those of the kernel's headers") {
  for (const Abi& abi : kAbis) {
    if (!is_installed_here(abi)) continue;
    CAPTURE(abi.name);
    const Numbers numbers = numbers_in(abi.header);
    std::size_t compared = 0;
    for (const SyscallRow& row : rows_of(abi)) {
      const std::string name(row.name);
      CAPTURE(name);
      const auto known = numbers.find(name), newer = kNewer.find(name);
      REQUIRE((known != numbers.end() || newer != kNewer.end()));
      CHECK(row.number == (known != numbers.end() ? known : newer)->second);
      compared += known != numbers.end();
    }
    CHECK(compared >= abi.compared);
  }
}

TEST_CASE("syscalls: a call that is in the table is there for each machine that has it") {
  std::set<std::string> names;
  for (const Abi& abi : kAbis)
    for (const SyscallRow& row : rows_of(abi)) names.emplace(row.name);
  for (const Abi& abi : kAbis) {
    if (!is_installed_here(abi)) continue;
    Numbers numbers = numbers_in(abi.header);
    numbers.insert(kNewer.begin(), kNewer.end());
    const std::vector<SyscallRow> rows = rows_of(abi);
    for (const std::string& name : names) {
      CAPTURE(abi.name);
      CAPTURE(name);
      CHECK((find_row(rows, name) != nullptr) == numbers.contains(name));
    }
  }
}

TEST_CASE("syscalls: one row for a number, one for a name, and room for it in the map") {
  for (const Abi& abi : kAbis) {
    CAPTURE(abi.name);
    std::set<std::uint32_t> numbers;
    std::set<std::string_view> names;
    for (const SyscallRow& row : rows_of(abi)) {
      const std::string name(row.name);
      CAPTURE(name);
      CHECK(row.number < AA_SYSCALLS_MAX);
      CHECK(numbers.insert(row.number).second);
      CHECK(names.insert(row.name).second);
    }
  }
  for (const SyscallRow& row : syscall_rows(Machine::kArm64)) CHECK(row.abi == AA_NATIVE);
}

// Shapes

// Every argument that the BPF side reads, with the upper halves and the group id.
std::vector<unsigned> arguments_of(const aa_call& call) {
  std::vector<unsigned> arguments;
  for (const Field field : kFields)
    if (call.*field) arguments.push_back(call.*field);
  if (call.owner) arguments.push_back(call.owner + 1u);
  for (const Field number : {&aa_call::size, &aa_call::offset, &aa_call::new_offset})
    if (has(call, AA_CALL_WIDE) && call.*number) arguments.push_back(call.*number + 1u);
  return arguments;
}

TEST_CASE("syscalls: the arguments are among six, each with one meaning") {
  for_each_row([](const Abi&, const SyscallRow& row) {
    std::vector<unsigned> arguments = arguments_of(row.call);
    REQUIRE_FALSE(arguments.empty());
    std::ranges::sort(arguments);
    CHECK(arguments.back() <= 6);
    const bool twice = std::ranges::adjacent_find(arguments) != arguments.end();
    CHECK(twice == has(row.call, AA_CALL_EITHER));
  });
}

// What an event cannot do without: all of `fields`, and either a path or a descriptor if it tells of one `object`. The
// calls that are this event have the kernel's names for them.
struct Need {
  aa_kind kind;
  std::string names;
  std::vector<Field> fields;
  bool object = true;
};

const std::vector<Need> kNeeds = {
    {AA_EXEC, "execve(at)?", {&aa_call::path, &aa_call::text}},
    {AA_OPEN, "open(at2?)?|creat|open_by_handle_at", {}, false},
    {AA_READ, "p?(read|write)(64|v2?)?|sendfile(64)?|copy_file_range|(vm)?splice", {}, false},
    {AA_CLOSE, "close(_range)?|dup[23]", {&aa_call::fd}},
    {AA_MMAP, "mmap2?", {&aa_call::fd, &aa_call::flags, &aa_call::mode, &aa_call::size}},
    {AA_UNLINK, "unlink(at)?", {&aa_call::path}},
    {AA_RMDIR, "rmdir", {&aa_call::path}},
    {AA_MKDIR, "mkdir(at)?", {&aa_call::path, &aa_call::mode}},
    {AA_MKNOD, "mknod(at)?", {&aa_call::path, &aa_call::mode}},
    {AA_RENAME, "rename(at2?)?", {&aa_call::path, &aa_call::new_path}},
    {AA_LINK, "link(at)?", {&aa_call::path, &aa_call::new_path}},
    {AA_SYMLINK, "symlink(at)?", {&aa_call::path, &aa_call::text}},
    {AA_CHMOD, "f?chmod(at2?)?", {&aa_call::mode}},
    {AA_CHOWN, "[fl]?chown(32|at)?", {&aa_call::owner}},
    {AA_TRUNCATE, "f?truncate(64)?|fallocate", {&aa_call::size}},
    {AA_UTIME, "utimes?|futimesat|utimensat(_time64)?", {&aa_call::path}},
    {AA_XATTR, "[fl]?(set|remove)xattr(at)?", {&aa_call::text}},
};

void check_needs(const SyscallRow& row) {
  const aa_call& call = row.call;
  const auto need = std::ranges::find(kNeeds, call.kind, &Need::kind);
  REQUIRE(need != kNeeds.end());
  CHECK(std::regex_match(std::string(row.name), std::regex(need->names)));
  for (const Field field : need->fields) CHECK(call.*field != 0);
  if (need->object) CHECK((call.path != 0) != (call.fd != 0));
  if (call.kind == AA_READ) CHECK((call.fd || call.new_fd));
  if (call.kind == AA_OPEN) CHECK((call.path != 0) == (row.name != "open_by_handle_at"));
  if (call.kind == AA_OPEN) CHECK((call.flags != 0) != has(call, AA_CALL_CREAT));
  CHECK((!call.dir || call.path));
  CHECK((!call.new_dir || call.new_path));
}

TEST_CASE("syscalls: each row has what its event needs") {
  for_each_row([](const Abi&, const SyscallRow& row) { check_needs(row); });
}

TEST_CASE("syscalls: a trait stands where it means something") {
  for_each_row([](const Abi& abi, const SyscallRow& row) {
    const aa_call& call = row.call;
    const bool on_i386 = abi.abi == AA_COMPAT32, offset = call.offset || call.new_offset;
    if (has(call, AA_CALL_WIDE)) CHECK((on_i386 && (call.size || offset)));
    if (has(call, AA_CALL_SHORT_IDS)) CHECK((on_i386 && call.owner));
    if (has(call, AA_CALL_INDIRECT)) CHECK(on_i386);
    if (has(call, AA_CALL_SHORT_OFFSET)) CHECK((on_i386 && has(call, AA_CALL_POINTERS)));
    if (has(call, AA_CALL_POINTERS)) CHECK((call.kind == AA_READ && offset));
    CHECK(has(call, AA_CALL_HOW) == (row.name == "openat2"));
    CHECK(has(call, AA_CALL_NULL_IS_DIR) == (call.dir && (call.kind == AA_UTIME || call.kind == AA_XATTR)));
    CHECK(has(call, AA_CALL_REMOVE) == (row.name.find("removexattr") != std::string_view::npos));
    CHECK(has(call, AA_CALL_RANGE) == (row.name == "close_range"));
  });
}

TEST_CASE("syscalls: each machine can report each kind") {
  for (const Abi& abi : kAbis) {
    std::set<unsigned> kinds;
    for (const SyscallRow& row : rows_of(abi)) kinds.insert(row.call.kind);
    for (const Need& need : kNeeds) {
      CAPTURE(abi.name);
      CAPTURE(int(need.kind));
      const bool by_unlinkat = need.kind == AA_RMDIR && abi.machine == Machine::kArm64;
      CHECK(kinds.contains(need.kind) != by_unlinkat);
    }
  }
}

// Machines

struct Difference {
  const char* name;
  unsigned traits;  // more than the call of x86-64 has
  unsigned size;    // where it stands, if elsewhere
};

// On i386. All other calls are as on x86-64, and all of arm64.
constexpr Difference kDifferences[] = {
    {"chown", AA_CALL_SHORT_IDS, 0}, {"lchown", AA_CALL_SHORT_IDS, 0},      {"fchown", AA_CALL_SHORT_IDS, 0},
    {"truncate64", AA_CALL_WIDE, 0}, {"ftruncate64", AA_CALL_WIDE, 0},      {"fallocate", AA_CALL_WIDE, 5},
    {"pread64", AA_CALL_WIDE, 0},    {"preadv", AA_CALL_WIDE, 0},           {"preadv2", AA_CALL_WIDE, 0},
    {"pwrite64", AA_CALL_WIDE, 0},   {"pwritev", AA_CALL_WIDE, 0},          {"pwritev2", AA_CALL_WIDE, 0},
    {"mmap", AA_CALL_INDIRECT, 0},   {"sendfile", AA_CALL_SHORT_OFFSET, 0},
};

// The second generations on i386, and what x86-64 calls the same
const std::map<std::string_view, std::string_view> kSecondNames = {
    {"chown32", "chown"},       {"lchown32", "lchown"},       {"fchown32", "fchown"},
    {"truncate64", "truncate"}, {"ftruncate64", "ftruncate"}, {"utimensat_time64", "utimensat"},
    {"mmap2", "mmap"},          {"sendfile64", "sendfile"},
};

aa_call expected_on_i386(aa_call call, std::string_view name) {
  for (const Difference& difference : kDifferences) {
    if (name != difference.name) continue;
    call.traits = static_cast<__u16>(call.traits | difference.traits);
    if (difference.size) call.size = static_cast<__u8>(difference.size);
  }
  return call;
}

bool equal(const aa_call& one, const aa_call& other) { return std::memcmp(&one, &other, sizeof one) == 0; }

TEST_CASE("syscalls: a call is the same on each machine but for the listed differences") {
  const std::vector<SyscallRow> model = rows_of(kX86_64);
  for (const Abi& abi : {kI386, kArm64})
    for (const SyscallRow& row : rows_of(abi)) {
      const std::string name(row.name);
      CAPTURE(abi.name);
      CAPTURE(name);
      const auto second = kSecondNames.find(row.name);
      const SyscallRow* same = find_row(model, second == kSecondNames.end() ? row.name : second->second);
      REQUIRE(same);
      CHECK(equal(row.call, abi.abi == AA_COMPAT32 ? expected_on_i386(same->call, row.name) : same->call));
    }
  for (const Difference& difference : kDifferences) CHECK(find_row(rows_of(kI386), difference.name));
}

}  // namespace
}  // namespace aa::test
