// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Rules and every kind of call on files: those with two names, those on descriptors, symbolic links.
#include "kernel/file/file_check.hpp"
#include "kernel/file/resolved.hpp"
#include "kernel/hooks.hpp"
#include "kernel/io/io_lines.hpp"
#include "kernel/rules/alerts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>

namespace aa::test {

namespace {

using Wanted = std::function<bool(const std::string& path)>;

Wanted below(const std::string& directory) {
  return [directory](const std::string& path) { return path == directory || path.starts_with(directory + "/"); };
}

Wanted exactly(const std::string& wanted) {
  return [wanted](const std::string& path) { return path == wanted; };
}

std::vector<std::string> paths_of(const Fact& call) {
  std::vector<std::string> paths;
  for (const char* key : {"path", "new_path"})
    if (call.has(key)) paths.push_back(call.text(key));
  return paths;
}

// Where a new symbolic link leads.
std::string target_of(const Fact& call) {
  if (!call.has("target") || !call.has("path")) return "";
  const std::filesystem::path link = call.text("path");
  return (link.parent_path() / call.text("target")).lexically_normal();
}

bool concerns(const Fact& call, const Wanted& wanted) {
  const std::vector<std::string> paths = paths_of(call);
  return std::any_of(paths.begin(), paths.end(), wanted) || wanted(target_of(call));
}

// Every call is told, and has the alert if one of its paths is wanted. Returns how many have it, with those that are
// not seen.
int check_alerts(const Report& report, const Wanted& wanted, const Alerts& expected) {
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  std::vector<Fact> calls = report.truth.of("call");
  int concerned = 0;
  std::erase_if(calls, [&](const Fact& call) {
    if (!is_seen(call)) concerned += concerns(call, wanted);
    return !is_seen(call);
  });
  REQUIRE_FALSE(calls.empty());
  const std::vector<Event> events = file_calls_of(report, calls.front().number("tid"));
  REQUIRE(events.size() == calls.size());
  for (size_t i = 0; i < calls.size(); i++) {
    INFO(events[i].line());
    INFO(calls[i].line());
    const bool is_concerned = concerns(as_resolved(calls[i], events[i]), wanted);
    CHECK(alerts_of(events[i]) == (is_concerned ? expected : Alerts{}));
    concerned += is_concerned;
  }
  return concerned;
}

struct Case {
  std::string workload;
  std::string pattern;  // below the test's directory
  int concerned;
  int through_links;  // more, where the kernel's resolved names are told
};

}  // namespace

TEST_CASE("rules: calls with one name, with two, and on descriptors meet the rules about all of their paths") {
  const Case cases[] = {{"file_changes", "dir/", 29, 2},
                        {"file_changes", "one", 4, 0},
                        {"file_changes", "x", 1, 0},
                        {"file_attributes", "plain", 12, 6},
                        {"file_map", "plain", 6, 0}};
  for (const Case& each : cases) {
    const TempDir directory;
    const std::string pattern = directory.file(each.pattern);
    CAPTURE(each.workload);
    CAPTURE(each.pattern);
    const Report report =
        trace_command(directory, {"-e", "file,!io", "--no-default-rules", "--deny", pattern}, each.workload);
    const bool is_subtree = pattern.ends_with('/');
    const Wanted wanted = is_subtree ? below(pattern.substr(0, pattern.size() - 1)) : exactly(pattern);
    CHECK(check_alerts(report, wanted, {{"deny", "critical", pattern}}) ==
          each.concerned + (names_are_resolved() ? each.through_links : 0));
  }
}

TEST_CASE("rules: what is suppressed are the calls of which every path is allowed") {
  const TempDir directory;
  const Wanted allowed = below(directory.file("dir"));
  const Report report = trace_command(
      directory, {"-e", "file,!io", "--no-default-rules", "--allow", directory.file("dir/")}, "file_changes");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  std::vector<Fact> calls = report.truth.of("call");
  const long long tid = calls.front().number("tid");
  const auto dropped = std::erase_if(calls, [&](const Fact& call) {
    return call.has("path") && allowed(told_path(call, "path")) &&
           (!call.has("new_path") || allowed(told_path(call, "new_path")));
  });
  CHECK(dropped == (names_are_resolved() ? 16 : 14));
  const std::vector<Event> events = file_calls_of(report, tid);
  REQUIRE(events.size() == calls.size());
  for (size_t i = 0; i < calls.size(); i++) check_file_call(events[i], calls[i]);
}

TEST_CASE("rules: several rules about one path are all told, the most important one first") {
  const TempDir directory;
  const std::string plain = directory.file("plain"), anywhere = "**/plain";
  const Report report = trace_command(
      directory,
      {"-e", "mmap", "--no-default-rules", "--sensitive", plain, "--deny", anywhere, "--allow", directory.path() + "/"},
      "file_map");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  const Alerts expected = {{"deny", "critical", anywhere}, {"sensitive", "warning", plain}};
  int told = 0;
  for (const Event& event : report.of("mmap"))
    if (event.text("path") == plain) told += alerts_of(event) == expected;
  CHECK(told > 0);
  CHECK(told == static_cast<int>(calls_with(report, "path", plain).size()) - 2);  // its opens are not asked for
}

TEST_CASE("rules: the totals of a descriptor meet the rules about its file") {
  const TempDir directory;
  const std::string loud = directory.file("loud/");
  const Report report =
      trace_attached(directory, {"-e", "io", "--no-default-rules", "--sensitive", loud}, "rules_noise", {"3"});
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  int concerned = 0;
  for (const Event& io : report.of("io")) {
    const bool is_loud = io.text("path") == directory.file("loud/there");
    INFO(io.line());
    CHECK(alerts_of(io) == (is_loud ? Alerts{{"sensitive", "warning", loud}} : Alerts{}));
    concerned += is_loud;
  }
  CHECK(concerned > 0);
}

}  // namespace aa::test
