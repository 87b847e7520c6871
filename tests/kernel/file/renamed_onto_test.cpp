// SPDX-License-Identifier: MIT OR Apache-2.0
//
// `replaced` of a rename: whether a file was at the new name and is gone.
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <linux/fs.h>

#include <optional>

namespace aa::test {
namespace {

std::optional<bool> expected(const Fact& fact) {
  const auto flags = fact.number("flags");
  if (fact.number("failed") || flags & RENAME_EXCHANGE) return std::nullopt;
  if (flags & RENAME_NOREPLACE) return false;
  const bool is_known = names_are_resolved() && fact.text("way") != "io_uring";
  if (!is_known || fact.number("same")) return std::nullopt;
  return fact.number("found") != 0;
}

}  // namespace

TEST_CASE("a rename says whether it took the place of a file") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "rename"}, "renamed_onto");
  REQUIRE(report.code == 0);
  const std::vector<Event> events = report.of("rename");
  const std::vector<Fact> facts = report.truth.of("renamed");
  REQUIRE(facts.size() == 18);
  REQUIRE(events.size() == facts.size());
  for (std::size_t i = 0; i < facts.size(); i++) {
    INFO(facts[i].line());
    INFO(events[i].line());
    CHECK(events[i].text("new_path").ends_with("/" + facts[i].text("to")));
    CHECK(events[i].has("error") == (facts[i].number("failed") != 0));
    const auto replaced = expected(facts[i]);
    REQUIRE(events[i].has("replaced") == replaced.has_value());
    if (replaced) CHECK(events[i].flag("replaced") == *replaced);
  }
}

}  // namespace aa::test
