// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Names that cannot be read any more when the call returns, because of what the call itself did: what is changed under
// them is nobody's, so no rule about paths lets it pass.
#include "kernel/hooks.hpp"
#include "kernel/rules/alerts.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace aa::test {

namespace {

void check_path(const Event& event, const Fact& change, const std::string& key) {
  if (!change.has(key)) return;
  if (names_are_resolved()) {
    CHECK(event.text(key) == change.text(key));
  } else {
    CHECK_FALSE(event.has(key));
    CHECK(event.unreadable(key));
  }
}

}  // namespace

TEST_CASE("names that the call itself made unreadable: told as that, and a match of --root and --deny") {
  const TempDir directory;
  const std::string root = directory.file("inside");
  std::filesystem::create_directory(root);
  std::vector<std::string> options = {"-e", "truncate,rename,unlink", "--no-default-rules"};
  const std::string unreadable = "unreadable";
  Alerts alerts;
  SUBCASE("without rules") {}
  SUBCASE("--root") {
    options.insert(options.end(), {"--root", root});
    alerts = {{"outside-root", "warning", names_are_resolved() ? root : unreadable}};
  }
  SUBCASE("--deny") {
    options.insert(options.end(), {"--deny", "/nobody/here"});
    if (!names_are_resolved()) alerts = {{"deny", "warning", unreadable}};
  }
  SUBCASE("--root and --deny") {
    options.insert(options.end(), {"--root", root, "--deny", "/nobody/here"});
    if (!names_are_resolved()) alerts = {{"deny", "warning", unreadable}};
    alerts.push_back({"outside-root", "warning", names_are_resolved() ? root : unreadable});
  }
  const Report report = trace_command(directory, options, "string_gone");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  const std::vector<Fact> changes = report.truth.of("change");
  REQUIRE(changes.size() == (report.is_supported() ? 4 : 1));
  std::vector<Event> events;
  for (const char* kind : {"truncate", "rename", "unlink"})
    for (const Event& event : report.of(kind)) events.push_back(event);
  REQUIRE(events.size() == changes.size());
  for (size_t i = 0; i < changes.size(); i++) {
    INFO(events[i].line());
    INFO(changes[i].line());
    CHECK(events[i].kind() == changes[i].text("event"));
    CHECK_FALSE(events[i].has("error"));
    check_path(events[i], changes[i], "path");
    check_path(events[i], changes[i], "new_path");
    CHECK(alerts_of(events[i]) == alerts);
  }
}

}  // namespace aa::test
