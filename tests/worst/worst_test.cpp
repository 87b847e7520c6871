// SPDX-License-Identifier: MIT OR Apache-2.0
//
// `make bench`: how long each program runs when a process drives it to its bounds. Not a test: machines are busy, and
// what holds the bounds is counted work (bounds_test.cpp).
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bpf/scratch.hpp"
#include "bpf/trace.hpp"

namespace aa::test {
namespace {

constexpr int kRounds = 5;     // the shortest of their longest runs counts: what interrupts a run is not its own
constexpr int kRepeats = 3;    // in a round, of what can be done again
constexpr int kUsed = 19'000;  // descriptors

const std::string kName(200, 'n');

void enter(const char* name, int times) {
  for (int i = 0; i < times; i++) must((mkdir(name, 0700) == 0 || errno == EEXIST) && chdir(name) == 0);
}

void fail_exec(std::size_t count, std::size_t length) {
  const std::string argument(length, 'x');
  std::vector<char*> argv(count, const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  for (int i = 0; i < kRepeats; i++) must(execv("/nonexistent", argv.data()) == -1);
}

void use_descriptors(bool written) {
  const rlimit limit{kUsed + 100, kUsed + 100};
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  const int file = open("used", O_CREAT | O_RDWR, 0600);
  must(file >= 0);
  for (int fd = 50; fd < 50 + kUsed; fd++) must(dup2(file, fd) == fd && (!written || write(fd, "x", 1) == 1));
}

void exec_true() {
  const char* argv[] = {"true", nullptr};
  execv("/usr/bin/true", const_cast<char**>(argv));
}

// Of the names of two directories that are as deep as paths are followed.
void rename_between_deep(int depth, const char* name) {
  const int start = open(".", O_RDONLY | O_DIRECTORY);
  must(start >= 0);
  int ends[2];
  for (int i = 0; i < 2; i++) {
    must(fchdir(start) == 0 && mkdir(i ? "b" : "a", 0700) == 0 && chdir(i ? "b" : "a") == 0);
    enter(name, depth);
    must((ends[i] = open(".", O_RDONLY | O_DIRECTORY)) >= 0);
  }
  must(mkdirat(ends[0], "from", 0700) == 0);
  for (int i = 0; i < kRepeats; i++) {
    must(renameat(ends[0], "from", ends[1], "to") == 0);
    must(renameat(ends[1], "to", ends[0], "from") == 0);
  }
}

// Filters as long as a task may have (8,192 instructions are looked at), each of which allows everything.
void filter_calls() {
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  std::vector<sock_filter> code(4096, {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0});
  code.back() = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  const sock_fprog filter{static_cast<unsigned short>(code.size()), code.data()};
  for (int i = 0; i < 4; i++) must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0);
  for (int i = 0; i < kRepeats; i++) mkdir("filtered", 0700);
}

// Signals that wait, one of each.
void leave_signals_pending() {
  sigset_t all;
  sigfillset(&all);
  must(sigprocmask(SIG_BLOCK, &all, nullptr) == 0);
  for (int number = 1; number <= SIGRTMAX; number++)
    // the C library keeps two for itself, and never blocks them
    if (number != SIGKILL && number != SIGSTOP && (number < 32 || number >= SIGRTMIN)) kill(getpid(), number);
  for (int i = 0; i < kRepeats; i++) mkdir("pending", 0700);
}

void descend(int generations) {
  if (generations == 0) exec_true();
  const pid_t pid = fork();
  must(pid >= 0);
  if (pid == 0) descend(generations - 1);
  int status = 0;
  must(waitpid(pid, &status, 0) == pid);
}

// As deep as a root is looked for: mounts on mounts, in a namespace of its own.
void mount_on_mounts() {
  must(unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
  for (int i = 0; i < 40; i++) must(mount("none", "/mnt", "tmpfs", 0, nullptr) == 0);
  must(chroot("/mnt") == 0 && chdir("/") == 0);
  for (int i = 0; i < kRepeats; i++) mkdir("/mounted", 0700);
}

// A ring whose requests each have two names of a path's length.
struct Ring {
  static constexpr unsigned kEntries = 64;
  int fd = -1;
  unsigned* tail = nullptr;
  io_uring_sqe* requests = nullptr;

  Ring() {
    io_uring_params params{};
    fd = static_cast<int>(syscall(SYS_io_uring_setup, kEntries, &params));
    must(fd >= 0);
    const std::size_t size = params.sq_off.array + kEntries * sizeof(unsigned);
    char* queue = static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING));
    requests = static_cast<io_uring_sqe*>(
        mmap(nullptr, kEntries * sizeof(io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES));
    must(queue != MAP_FAILED && requests != MAP_FAILED);
    tail = reinterpret_cast<unsigned*>(queue + params.sq_off.tail);
    for (unsigned i = 0; i < kEntries; i++) reinterpret_cast<unsigned*>(queue + params.sq_off.array)[i] = i;
  }
  // `first_flags`: more of the first one. If it wants no result, there is only that of its failure.
  void rename_often(const char* name, std::uint8_t flags, std::uint8_t first_flags = 0) const {
    for (unsigned i = 0; i < kEntries; i++) {
      requests[i] = {};
      requests[i].opcode = IORING_OP_RENAMEAT;
      const bool is_last = i == kEntries - 1;
      requests[i].flags = i == 0 ? flags | first_flags : is_last ? flags & ~IOSQE_IO_LINK : flags;
      requests[i].fd = AT_FDCWD;
      requests[i].len = static_cast<unsigned>(AT_FDCWD);
      requests[i].addr = requests[i].addr2 = reinterpret_cast<std::uint64_t>(name);
    }
    __atomic_store_n(tail, *tail + kEntries, __ATOMIC_RELEASE);
    const unsigned awaited = first_flags ? 1 : kEntries;
    must(syscall(SYS_io_uring_enter, fd, kEntries, awaited, IORING_ENTER_GETEVENTS, nullptr, 0) > 0);
  }
};

struct Worst {
  const char* program;
  aa_timed timed;
  const char* what;
  aa_kind kind;
  void (*act)();        // in a directory of its own
  int rule_depth = -1;  // a rule leaves out what is so many directories "d" below that
};

const Worst kWorst[] = {
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "exec fails: 100,000 empty arguments", AA_EXEC,
     [] { fail_exec(100'000, 0); }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "exec fails: 3,000 arguments of 2 MiB", AA_EXEC,
     [] { fail_exec(3000, 2 << 20); }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "rename, 128 components and 4095 bytes twice", AA_RENAME,
     [] {
       enter("abcdefghijklmnopqrstuvwxyz", 120);
       const std::string name(4095, '/');
       for (int i = 0; i < kRepeats; i++) rename(name.c_str(), name.c_str());
     }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "mkdir below 1,000 components", AA_MKDIR, [] { enter("d", 1000); }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "mkdir below 3,000 components", AA_MKDIR, [] { enter("d", 3000); }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "mkdir below names of 200 bytes", AA_MKDIR,
     [] { enter(kName.c_str(), 900); }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "close_range over 19,000 used descriptors", AA_IO,
     [] {
       use_descriptors(true);
       syscall(SYS_close_range, 50, ~0U, 0);
     }},
    {"syscall_enter", AA_TIMED_SYSCALL_ENTER, "close_range over 19,000 open descriptors", AA_CLOSE,
     [] {
       use_descriptors(false);
       syscall(SYS_close_range, 50, ~0U, 0);
     }},
    {"syscall_enter", AA_TIMED_SYSCALL_ENTER, "the same, below 1,000 components", AA_CLOSE,
     [] {
       enter("d", 1000);
       use_descriptors(false);
       syscall(SYS_close_range, 50, ~0U, 0);
     }},
    {"process_exit", AA_TIMED_EXIT, "with 19,000 used descriptors", AA_IO, [] { use_descriptors(true); }},
    {"process_exec", AA_TIMED_EXEC, "with 19,000 used descriptors", AA_IO,
     [] {
       use_descriptors(true);
       exec_true();
     }},
    {"process_exec", AA_TIMED_EXEC, "below 1,000 components", AA_EXEC,
     [] {
       enter("d", 1000);
       exec_true();
     }},
    {"process_fork", AA_TIMED_FORK, "fork", AA_FORK,
     [] {
       for (int i = 0; i < kRepeats; i++) {
         const pid_t pid = fork();
         if (pid == 0) _exit(0);
         waitpid(pid, nullptr, 0);
       }
     }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "rename between two of 1,000 components", AA_RENAME,
     [] { rename_between_deep(1000, "d"); }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "rename between two of 900 names of 200 bytes", AA_RENAME,
     [] { rename_between_deep(900, kName.c_str()); }},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "mkdir under filters of 16,384 instructions", AA_MKDIR, filter_calls},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "mkdir with 60 signals pending", AA_MKDIR, leave_signals_pending},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "mkdir in a root below 40 mounts", AA_MKDIR, mount_on_mounts},
    {"syscall_exit", AA_TIMED_SYSCALL_EXIT, "rename of 120 components that a rule follows", AA_RENAME,
     [] {
       enter("d", 120);
       for (int i = 0; i < kRepeats; i++) rename("a/b/c/d/e/f/g/h/i/j/k/l/m/n", "a/b/c/d/e/f/g/h/i/j/k/l/m/o");
     },
     12},
    {"process_exec", AA_TIMED_EXEC, "80 generations below its ancestor", AA_EXEC, [] { descend(80); }},
    {"uring_submit", AA_TIMED_URING_SUBMIT, "rename, 4095 bytes twice, below 120 components", AA_RENAME,
     [] {
       enter("abcdefghijklmnopqrstuvwxyz", 120);
       Ring().rename_often(std::string(4095, '/').c_str(), 0);
     }},
    {"uring_complete", AA_TIMED_URING_COMPLETE, "the same", AA_RENAME,
     [] {
       enter("abcdefghijklmnopqrstuvwxyz", 120);
       Ring().rename_often(std::string(4095, '/').c_str(), 0);
     }},
    {"uring_complete", AA_TIMED_URING_COMPLETE, "64 linked ones, of which the first fails", AA_RENAME,
     [] { Ring().rename_often("not-there", IOSQE_IO_LINK); }},
    {"uring_overflow", AA_TIMED_URING_OVERFLOW, "results that find no room", AA_RENAME,
     [] {
       const Ring ring;
       for (int i = 0; i < 6; i++) ring.rename_often("not-there", 0);
     }},
    {"uring_refused", AA_TIMED_URING_REFUSED, "rename, 4095 bytes twice, below 120 components", AA_RENAME,
     [] {
       constexpr std::uint8_t kUnknownFlag = 0x80;
       enter("abcdefghijklmnopqrstuvwxyz", 120);
       Ring().rename_often(std::string(4095, '/').c_str(), kUnknownFlag);
     }},
    {"seed_tasks", AA_TIMED_SEED, "every process here", AA_EXIT, [] {}},
};

std::shared_ptr<const RuleSet> rules_below(std::string path, int depth) {
  for (int i = 0; i < depth; i++) path += "/d";
  auto set = RuleSet::compile({{RuleKind::kAllow, Level::kInfo, path + "/"}}, {});
  REQUIRE(bool(set));
  return *set;
}

}  // namespace

TEST_CASE("worst: the longest run of each program") {
  std::printf("%-14s %-45s %10s\n", "program", "worst case", "us");
  for (const Worst& worst : kWorst) {
    std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
    for (int round = 0; round < kRounds; round++) {
      const Scratch scratch;
      const auto rules = worst.rule_depth < 0 ? nullptr : rules_below(scratch.path(), worst.rule_depth);
      const auto body = [&] {
        must(chdir(scratch.path().c_str()) == 0);
        worst.act();
        _exit(0);
      };
      const Traced traced =
          trace_child(probe_features(kernel_types()), {.kinds = kind_bit(worst.kind)}, body, 16 << 20, rules.get());
      CHECK(traced.status == 0);
      shortest = std::min(shortest, traced.longest[worst.timed]);
    }
    std::printf("%-14s %-45s %10.1f\n", worst.program, worst.what, static_cast<double>(shortest) / 1000);
    std::fflush(stdout);
  }
}

}  // namespace aa::test
