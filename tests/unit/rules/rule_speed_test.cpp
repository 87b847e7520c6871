// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Many rules: still right, and fast enough for the path of every event. The times are of this thread, and told in
// look-ups of the same path in a hash table, measured in the same breath: machines differ, and are busy.
#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <unordered_set>

#include "rules/builtin_rules.hpp"
#include "rules/glob.hpp"
#include "unit/emulated.hpp"
#include "unit/rules/rule_sets.hpp"

extern "C" void __asan_init() __attribute__((weak));

namespace aa::test {
namespace {

// the program is compiled with the sanitizers, or emulated
const bool kSlow = __asan_init != nullptr || is_emulated();
// The sanitizers look at the program, not at the table that its times are told in.
const double kRoom = kSlow ? 5 : 1;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Look>
double seconds_for(const std::vector<std::string>& paths, const Look& look) {
  const double before = cpu_seconds();
  for (const std::string& path : paths) look(path);
  return cpu_seconds() - before;
}

// Of the fastest of several turns, since a processor is interrupted.
double look_ups_a_path(const Rules& rules, const std::vector<std::string>& paths) {
  const std::unordered_set<std::string> table(paths.begin(), paths.end());
  Indexes found;
  std::size_t known = 0;
  double match = 1e9, look_up = 1e9;
  for (int turn = 0; turn < 5; turn++) {
    match = std::min(match, seconds_for(paths, [&](const std::string& path) { rules->match(path, found); }));
    look_up = std::min(look_up, seconds_for(paths, [&](const std::string& path) { known += table.count(path); }));
  }
  REQUIRE(known == 5 * paths.size());
  return match / look_up;
}

constexpr const char* kTops[] = {"usr", "home", "etc", "var", "tmp", "srv", "opt", "lib"};
constexpr const char* kEnds[] = {"", "", ".c", ".h", ".so", ".txt", ".o", ".py", ".json", ".pem"};

// Half of the names are known ones, half are new.
std::string some_path(Random& random, const std::vector<std::string>& names) {
  std::string path = std::string("/") + random.one_of(kTops);
  for (unsigned n = 1 + random.below(7); n > 0; n--)
    path += "/" + (random.below(2) ? random.one_of(names) : random.word(1, 10));
  return path + random.one_of(kEnds);
}

std::string some_glob(Random& random, const std::vector<std::string>& names) {
  const std::string &name = random.one_of(names), &other = random.one_of(names), end = random.one_of(kEnds);
  switch (random.below(6)) {
    case 0: return "/usr/" + name + "/*" + end;
    case 1: return "**/" + name.substr(0, 1) + "*" + other.substr(0, 1);
    case 2: return "/srv/*/" + name + "/**/*" + end;
    case 3: return "/home/*/" + name + "/[a-m]*" + end;
    case 4: return "/var/" + name + "/" + other + "-[0-9]?/**/" + name;
    default: return "**/" + name + "/*/" + other + end;
  }
}

std::vector<std::string> some_names(Random& random) {
  std::vector<std::string> names;
  for (int i = 0; i < 200; i++) names.push_back(random.word(2, 9));
  return names;
}

TEST_CASE("rules: match what globs of the same patterns match") {
  const std::vector<std::string> parts = {"a",    "b",    "/a",  "/b",  "/",   "*", "?",
                                          "[ab]", "[!a]", "**/", "/**", "*.a", "."};
  const std::vector<std::string> first = {"/a", "/b", "/.a"};
  const std::vector<std::string> bytes = {"a", "b", "/a", "/b", "/ab", ".a", ".", "*"};
  Random random;
  int compared = 0, matched = 0;
  while (compared < (kSlow ? 10'000 : 100'000)) {
    std::string pattern = random.below(3) ? "/" : "**/";
    for (unsigned n = random.below(6); n > 0; n--) pattern += random.one_of(parts);
    const auto glob = Glob::parse(pattern.starts_with('/') ? pattern : "/" + pattern);  // paths begin with one
    // a glob takes these as they are
    if (!glob || pattern.find("//") != std::string::npos || pattern.find("./") != std::string::npos ||
        pattern.ends_with('.'))
      continue;
    const Rules rules = sensitive({pattern});
    for (int i = 0; i < 10; i++, compared++) {
      std::string path = random.one_of(first);
      for (unsigned n = random.below(5); n > 0; n--) path += random.one_of(bytes);
      const bool expected = glob->matches(path);
      if (expected == matching(rules, path).empty()) FAIL(pattern, " and ", path, ": the glob says ", expected);
      matched += expected;
    }
  }
  CHECK(matched > compared / 20);
}

TEST_CASE("rules: a hundred thousand of them") {
  const std::size_t count = kSlow ? 10'000 : 100'000;
  std::vector<std::string> patterns;
  for (std::size_t i = 0; i < count; i++) {
    const std::string number = std::to_string(i);
    switch (i % 4) {
      case 0: patterns.push_back("/usr/share/aa-" + number); break;
      case 1: patterns.push_back("/srv/aa-" + std::to_string(i % 100) + "/" + number + "/"); break;
      case 2: patterns.push_back("**/aa-" + number); break;
      default: patterns.push_back("**/*.aa" + number); break;
    }
  }
  const auto seconds_of = [](const std::vector<std::string>& some) {
    const double before = cpu_seconds();
    sensitive(some);
    return cpu_seconds() - before;
  };
  double few = 1e9;
  for (int turn = 0; turn < 5; turn++)
    few = std::min(few, seconds_of({patterns.begin(), patterns.begin() + static_cast<long>(count / 100)}));
  const double seconds = seconds_of(patterns);
  MESSAGE(count, " rules are compiled in ", seconds, " s, one in a hundred of them in ", few, " s");
  CHECK(seconds < 1500 * few);  // 10,000 if the time grew with the square of their number
  const Rules rules = sensitive(patterns);
  for (std::uint32_t i = 0; i + 4 < count; i += 997) {
    const std::uint32_t first = i / 4 * 4;
    const std::string number = std::to_string(first), below = std::to_string((first + 1) % 100);
    CHECK(matching(rules, "/usr/share/aa-" + number) == Indexes{first});
    CHECK(matching(rules, "/usr/share/aa-" + number + "/x").empty());
    CHECK(matching(rules, "/srv/aa-" + below + "/" + std::to_string(first + 1) + "/x") == Indexes{first + 1});
    CHECK(matching(rules, "/x/aa-" + std::to_string(first + 2)) == Indexes{first + 2});
    CHECK(matching(rules, "/x/y.aa" + std::to_string(first + 3)) == Indexes{first + 3});
  }
  const double look_ups =
      look_ups_a_path(rules, std::vector<std::string>(10'000, "/usr/lib/x86_64-linux-gnu/libc.so.6"));
  MESSAGE(count, " rules: ", look_ups, " look-ups a path");
  CHECK(look_ups < 10 * kRoom);
}

TEST_CASE("rules: a thousand globs find what each finds alone, a million paths a second") {
  Random random;
  const auto names = some_names(random);
  std::vector<std::string> patterns;
  for (int i = 0; i < 1000; i++) patterns.push_back(some_glob(random, names));
  double before = cpu_seconds();
  const Rules rules = sensitive(patterns);
  MESSAGE("1000 globs are compiled in ", cpu_seconds() - before, " s");
  std::vector<Glob> globs;
  for (const std::string& pattern : patterns) globs.push_back(*Glob::parse(pattern));
  int found = 0;
  for (int i = 0; i < 300; i++) {
    const std::string path = some_path(random, names);
    Indexes expected;
    for (std::uint32_t rule = 0; rule < globs.size(); rule++)
      if (globs[rule].matches(path)) expected.push_back(rule);
    CAPTURE(path);
    CHECK(matching(rules, path) == expected);
    found += !expected.empty();
  }
  CHECK(found > 10);

  std::vector<std::string> paths;
  for (int i = 0; i < (kSlow ? 5'000 : 50'000); i++) paths.push_back(some_path(random, names));
  const double look_ups = look_ups_a_path(rules, paths);
  MESSAGE("1000 globs: ", look_ups, " look-ups a path");
  CHECK(look_ups < 25 * kRoom);
}

TEST_CASE("rules: the ones built in cost an ordinary path next to nothing") {
  std::vector<Rule> shown = builtin_rules();
  std::erase_if(shown, [](const Rule& rule) { return rule.level == Level::kInfo; });  // as without --alert-level
  const Rules rules = compiled(shown);
  double sum = 0;
  const char* const ordinary[] = {"/usr/lib/x86_64-linux-gnu/libc.so.6",
                                  "/etc/ld.so.cache",
                                  "/dev/null",
                                  "/usr/share/locale/locale.alias",
                                  "/proc/4242/maps",
                                  "/tmp/cc4242.s",
                                  "/home/me/src/project/main.cpp",
                                  "/usr/include/c++/12/bits/stl_vector.h"};
  for (const char* path : ordinary) {
    CHECK(matching(rules, path).empty());
    const double look_ups = look_ups_a_path(rules, std::vector<std::string>(kSlow ? 1000 : 100'000, path));
    MESSAGE(std::string(path), ": ", look_ups, " look-ups");
    sum += look_ups;
  }
  CHECK(sum / std::size(ordinary) < 10 * kRoom);
}

}  // namespace
}  // namespace aa::test
