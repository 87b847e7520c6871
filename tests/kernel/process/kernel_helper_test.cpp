// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs that the kernel runs by itself (usermode helpers: modprobe, release agents, those that take core dumps): no
// descendants of a process that had it do so.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("a program that the kernel runs: with --all as every other, and below the kernel's own threads") {
  const TempDir directory;
  std::vector<std::string> options{"-e", "process,open"};
  SUBCASE("--all") { options.push_back("--all"); }
  SUBCASE("kthreadd") {
    if (read_file("/proc/2/comm") != "kthreadd\n") return;
    options.insert(options.end(), {"--pid", "2"});
  }
  Workload workload(directory, "kernel_helper");
  workload.await_ready();
  Trace trace(directory, options);
  trace.await_start();
  workload.go();
  const Truth truth = workload.finish();
  if (truth.of("unsupported").empty()) {
    const Fact helper = truth.only("helper");
    const long long pid = helper.number("pid");
    trace.await_event([pid](const Event& event) { return event.kind() == "exit" && event.pid() == pid; });
    trace.interrupt();
    const Report report = trace.finish();
    CHECK(report.code == 0);
    CHECK(report.only("exec", pid).text("filename") == helper.text("filename"));
    CHECK(report.only("exit", pid).number("code") == 7);
    std::size_t made = 0;
    for (const Event& open : report.of("open", pid)) made += open.has("created");
    CHECK(made == 1);
  } else {
    MESSAGE("skipped: " << truth.of("unsupported").front().text("why"));
    trace.interrupt();
    trace.finish();
  }
}

TEST_CASE("a program that the kernel runs is no descendant of who made it do so") {
  const TempDir directory;
  const Report report = trace_attached(directory, {"-e", "process"}, "kernel_helper");
  if (!report.is_supported()) return;
  CHECK(report.of("exec", report.truth.only("helper").number("pid")).empty());
}

}  // namespace aa::test
