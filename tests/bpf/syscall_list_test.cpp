// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Is the table of system calls complete? Every call of this kernel that takes a path or a descriptor is in it, or here
// with the reason why not; and each argument that the table names is one of that meaning.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/syscalls.hpp"

namespace aa::test {
namespace {

// What the kernel says of its calls: CONFIG_FTRACE_SYSCALLS, and tracefs at its place (tests/run.sh mounts it).
const std::filesystem::path kEvents = "/sys/kernel/tracing/events/syscalls";
const std::string kEntry = "sys_enter_";

struct Argument {
  std::string type, name;
};
using Arguments = std::vector<Argument>;
using Calls = std::map<std::string, Arguments>;
using Names = std::set<std::string>;

struct Group {
  std::string reason;
  Names calls;
};

// Calls that take a path or a descriptor and are no row. Names are those of the kernel's functions, also of calls that
// only other configurations, machines and releases have.
const std::vector<Group> kExceptions = {
    {"looks at a file or at its name: nothing is changed, and none of its data read",
     {"access",     "cachestat",   "faccessat",  "faccessat2", "fgetxattr",  "file_getattr",
      "flistxattr", "fstatfs",     "getcwd",     "getxattr",   "getxattrat", "lgetxattr",
      "listxattr",  "listxattrat", "llistxattr", "newfstat",   "newfstatat", "name_to_handle_at",
      "newlstat",   "newstat",     "readlink",   "readlinkat", "statfs",     "statx"}},
    {"reads the names in a directory: reads are those of files", {"getdents", "getdents64"}},
    {"changes the open file and not what is in it: position, locks, flags; or names it anew (F_DUPFD)",
     {"fcntl", "flock", "lseek"}},
    {"decides when data is written out or read ahead, not which",
     {"fadvise64", "fadvise64_64", "fdatasync", "fsync", "readahead", "sync_file_range", "sync_file_range2", "syncfs"}},
    {"waits for what others do to a file",
     {"epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "fanotify_mark", "inotify_add_watch",
      "inotify_rm_watch", "poll", "ppoll"}},
    {"changes what paths mean to the process: directory, root, namespace, mounts. The paths of later events follow it",
     {"chdir", "chroot", "fchdir", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount",
      "open_tree", "open_tree_attr", "pivot_root", "setns", "umount"}},
    {"makes a descriptor and closes none: reads and writes through it count under its number",
     {"dup", "pidfd_getfd", "pipe", "pipe2"}},
    {"the network is not watched. bind also makes the file of a Unix socket, which no event tells",
     {"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recvfrom",
      "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown"}},
    {"from one pipe to another, and the data stays in the first: no file", {"tee"}},
    {"a descriptor of something else than a file: timer, signals, counter, process, rules, message queue",
     {"landlock_add_rule", "landlock_restrict_self", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive",
      "mq_timedsend", "mq_unlink", "perf_event_open", "pidfd_send_signal", "process_madvise", "process_mrelease",
      "signalfd", "signalfd4", "timerfd_gettime", "timerfd_settime"}},
    {"characters that are no path: a key, a name, a buffer, an address",
     {"add_key", "delete_module", "getrandom", "init_module", "lookup_dcookie", "memfd_create", "mincore",
      "request_key", "setdomainname", "sethostname", "shmat", "shmdt", "syslog"}},
    {"gives a file to the kernel, which reads or writes it by itself: an administrator's call, without an event",
     {"acct", "finit_module", "kexec_file_load", "quotactl", "quotactl_fd", "swapoff", "swapon", "uselib"}},
    {"changes what no event tells: a file's flags (chattr), a clone of another's data (FICLONE), a device's state",
     {"file_setattr", "ioctl"}},
    {"io_uring: the ring's own descriptor. What the ring is asked for has its own hooks (bpf/uring.bpf.h)",
     {"io_uring_enter", "io_uring_register"}},
};

// Calls that change a file, or close one, without a path or a descriptor among their arguments: a row could not say it.
const std::vector<Group> kUnnamed = {
    {"asynchronous I/O: the descriptors are in the control blocks, the bytes come later", {"io_submit"}},
    {"writes through memory: a mapping that becomes writable only later (it was no mmap event), a hole (MADV_REMOVE), "
     "and what another process's mapping is made to say",
     {"madvise", "mprotect", "pkey_mprotect", "process_vm_writev", "ptrace"}},
    {"makes files in bpffs (BPF_OBJ_PIN): the path is in the attributes", {"bpf"}},
    {"closes descriptors: the exit event, and the last io events of the process", {"exit", "exit_group"}},
};

// "field:const char * filename; offset:24; ..." The fields that are no argument begin with `common_` or "__".
Arguments parse_format(std::ifstream file) {
  const std::string field = "\tfield:";
  Arguments arguments;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(field)) continue;
    const std::string declaration = line.substr(field.size(), line.find(';') - field.size());
    const std::size_t space = declaration.rfind(' ');
    if (space == std::string::npos) continue;
    const std::string name = declaration.substr(space + 1);
    if (!name.starts_with("common_") && !name.starts_with("__"))
      arguments.push_back({declaration.substr(0, space), name});
  }
  return arguments;
}

Calls calls_of_kernel() {
  Calls calls;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kEvents, error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kEntry))
      calls[name.substr(kEntry.size())] = parse_format(std::ifstream(entry.path() / "format"));
  }
  if (calls.empty()) FAIL("no system calls in ", kEvents.string());
  return calls;
}

// Rows have the names of the ABI; where the kernel's function is called otherwise, this is it.
std::string function_of(const SyscallRow& row) { return row.name == "sendfile" ? "sendfile64" : std::string(row.name); }

std::vector<SyscallRow> native_rows() {
  std::vector<SyscallRow> rows = syscall_rows(kThisMachine);
  std::erase_if(rows, [](const SyscallRow& row) { return row.abi != AA_NATIVE; });
  return rows;
}

Names functions_in_table() {
  Names names;
  for (const SyscallRow& row : native_rows()) names.insert(function_of(row));
  return names;
}

Names names_in(const std::vector<Group>& groups) {
  Names names;
  for (const Group& group : groups) names.insert(group.calls.begin(), group.calls.end());
  return names;
}

bool is_text(const Argument& argument) { return argument.type.find("char *") != std::string::npos; }

bool is_descriptor(const Argument& argument) {
  return argument.name.find("fd") != std::string::npos || Names{"fildes", "mqdes"}.contains(argument.name);
}

bool names_a_file(const Arguments& arguments) {
  return std::ranges::any_of(arguments, is_text) || std::ranges::any_of(arguments, is_descriptor);
}

TEST_CASE("syscall list: each call that takes a path or a descriptor is in the table or has a reason not to be") {
  const Names table = functions_in_table(), exceptions = names_in(kExceptions);
  int looked_at = 0;
  for (const auto& call : calls_of_kernel()) {
    const std::string& name = call.first;
    if (!names_a_file(call.second)) continue;
    CAPTURE(name);
    CHECK((table.contains(name) || exceptions.contains(name)));
    looked_at++;
  }
  CHECK(looked_at > 120);
}

TEST_CASE("syscall list: an exception is no row, stands once and where it belongs") {
  const Calls calls = calls_of_kernel();
  const Names table = functions_in_table();
  Names seen;
  for (const auto* list : {&kExceptions, &kUnnamed})
    for (const Group& group : *list)
      for (const std::string& name : group.calls) {
        CAPTURE(group.reason);
        CAPTURE(name);
        CHECK_FALSE(table.contains(name));
        CHECK(seen.insert(name).second);
        const auto known = calls.find(name);
        if (known != calls.end()) CHECK(names_a_file(known->second) == (list == &kExceptions));
      }
}

// What the kernel calls the arguments that a field of aa_call stands for
struct Meaning {
  const char* field;
  __u8 aa_call::*index;
  Names names;
};

const std::vector<Meaning> kMeanings = {
    {"dir", &aa_call::dir, {"dfd", "olddfd", "newdfd", "fd"}},
    {"path", &aa_call::path, {"filename", "pathname", "path", "oldname", "newname"}},
    {"new_dir", &aa_call::new_dir, {"newdfd"}},
    {"new_path", &aa_call::new_path, {"newname"}},
    {"text", &aa_call::text, {"argv", "oldname", "name"}},
    {"fd", &aa_call::fd, {"fd", "oldfd", "in_fd", "fd_in"}},
    {"new_fd", &aa_call::new_fd, {"fd", "newfd", "max_fd", "out_fd", "fd_out"}},
    {"flags", &aa_call::flags, {"flags", "flag", "at_flags", "how", "mode"}},
    {"mode", &aa_call::mode, {"mode", "prot"}},
    {"size", &aa_call::size, {"length", "len"}},
    {"offset", &aa_call::offset, {"pos", "pos_l", "offset", "off_in"}},
    {"new_offset", &aa_call::new_offset, {"pos", "pos_l", "off_out"}},
    {"owner", &aa_call::owner, {"user"}},
};

// Arguments that have such a name, or are a descriptor, and that no event needs
const std::set<std::pair<std::string, std::string>> kUnread = {
    {"execveat", "flags"},        {"open_by_handle_at", "mountdirfd"},
    {"preadv2", "flags"},         {"pwritev2", "flags"},
    {"splice", "flags"},          {"splice", "len"},
    {"copy_file_range", "flags"}, {"copy_file_range", "len"},
    {"vmsplice", "flags"},        {"dup3", "flags"},
    {"setxattr", "flags"},        {"lsetxattr", "flags"},
    {"fsetxattr", "flags"},       {"fallocate", "offset"},
};

bool is_needed(const Argument& argument) {
  return is_descriptor(argument) ||
         std::ranges::any_of(kMeanings, [&](const Meaning& each) { return each.names.contains(argument.name); });
}

bool is_taken(const aa_call& call, std::size_t index) {
  return std::ranges::any_of(kMeanings, [&](const Meaning& each) { return call.*each.index == index; });
}

void check_argument(const SyscallRow& row, const Meaning& meaning, const Argument& argument) {
  const std::string field = meaning.field;
  const bool is_offset = meaning.index == &aa_call::offset || meaning.index == &aa_call::new_offset;
  const bool is_pointer = argument.type.find('*') != std::string::npos;
  CAPTURE(field);
  CAPTURE(argument.name);
  CHECK(meaning.names.contains(argument.name));
  if (is_offset) CHECK(is_pointer == ((row.call.traits & AA_CALL_POINTERS) != 0));
}

void check_arguments(const SyscallRow& row, const Arguments& arguments) {
  const std::string function = function_of(row);
  for (const Meaning& meaning : kMeanings) {
    const std::size_t index = row.call.*meaning.index;
    REQUIRE(index <= arguments.size());
    if (index) check_argument(row, meaning, arguments[index - 1]);
  }
  for (std::size_t i = 0; i < arguments.size(); i++) {
    CAPTURE(arguments[i].name);
    if (!is_taken(row.call, i + 1)) CHECK(is_needed(arguments[i]) == kUnread.contains({function, arguments[i].name}));
  }
}

TEST_CASE("syscall list: the table takes the arguments that an event needs, each for what it is") {
  const Calls calls = calls_of_kernel();
  std::size_t unknown = 0;
  for (const SyscallRow& row : native_rows()) {
    const std::string name = function_of(row);
    CAPTURE(name);
    const auto known = calls.find(name);
    if (known == calls.end()) unknown++;
    else check_arguments(row, known->second);
  }
  CHECK(unknown <= 3);  // fchmodat2, setxattrat, removexattrat: newer than the oldest kernels
}

}  // namespace
}  // namespace aa::test
