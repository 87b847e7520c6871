// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Many rules: still right, and fast enough for the path of every event. The times are of this thread, so that a busy
// machine does not count, and the limits have room.
#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>

#include "builtin_rules.hpp"
#include "glob.hpp"
#include "unit/emulated.hpp"
#include "unit/rule_sets.hpp"

extern "C" void __asan_init() __attribute__((weak));

namespace aa::test {
namespace {

// the program is compiled with the sanitizers, or emulated
const bool kSlow = __asan_init != nullptr || is_emulated();

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double ns_a_path(const Rules& rules, const std::vector<std::string>& paths) {
  Indexes found;
  const double before = cpu_seconds();
  for (const std::string& path : paths) rules->match(path, found);
  return (cpu_seconds() - before) * 1e9 / static_cast<double>(paths.size());
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
  const double before = cpu_seconds();
  const Rules rules = sensitive(patterns);
  const double seconds = cpu_seconds() - before;
  MESSAGE(count, " rules are compiled in ", seconds, " s");
  CHECK(seconds < 10);
  for (std::uint32_t i = 0; i + 4 < count; i += 997) {
    const std::uint32_t first = i / 4 * 4;
    const std::string number = std::to_string(first), below = std::to_string((first + 1) % 100);
    CHECK(matching(rules, "/usr/share/aa-" + number) == Indexes{first});
    CHECK(matching(rules, "/usr/share/aa-" + number + "/x").empty());
    CHECK(matching(rules, "/srv/aa-" + below + "/" + std::to_string(first + 1) + "/x") == Indexes{first + 1});
    CHECK(matching(rules, "/x/aa-" + std::to_string(first + 2)) == Indexes{first + 2});
    CHECK(matching(rules, "/x/y.aa" + std::to_string(first + 3)) == Indexes{first + 3});
  }
  CHECK(ns_a_path(rules, std::vector<std::string>(100'000, "/usr/lib/x86_64-linux-gnu/libc.so.6")) < 10'000);
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

  const auto fresh = [&] {
    std::vector<std::string> paths;
    for (int i = 0; i < 50'000; i++) paths.push_back(some_path(random, names));
    return paths;
  };
  for (int warm_up = 0; warm_up < 3; warm_up++) ns_a_path(rules, fresh());
  const double ns = ns_a_path(rules, fresh());
  MESSAGE("1000 globs: ", ns, " ns a path");
  CHECK(ns < (kSlow ? 100'000 : 4000));
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
    const double ns = ns_a_path(rules, std::vector<std::string>(kSlow ? 1000 : 100'000, path));
    MESSAGE(std::string(path), ": ", ns, " ns");
    sum += ns;
  }
  CHECK(sum / std::size(ordinary) < (kSlow ? 20'000 : 240));
}

}  // namespace
}  // namespace aa::test
