// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A real process, traced with every set of features: what older kernels run must work too.
#include "bpf/trace.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/scratch.hpp"

namespace aa::test {
namespace {

constexpr char kTrue[] = "/usr/bin/true";

std::string true_exe() { return std::filesystem::canonical(kTrue); }

void exec_true() {
  const char* argv[] = {"true", "", "with space", nullptr};
  execv(kTrue, const_cast<char**>(argv));
}

TEST_CASE("trace: an exec with its binary, directory, name and arguments, and one exit") {
  for (const NamedFeatures& row : loadable_features()) {
    CAPTURE(row.name);
    const Scratch scratch;
    const std::string cwd = scratch.path() + "/some/deep/directory";
    std::filesystem::create_directories(cwd);
    const Traced traced = trace_child(row.features, [&cwd] {
      must(chdir(cwd.c_str()) == 0);
      exec_true();
    });
    CHECK(traced.clean());
    CHECK(traced.forks == 0);
    CHECK(traced.exit_codes == std::vector<int>{0});
    REQUIRE(traced.execs.size() == 1);
    const SeenExec& exec = traced.execs.front();
    CHECK(exec.error == 0);
    CHECK(exec.filename.is(kTrue));
    CHECK(exec.exe.is(true_exe()));
    CHECK(exec.cwd.is(cwd));
    CHECK(exec.argv == std::vector<std::string>{"true", "", "with space"});
  }
}

TEST_CASE("trace: a failed exec") {
  for (const NamedFeatures& row : loadable_features()) {
    CAPTURE(row.name);
    const Scratch scratch;
    const Traced traced = trace_child(row.features, [&scratch] {
      must(chdir(scratch.path().c_str()) == 0);
      // on the stack: the kernel never reads the arguments of a file that is not there, and a fork does not map the
      // pages of literals, so those would be unreadable
      char first[] = "missing", second[] = "", third[] = "x";
      char* argv[] = {first, second, third, nullptr};
      must(execv("./missing", argv) == -1 && errno == ENOENT);
      _exit(0);
    });
    CHECK(traced.clean());
    REQUIRE(traced.execs.size() == 1);
    const SeenExec& exec = traced.execs.front();
    CHECK(exec.error == ENOENT);
    CHECK(exec.filename.is("./missing"));
    CHECK(exec.cwd.is(scratch.path()));
    CHECK(exec.exe.state == Text::State::kAbsent);
    CHECK(exec.argv == std::vector<std::string>{"missing", "", "x"});
  }
}

TEST_CASE("trace: children are watched, and each has its exit") {
  for (const NamedFeatures& row : loadable_features()) {
    CAPTURE(row.name);
    const Traced traced = trace_child(row.features, [] {
      for (int code = 1; code <= 3; code++) {
        const pid_t pid = fork();
        must(pid >= 0);
        if (pid == 0) _exit(code);
        must(waitpid(pid, nullptr, 0) == pid);
      }
      exec_true();
    });
    CHECK(traced.clean());
    CHECK(traced.forks == 3);
    CHECK(traced.exit_codes == std::vector<int>{1, 2, 3, 0});
    CHECK(traced.execs.size() == 1);
  }
}

// Threads that end all at once, and a leader that ends before them or with them.
void end_with_threads(bool leader_first) {
  static pthread_barrier_t barrier;
  constexpr unsigned kThreads = 8;
  must(pthread_barrier_init(&barrier, nullptr, kThreads + 1) == 0);
  for (unsigned i = 0; i < kThreads; i++) {
    pthread_t thread;
    const auto run = [](void*) -> void* {
      pthread_barrier_wait(&barrier);
      return nullptr;
    };
    must(pthread_create(&thread, nullptr, run, nullptr) == 0);
    must(pthread_detach(thread) == 0);
  }
  pthread_barrier_wait(&barrier);
  // pthread_exit() unwinds, which the frames of the test do not allow
  if (leader_first) syscall(SYS_exit, 0);
  _exit(0);
}

TEST_CASE("trace: a process of many threads has one exit") {
  constexpr int kRounds = 20;
  for (const NamedFeatures& row : loadable_features())
    for (const bool leader_first : {false, true}) {
      CAPTURE(row.name);
      CAPTURE(leader_first);
      const Traced traced = trace_child(row.features, [leader_first] {
        for (int round = 0; round < kRounds; round++) {
          const pid_t pid = fork();
          must(pid >= 0);
          if (pid == 0) end_with_threads(leader_first);
          int status = -1;
          must(waitpid(pid, &status, 0) == pid && status == 0);
        }
        _exit(0);
      });
      CHECK(traced.clean());
      CHECK(traced.forks == kRounds);
      CHECK(traced.exit_codes == std::vector<int>(kRounds + 1, 0));
    }
}

}  // namespace
}  // namespace aa::test
