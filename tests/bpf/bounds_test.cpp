// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The bounds of what a watched process can make a program do, by counted work: a machine that is busy does not change
// it. What each is in microseconds stands in docs/architecture.md.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "bpf/scratch.hpp"
#include "bpf/trace.hpp"

namespace aa::test {
namespace {

constexpr std::uint64_t kArguments = 1024 + 1;  // and the pointer behind them
constexpr std::uint64_t kArgvBytes = AA_ARGV_MAX + 1;

// Fails `calls` execs with so many arguments of this length.
Traced fail_execs(const KernelFeatures& features, int calls, std::size_t count, std::size_t length) {
  const std::string argument(length, 'x');
  const std::vector<char*> argv = [&] {
    std::vector<char*> pointers(count, const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    return pointers;
  }();
  return trace_child(features, [&] {
    for (int i = 0; i < calls; i++) must(execv("/nonexistent", argv.data()) == -1 && errno == ENOENT);
    _exit(0);
  });
}

TEST_CASE("bounds: arguments of an exec that fails") {
  constexpr int kCalls = 3;
  struct Row {
    std::size_t count, length;
  };
  for (const NamedFeatures& features : loadable_features())
    for (const Row row : {Row{0, 0}, Row{1, 2 << 20}, Row{3000, 2 << 20}, Row{100'000, 0}, Row{100'000, 1}}) {
      CAPTURE(features.name);
      CAPTURE(row.count);
      CAPTURE(row.length);
      const Traced traced = fail_execs(features.features, kCalls, row.count, row.length);
      CHECK(traced.clean());
      CHECK(traced.execs.size() == kCalls);
      CHECK(traced.work[AA_WORK_ARGUMENTS] > 0);
      CHECK(traced.work[AA_WORK_ARGUMENTS] <= kCalls * kArguments);
      CHECK(traced.work[AA_WORK_ARGV_BYTES] <= kCalls * kArgvBytes);
    }
}

constexpr std::uint64_t kSweep = 192;        // AA_SWEEP_MAX, descriptor.bpf.h
constexpr std::uint64_t kCloseTurns = 1536;  // AA_CLOSE_TURNS_MAX, io.bpf.h
constexpr int kCloses = 192;                 // AA_CLOSES_MAX there
constexpr std::uint64_t kSteps = 3 * 1024;   // a path that is too long: up to its 128th name, twice 1024, once more

Selection only(aa_kind kind) { return {.kinds = kind_bit(kind), .outcomes = AA_SUCCEEDED | AA_FAILED}; }

// False: this machine does not allow it, which is printed.
bool may_have_descriptors(int count) {
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit wanted{static_cast<rlim_t>(count), static_cast<rlim_t>(count)};
  const bool may = limit.rlim_max >= wanted.rlim_max;
  if (!may) MESSAGE(count << " descriptors are more than the limit here");
  return may;
}

void allow_descriptors(int count) {
  const rlimit limit{static_cast<rlim_t>(count), static_cast<rlim_t>(count)};
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

// Descriptors of one file from `first` on, each written to.
void use_descriptors(const std::string& directory, int first, int count, bool written) {
  const int file = open((directory + "/used").c_str(), O_CREAT | O_RDWR, 0600);
  must(file >= 0);
  for (int fd = first; fd < first + count; fd++) {
    must(dup2(file, fd) == fd);
    if (written) must(write(fd, "x", 1) == 1);
  }
  close(file);
}

TEST_CASE("bounds: close_range goes by what is counted, not by how high the numbers are") {
  constexpr int kCalls = 5;
  for (const NamedFeatures& features : loadable_features())
    for (const int highest : {600, 19'000, 300'000}) {
      if (!may_have_descriptors(highest + 1)) continue;
      CAPTURE(features.name);
      CAPTURE(highest);
      const Scratch scratch;
      const Traced traced = trace_child(features.features, only(AA_IO), [&] {
        allow_descriptors(highest + 1);
        use_descriptors(scratch.path(), highest, 1, true);
        for (int i = 0; i < kCalls; i++) must(syscall(SYS_close_range, 10, highest - 1, 0) == 0);
        _exit(0);
      });
      CHECK(traced.clean());
      CHECK(traced.records[AA_IO] == 1);
      CHECK(traced.work[AA_WORK_SWEPT] > 0);
      CHECK(traced.work[AA_WORK_SWEPT] < 8 * (kCalls + 2));
    }
}

TEST_CASE("bounds: descriptors that are counted, closed by one call and by the end of the process") {
  constexpr int kUsed = 19'000;
  for (const bool closes : {true, false}) {
    CAPTURE(closes);
    const Scratch scratch;
    const Traced traced = trace_child(probe_features(kernel_types()), only(AA_IO), [&] {
      allow_descriptors(kUsed + 100);
      use_descriptors(scratch.path(), 50, kUsed, true);
      if (closes) must(syscall(SYS_close_range, 50, ~0U, 0) == 0);
      _exit(0);
    });
    CHECK(traced.clean());
    // one sweep by each of the two, and one of its io_urings'
    CHECK(traced.work[AA_WORK_SWEPT] > kSweep / 2);
    CHECK(traced.work[AA_WORK_SWEPT] <= 3 * kSweep);
    CHECK(traced.records[AA_IO] > 0);
    CHECK(traced.records[AA_IO] <= static_cast<int>(2 * kSweep));
  }
}

TEST_CASE("bounds: close events of close_range; those that are not told are counted") {
  struct Row {
    int open, first;  // so many, from this number on
  };
  for (const Row row : {Row{100, 50}, Row{2'000, 50}, Row{19'000, 50}, Row{10, 300'000}}) {
    CAPTURE(row.open);
    CAPTURE(row.first);
    if (!may_have_descriptors(row.first + row.open)) continue;
    const Scratch scratch;
    const Traced traced = trace_child(probe_features(kernel_types()), only(AA_CLOSE), [&] {
      allow_descriptors(row.first + row.open);
      use_descriptors(scratch.path(), row.first, row.open, false);
      must(syscall(SYS_close_range, 50, ~0U, 0) == 0);
      _exit(0);
    });
    CHECK(traced.malformed == 0);
    CHECK(traced.status == 0);
    CHECK(traced.work[AA_WORK_CLOSES] > 0);
    CHECK(traced.work[AA_WORK_CLOSES] <= kCloseTurns);
    // and the close of the file that they are duplicates of
    const int told = traced.records[AA_CLOSE] - 1;
    const auto untold = static_cast<int>(traced.losses[AA_LOST_TOO_MANY]);
    CHECK(told <= kCloses);
    CHECK(traced.lost == traced.losses[AA_LOST_TOO_MANY]);
    if (row.first < 1000) CHECK(told + untold == row.open);
    // where not even the table was looked at to its end, every number counts
    else CHECK(told + untold >= row.open);
    if (row.open <= 100 && row.first < 1000) CHECK(untold == 0);
  }
}

TEST_CASE("bounds: steps up a path") {
  const NamedFeatures features = loadable_features().front();
  for (const int depth : {100, 600, 1300}) {
    CAPTURE(features.name);
    CAPTURE(depth);
    const Scratch scratch;
    const Traced traced = trace_child(features.features, only(AA_MKDIR), [&] {
      must(chdir(scratch.path().c_str()) == 0);
      // through a descriptor: no call is about a name but the last one
      for (int i = 0; i < depth; i++) must(syscall(SYS_mkdirat, AT_FDCWD, "d", 0700) == 0 && chdir("d") == 0);
      _exit(0);
    });
    CHECK(traced.status == 0);
    CHECK(traced.records[AA_MKDIR] == depth);
    CHECK(traced.work[AA_WORK_STEPS] > 0);
    CHECK(traced.work[AA_WORK_STEPS] <= static_cast<std::uint64_t>(depth) * kSteps);
  }
}

// A record needs 8 bytes more than it has, and the buffer is never filled to its last byte.
TEST_CASE("bounds: a record that no buffer of this size can hold is too big, not one that came at a bad time") {
  constexpr std::uint64_t kBuffer = 4096;
  bool told = false, too_big = false;
  for (std::size_t length = 3700; length < 4100; length += 8) {
    CAPTURE(length);
    const std::string argument(length, 'x');
    const Traced traced = trace_child(
        probe_features(kernel_types()), {.kinds = kind_bit(AA_EXEC), .outcomes = AA_FAILED},
        [&] {
          const char* argv[] = {argument.c_str(), nullptr};
          must(chdir("/") == 0 && execv("/nonexistent", const_cast<char**>(argv)) == -1);
          _exit(0);
        },
        kBuffer);
    CHECK(traced.status == 0);
    CHECK(traced.losses[AA_LOST_RING_FULL] == 0);
    CHECK(traced.execs.size() + traced.losses[AA_LOST_TOO_BIG] == 1);
    told = told || traced.execs.size() == 1;
    too_big = too_big || traced.losses[AA_LOST_TOO_BIG] == 1;
  }
  CHECK(told);
  CHECK(too_big);
}

}  // namespace
}  // namespace aa::test
