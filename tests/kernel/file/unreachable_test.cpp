// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Files that no path leads to: their path is unreadable, never made up, and a rule about paths does not let them pass.
#include "kernel/rules/alerts.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace aa::test {

TEST_CASE("changes of files that no path leads to: unreadable, and a match of --root and --deny") {
  const TempDir directory;
  const std::string root = directory.file("inside");
  std::filesystem::create_directory(root);
  const Report report = trace_command(
      directory, {"-e", "open,truncate,unlink,mkdir", "--no-default-rules", "--root", root, "--deny", "/nobody/here"},
      "unreachable");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  const std::vector<Fact> changes = report.truth.of("change");
  REQUIRE(changes.size() == 10);
  std::vector<Event> events;
  for (const Event& event : report.events) {
    const bool made = event.has("name") && event.text("name") == "key.pem" && !event.has("error");
    const bool cut = event.kind() == "truncate" || (event.has("lexical") && event.kind() == "unlink");
    if (made || cut || (event.kind() == "mkdir" && event.has("path") && event.text("path").ends_with("/by link")))
      events.push_back(event);
  }
  REQUIRE(events.size() == changes.size());
  for (size_t i = 0; i < events.size(); i++) {
    INFO(events[i].line());
    INFO(changes[i].line());
    CHECK(events[i].kind() == changes[i].text("event"));
    if (changes[i].number("readable")) {
      CHECK(alerts_of(events[i]) == Alerts{{"outside-root", "warning", root}});
      continue;
    }
    CHECK_FALSE(events[i].has("path"));
    CHECK(events[i].unreadable("path"));
    CHECK(alerts_of(events[i]) == Alerts{{"deny", "warning", "unreadable"}, {"outside-root", "warning", "unreadable"}});
  }
}

}  // namespace aa::test
