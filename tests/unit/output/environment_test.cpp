// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/environment.hpp"

#include <doctest/doctest.h>

#include <random>

#include "unit/output/lines.hpp"

namespace aa::test {
namespace {

using Variables = std::vector<std::string_view>;

std::string json_of(const Variables& variables, bool valid = true) {
  std::string out;
  CHECK(append_json_environment(out, variables) == valid);
  REQUIRE(parse_line(out));
  return out;
}

Argv chosen(EnvironmentChoice choice, bool mask, const Variables& variables) {
  // the strings of a mask go with it
  static std::optional<Environment> environment;
  environment.emplace(std::move(choice), mask);
  Argv env{.arguments = variables, .state = Text::State::kPresent};
  environment->choose_and_mask(env);
  return env;
}

TEST_CASE("environment: an object by name, arrays only where a name has not one value") {
  CHECK(json_of({}) == "{}");
  CHECK(json_of({"A=1", "B=", "C=x=y"}) == R"({"A":"1","B":"","C":"x=y"})");
  CHECK(json_of({"A=1", "B=2", "A=3", "A="}) == R"({"A":["1","3",""],"B":"2"})");
  CHECK(json_of({"A", "B=1"}) == R"({"A":[],"B":"1"})");
  CHECK(json_of({"A", "A=1"}) == R"({"A":["1"]})");
  CHECK(json_of({"=x", ""}) == R"({"":["x"]})");
}

TEST_CASE("environment: names and values are escaped, and no key stands twice") {
  CHECK(json_of({"\"=\n"}) == R"({"\"":"\n"})");
  CHECK(json_of({"\xff=1"}, false) == "{\"\uFFFD\":\"1\"}");
  CHECK(json_of({"\xff=1", "\xfe=2"}, false) == "{\"\uFFFD\":[\"1\",\"2\"]}");
  CHECK(json_of({"A=\xff"}, false) == "{\"A\":\"\uFFFD\"}");
  std::mt19937 random(20'261'126);
  for (int i = 0; i < 2000; i++) {
    std::vector<std::string> strings(random() % 8);
    for (std::string& string : strings)
      for (unsigned n = random() % 4; n; n--) string.push_back("A=\xff\"\\\x1b"[random() % 6]);
    std::string out;
    append_json_environment(out, {strings.begin(), strings.end()});
    CHECK(parse_line(out));
  }
}

TEST_CASE("environment: what was asked for stays, in its order") {
  const Variables variables{"B=1", "A=2", "AB=3", "A=4", "A"};
  CHECK(chosen({.names = {"A", "X"}}, false, variables).arguments == Variables{"A=2", "A=4", "A"});
  CHECK(chosen({.all = true}, false, variables).arguments == variables);
  CHECK(chosen({.names = {"X"}}, false, variables).arguments.empty());
}

TEST_CASE("environment: secrets are masked as in arguments") {
  const Variables variables{"AWS_SECRET_ACCESS_KEY=abc", "GITHUB_TOKEN=abc", "PATH=/bin:/usr/bin",
                            "DATABASE_URL=postgres://me:abc@host/db", "PASSWORD="};
  const Argv masked = chosen({.all = true}, true, variables);
  CHECK(masked.redacted);
  CHECK(masked.arguments == Variables{"AWS_SECRET_ACCESS_KEY=***", "GITHUB_TOKEN=***", "PATH=/bin:/usr/bin",
                                      "DATABASE_URL=postgres://me:***@host/db", "PASSWORD="});
  CHECK_FALSE(chosen({.names = {"PATH"}}, true, variables).redacted);
  CHECK(chosen({.all = true}, false, variables).arguments == variables);
}

}  // namespace
}  // namespace aa::test
