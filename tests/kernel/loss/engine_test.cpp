// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The engines where processes preempt each other in the kernel. The case that counts is one processor and preempt=full;
// elsewhere the same must hold.
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <algorithm>
#include <optional>

namespace aa::test {

namespace {

constexpr int kProcesses = 4;

long long opens_told(const Report& report, const TempDir& directory) {
  const std::vector<Event> opens = report.of("open");
  return std::count_if(opens.begin(), opens.end(),
                       [&](const Event& open) { return open.text("path") == directory.file("busy"); });
}

// A storm of opens; `opens`: how many there were.
Report run(const TempDir& directory, const std::string& engine, long long& opens) {
  const int count = scaled(20000, 2000);
  // without the options that every run may have: one of them may be an engine
  Report report = Trace(directory,
                        {"-e", "open", "--buffer", "64M", "--engine", engine, "--as-root", "--",
                         workload_path("busy_opens"), std::to_string(kProcesses), std::to_string(count)},
                        Trace::Format::kJson, {aa_trace_path()})
                      .finish();
  opens = report.truth.only("busy").number("opens");
  CHECK(opens == kProcesses * count);
  return report;
}

void check_refusal() {
  const TempDir directory;
  Child refused({aa_trace_path(), "--engine", "fexit", "--", "/bin/true"}, directory.path(), "refused");
  const std::optional<int> status = refused.wait();
  REQUIRE(status);
  CHECK(WEXITSTATUS(*status) == 1);
  CHECK(refused.err().find("--engine fexit: ") != std::string::npos);
  CHECK(refused.err().find("(use --engine tracepoint)") != std::string::npos);
}

}  // namespace

TEST_CASE("engines: auto loses nothing of what four busy processes do") {
  const TempDir directory;
  long long opens = 0;
  const Report report = run(directory, "auto", opens);
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(opens_told(report, directory) == opens);
  CHECK(report.of("lost").empty());
}

TEST_CASE("engines: fexit tells how much of what four busy processes do it loses, or is refused") {
  if (!has_functions()) return check_refusal();
  const TempDir directory;
  long long opens = 0;
  const Report report = run(directory, "fexit", opens);
  const long long told = opens_told(report, directory);
  MESSAGE(opens << " opens, " << told << " told, " << report.lost() << " lost");
  CHECK(told + report.lost() == opens);
  CHECK(report.code == (report.lost() ? 3 : 0));
  for (const Event& lost : report.of("lost")) CHECK(lost.text("reason") == "skipped");
}

}  // namespace aa::test
