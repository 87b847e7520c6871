// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a selection of events needs of the kernel side.
#include "plan/selection.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "plan/syscalls.hpp"

namespace aa::test {
namespace {

using Names = std::set<std::string>;

KindSet kinds(const std::string& list) {
  const auto parsed = parse_kinds(list);
  REQUIRE(bool(parsed));
  return parsed->all();
}

constexpr unsigned kBoth = AA_SUCCEEDED | AA_FAILED;

// The calls of x86-64 that the selection needs.
Names calls_for(const std::string& list, unsigned outcomes = kBoth) {
  const Selection selection{kinds(list), outcomes};
  Names names;
  for (const SyscallRow& row : syscall_rows(Machine::kX86_64))
    if (row.abi == AA_NATIVE && needs_call(selection, row.call)) names.emplace(row.name);
  return names;
}

Names together(const Names& a, const Names& b) {
  Names all = a;
  all.insert(b.begin(), b.end());
  return all;
}

const Names kReads = {"read", "readv", "pread64", "preadv", "preadv2"};
const Names kWrites = {"write", "writev", "pwrite64", "pwritev", "pwritev2"};
const Names kCopies = {"sendfile", "copy_file_range", "splice", "vmsplice"};
const Names kCloses = {"close", "dup2", "dup3", "close_range"};
const Names kTransfers = together(together(kReads, kWrites), kCopies);

struct Row {
  std::string events;
  Names calls;
};

const Row kRows[] = {
    {"fork", {}},
    {"exit", {}},
    {"exec", {"execve", "execveat"}},
    {"open", {"open", "openat", "openat2", "creat", "open_by_handle_at"}},
    {"io", together(kTransfers, kCloses)},
    {"read", together(kReads, kCopies)},
    {"write", together(kWrites, kCopies)},
    {"close", kCloses},
    {"mmap", {"mmap"}},
    {"unlink", {"unlink", "unlinkat"}},
    {"rmdir", {"rmdir", "unlinkat"}},
    {"mkdir", {"mkdir", "mkdirat"}},
    {"mknod", {"mknod", "mknodat"}},
    {"rename", {"rename", "renameat", "renameat2"}},
    {"link", {"link", "linkat"}},
    {"symlink", {"symlink", "symlinkat"}},
    {"chmod", {"chmod", "fchmod", "fchmodat", "fchmodat2"}},
    {"chown", {"chown", "fchown", "lchown", "fchownat"}},
    {"truncate", {"truncate", "ftruncate", "fallocate"}},
    {"utime", {"utime", "utimes", "futimesat", "utimensat"}},
    {"xattr",
     {"setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr",
      "removexattrat"}},
};

TEST_CASE("hooks: the calls of each event") {
  CHECK(std::size(kRows) == names_of(kinds("all")).size());
  for (const Row& row : kRows) {
    CAPTURE(row.events);
    CHECK(calls_for(row.events) == row.calls);
  }
}

TEST_CASE("hooks: a selection needs what its events need, and no more") {
  for (const Row& one : kRows)
    for (const Row& other : kRows) {
      CAPTURE(one.events);
      CAPTURE(other.events);
      CHECK(calls_for(one.events + "," + other.events) == together(one.calls, other.calls));
    }
  Names all;
  for (const Row& row : kRows) all = together(all, row.calls);
  CHECK(calls_for("all") == all);
  std::size_t rows = 0;
  for (const SyscallRow& row : syscall_rows(Machine::kX86_64)) rows += row.abi == AA_NATIVE;
  CHECK(all.size() == rows);
}

TEST_CASE("hooks: only those that failed, only those that succeeded") {
  // a successful exec has its own hook; these cannot fail, or nobody hears of it
  const Names never_fail = {"fork", "exit", "io", "close", "mmap"};
  for (const Row& row : kRows) {
    CAPTURE(row.events);
    CHECK(calls_for(row.events, AA_SUCCEEDED) == (row.events == "exec" ? Names{} : row.calls));
    CHECK(calls_for(row.events, AA_FAILED) == (never_fail.contains(row.events) ? Names{} : row.calls));
  }
}

TEST_CASE("hooks: what is asked for") {
  CHECK(is_asked({kinds("open"), AA_FAILED}, AA_OPEN));
  CHECK_FALSE(is_asked({kinds("open"), kBoth}, AA_UNLINK));
  CHECK_FALSE(is_asked({kinds("all"), AA_FAILED}, AA_EXIT));
  CHECK_FALSE(is_asked({kinds("all"), AA_FAILED}, AA_IO));
  CHECK(is_asked({kinds("all"), AA_FAILED}, AA_READ));
  CHECK(is_asked({kinds("all"), AA_SUCCEEDED}, AA_EXIT));
  // for user space alone
  CHECK_FALSE(is_asked({kinds("all"), kBoth}, AA_JOIN));
  CHECK_FALSE(is_asked({kinds("all"), kBoth}, AA_DESCRIPTOR));
  CHECK_FALSE(is_asked({kinds("all"), kBoth}, AA_RESULT));
}

struct HookRow {
  const char* events;
  unsigned outcomes;
  bool at_exit, at_entry, uring;
};

TEST_CASE("hooks: which of them are attached") {
  const HookRow rows[] = {
      {"fork", kBoth, false, false, false},
      {"process", AA_SUCCEEDED, false, false, false},
      {"exec", kBoth, true, false, false},
      {"exec", AA_SUCCEEDED, false, false, false},
      {"exec", AA_FAILED, true, false, false},
      {"exit", AA_FAILED, false, false, false},
      {"open", kBoth, true, false, true},
      {"open", AA_FAILED, true, false, true},
      {"io", kBoth, true, false, true},
      {"io", AA_FAILED, false, false, false},
      {"read", kBoth, true, false, true},
      {"write", kBoth, true, false, true},
      {"close", kBoth, true, true, true},
      {"close", AA_FAILED, false, false, false},
      {"calls", kBoth, true, true, true},
      {"mmap", kBoth, true, false, false},
      {"mmap", AA_FAILED, false, false, false},
      {"unlink", kBoth, true, false, true},
      {"rmdir", kBoth, true, false, true},
      {"mkdir", kBoth, true, false, true},
      {"mknod", kBoth, true, false, false},
      {"rename", kBoth, true, false, true},
      {"link", kBoth, true, false, true},
      {"symlink", kBoth, true, false, true},
      {"chmod", kBoth, true, false, false},
      {"chown", kBoth, true, false, false},
      {"truncate", kBoth, true, false, true},
      {"utime", kBoth, true, false, false},
      {"xattr", kBoth, true, false, true},
      {"file", kBoth, true, false, true},
      {"all", kBoth, true, true, true},
      {"all", AA_FAILED, true, false, true},
      {"fork,exit,close", AA_FAILED, false, false, false},
  };
  for (const HookRow& row : rows) {
    CAPTURE(row.events);
    CAPTURE(row.outcomes);
    const Selection selection{kinds(row.events), row.outcomes};
    CHECK(needs_syscall_exit(selection) == row.at_exit);
    CHECK(needs_syscall_enter(selection) == row.at_entry);
    CHECK(needs_uring(selection) == row.uring);
  }
}

}  // namespace
}  // namespace aa::test
