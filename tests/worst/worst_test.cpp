// SPDX-License-Identifier: MIT OR Apache-2.0
//
// `make bench`: how long each program runs when a process drives it to its bounds. Not a test: machines are busy, and
// what holds the bounds is counted work (bounds_test.cpp).
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
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

struct Worst {
  const char* program;
  aa_timed timed;
  const char* what;
  aa_kind kind;
  void (*act)();  // in a directory of its own
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
    {"seed_tasks", AA_TIMED_SEED, "every process here", AA_EXIT, [] {}},
};

}  // namespace

TEST_CASE("worst: the longest run of each program") {
  std::printf("%-14s %-45s %10s\n", "program", "worst case", "us");
  for (const Worst& worst : kWorst) {
    std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
    for (int round = 0; round < kRounds; round++) {
      const Scratch scratch;
      const Traced traced = trace_child(probe_features(kernel_types()), {.kinds = kind_bit(worst.kind)}, [&] {
        must(chdir(scratch.path().c_str()) == 0);
        worst.act();
        _exit(0);
      });
      CHECK(traced.status == 0);
      shortest = std::min(shortest, traced.longest[worst.timed]);
    }
    std::printf("%-14s %-45s %10.1f\n", worst.program, worst.what, static_cast<double>(shortest) / 1000);
    std::fflush(stdout);
  }
}

}  // namespace aa::test
