// SPDX-License-Identifier: MIT OR Apache-2.0
//
// --root: whatever changes a file outside of the directory is told, and nothing else.
#include "kernel/file/file_check.hpp"
#include "kernel/rules/alerts.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

namespace aa::test {

namespace {

const std::vector<std::string> kOptions = {"-e", "file", "--io-interval", "0", "--no-default-rules"};

Report change_files(const TempDir& directory, const std::vector<std::string>& options) {
  std::vector<std::string> all = kOptions;
  all.insert(all.end(), options.begin(), options.end());
  for (const char* name : {"inside", "inside-out"}) std::filesystem::create_directory(directory.file(name));
  Report report = trace_command(directory, all, "rules_root");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(check_file_calls(report) == 33);
  return report;
}

// Of those that tell of their calls.
std::vector<std::pair<Event, Fact>> told_calls(const Report& report) {
  std::vector<std::pair<Event, Fact>> told;
  const std::vector<Fact> calls = report.truth.of("call");
  const std::vector<Event> events = file_calls_of(report, calls.front().number("tid"));
  for (size_t i = 0; i < std::min(events.size(), calls.size()); i++) told.emplace_back(events[i], calls[i]);
  return told;
}

}  // namespace

TEST_CASE("--root: calls that change something outside, by whatever name or descriptor") {
  const TempDir directory;
  const std::string root = directory.file("inside");
  const Report report = change_files(directory, {"--root", root});
  int outside = 0;
  for (const auto& [event, call] : told_calls(report)) {
    INFO(event.line());
    INFO(call.line());
    CHECK(alerts_of(event) == (call.has("outside") ? Alerts{{"outside-root", "warning", root}} : Alerts{}));
    outside += call.has("outside");
  }
  CHECK(outside == 15);
}

TEST_CASE("--root: totals of what was written outside") {
  const TempDir directory;
  const std::string root = directory.file("inside");
  const Report report = change_files(directory, {"--root", root});
  std::map<std::string, Alerts> told;
  const long long pid = report.truth.of("call").front().number("pid");
  for (const Event& io : report.of("io", pid)) told[io.text("path")] = alerts_of(io);
  const Alerts outside = {{"outside-root", "warning", root}};
  CHECK(told[root + "/file"] == Alerts{});
  CHECK(told[directory.file("inside-out/file")] == Alerts{});  // it was only read
  CHECK(told[directory.file("outside")] == outside);
  told.erase(root + "/file");
  told.erase(directory.file("inside-out/file"));
  told.erase(directory.file("outside"));
  // its stdout
  REQUIRE(told.size() == 1);
  CHECK(told.begin()->first.ends_with(".out"));
  CHECK(told.begin()->second == outside);
}

TEST_CASE("--root: of several directories, each is inside") {
  const TempDir directory;
  const std::string root = directory.file("inside"), both = root + "," + directory.file("inside-out");
  const Report report = change_files(directory, {"--root", root, "--root", directory.file("inside-out")});
  int outside = 0;
  for (const auto& [event, call] : told_calls(report)) {
    const bool is_in_second = event.has("path") && event.text("path") == directory.file("inside-out/file");
    INFO(event.line());
    CHECK(alerts_of(event) ==
          (call.has("outside") && !is_in_second ? Alerts{{"outside-root", "warning", both}} : Alerts{}));
    outside += !alerts_of(event).empty();
  }
  CHECK(outside == 14);
}

}  // namespace aa::test
