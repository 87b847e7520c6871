// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Single reads, writes and closes: one event for each side of each call, in their order.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

namespace {

constexpr long long kFirstFd = 20;  // what the cases use

bool is_call(const std::string& kind) { return kind == "read" || kind == "write" || kind == "close"; }

template <typename Source>
std::string text_of(const Source& source, const std::string& path) {
  std::string text = source.kind() + " fd=" + std::to_string(source.number("fd"));
  if (source.kind() != "close") {
    text += source.has("error") ? " error=" + source.text("error") : " bytes=" + std::to_string(source.number("bytes"));
    text += source.has("error") && source.has("bytes") ? " and bytes" : "";
  }
  if (source.has("offset")) text += " offset=" + std::to_string(source.number("offset"));
  return text + " " + path;
}

using Lines = std::vector<std::string>;

Lines told_calls(const Report& report) {
  Lines told;
  for (const Event& event : report.events) {
    if (!is_call(event.kind()) || event.number("fd") < kFirstFd) continue;
    CHECK_FALSE(event.has("unreadable"));
    CHECK_FALSE(event.has("lexical"));
    // as /proc/PID/fd has it, where the workload has its truth from
    const std::string mark = event.has("deleted") ? " (deleted)" : "";
    told.push_back(text_of(event, event.has("path") ? event.text("path") + mark : "-"));
  }
  return told;
}

Lines true_calls(const Report& report) {
  Lines truth;
  for (const Fact& fact : report.truth.facts()) {
    if (is_call(fact.kind())) truth.push_back(text_of(fact, fact.has("path") ? fact.text("path") : "-"));
  }
  return truth;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

void check_lines(const Lines& told, const Lines& truth) {
  CHECK_MESSAGE(told == truth, "told:" << joined(told) << "\ntruth:" << joined(truth));
}

Report run(const TempDir& directory, const std::string& name, std::vector<std::string> options) {
  options.insert(options.end(), {"--fd-types", "all"});
  Report report = trace_command(directory, options, "io_calls", {name});
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  return report;
}

struct Case {
  const char* name;
  size_t calls;
};

constexpr Case kCases[] = {
    {"plain", 8},
    {"positioned", 11},
    {"moved", 18},
    {"spliced", 15},
    {"failing", 10},
    {"closed", 6},
    {"interrupted_and_restarted", 2},
    {"interrupted_for_good", 2},
};

}  // namespace

TEST_CASE("calls: each read, write and close, with bytes or error, offset and path") {
  for (const Case& one : kCases) {
    INFO(std::string(one.name));
    const TempDir directory;
    const Report report = run(directory, one.name, {"-e", "calls"});
    const Lines truth = true_calls(report);
    CHECK(truth.size() == one.calls);
    check_lines(told_calls(report), truth);
  }
}

TEST_CASE("calls: -e read, write or close alone") {
  for (const char* kind : {"read", "write", "close"}) {
    INFO(std::string(kind));
    const TempDir directory;
    const Report report = run(directory, std::string(kind) == "close" ? "closed" : "moved", {"-e", kind});
    Lines truth = true_calls(report);
    std::erase_if(truth, [kind](const std::string& line) { return !line.starts_with(kind); });
    CHECK(truth.size() >= 5);
    check_lines(told_calls(report), truth);
    for (const Event& event : report.events) CHECK(event.kind() == kind);
  }
}

TEST_CASE("calls: --failed and --successful part them") {
  for (const bool failed : {false, true}) {
    const TempDir directory;
    const Report report = run(directory, "spliced", {"-e", "calls", failed ? "--failed" : "--successful"});
    Lines truth = true_calls(report);
    std::erase_if(truth,
                  [failed](const std::string& line) { return (line.find(" error=") != std::string::npos) != failed; });
    CHECK(truth.size() >= 2);
    check_lines(told_calls(report), truth);
  }
}

}  // namespace aa::test
