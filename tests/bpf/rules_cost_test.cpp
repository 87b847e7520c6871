// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the path rules cost an event that is asked for.
#include <doctest/doctest.h>

#include "bpf/rules_probe.hpp"
#include "rules/builtin_rules.hpp"

namespace aa::test {
namespace {

// Of a look, in look-ups of one component; 7 were measured at most. A search through the rules would take thousands.
constexpr double kLongest = 30;

std::shared_ptr<const RuleSet> rules_with(const std::vector<std::string>& allowed, std::size_t more) {
  std::vector<Rule> rules = builtin_rules();
  std::erase_if(rules, [](const Rule& rule) { return rule.level == Level::kInfo; });
  for (const std::string& pattern : allowed) rules.push_back({RuleKind::kAllow, Level::kInfo, pattern});
  for (std::size_t i = 0; i < more; i++)
    rules.push_back({i % 2 ? RuleKind::kAllow : RuleKind::kDeny, Level::kCritical,
                     "/srv/project" + std::to_string(i % 100) + "/part" + std::to_string(i)});
  auto compiled = RuleSet::compile(std::move(rules), {"/root", "/home/someone"});
  REQUIRE(bool(compiled));
  return *compiled;
}

Bytes opened(const char* path) { return FileRecord(AA_OPEN).path(path).name(path).bytes(); }
Bytes not_found(const char* directory, const char* name) {
  return FileRecord(AA_OPEN).error(-2).directory(directory).name(name).bytes();
}

TEST_CASE("rules cost: a look at a record takes far less than what makes it") {
  const struct {
    std::string name;
    Bytes record;
    bool dropped;
  } kEvents[] = {
      {"a library", opened("/usr/lib/x86_64-linux-gnu/libc.so.6"), true},
      {"a library that is not there", not_found("/", "/usr/lib/x86_64-linux-gnu/glibc-hwcaps/libc.so.6"), true},
      {"a name in the directory", not_found("/usr/share/zoneinfo", "Europe/London"), true},
      {"a file that no rule is about", opened("/var/cache/somewhere/else/entirely/file.txt"), false},
      {"a file among many rules", opened("/srv/project11/part4711"), true},
      {"a file near many rules", opened("/srv/project11/part4712/src/main.c"), false},
  };
  RulesProbe probe;
  for (const std::size_t more : {0u, 10'000u}) {
    probe.install(*rules_with({"/usr/"}, more));
    for (const auto& [name, record, dropped] : kEvents) {
      CAPTURE(name);
      CAPTURE(more);
      if (more || !name.ends_with("many rules")) CHECK(probe.drops({record}).front() == dropped);
      const auto [ns, look_ups] = probe.cost(record);
      MESSAGE(name, ", ", more, " rules more: ", ns, " ns, as ", look_ups, " look-ups");
      CHECK(look_ups < kLongest);
    }
  }
}

}  // namespace
}  // namespace aa::test
