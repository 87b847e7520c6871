// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exec: the variables that were asked for, and who runs it.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace aa::test {

namespace {

using Json = nlohmann::json;
using Options = std::vector<std::string>;

// The exec of the program that told its pid, read anew: its environment is an object.
struct Exec {
  explicit Exec(const Report& report) : event(report.only("exec", report.truth.only("self").number("pid"))) {
    std::istringstream text(report.text);
    for (std::string line; std::getline(text, line);) {
      const Json json = Json::parse(line);
      if (json["event"] == "exec" && json["pid"] == event.pid()) whole = json;
    }
  }
  Json env() const {
    REQUIRE(whole.contains("env"));
    REQUIRE(whole["env"].is_object());
    return whole["env"];
  }

  Event event;
  Json whole;
};

Exec env_of(const Options& options, const std::vector<std::string>& arguments = {}) {
  const TempDir directory;
  Options all = {"-e", "exec"};
  all.insert(all.end(), options.begin(), options.end());
  const Report report = trace_command(directory, all, "exec_env", arguments);
  REQUIRE(report.code == 0);
  REQUIRE(report.truth.of("self").size() == 1);
  // a failed one has none
  for (const Event& exec : report.of("exec"))
    if (exec.has("error")) CHECK_FALSE(exec.has("env"));
  return Exec(report);
}

}  // namespace

TEST_CASE("env: all variables, as jq wants them") {
  const Exec exec = env_of({"--env", "all"});
  INFO(exec.event.line());
  const Json expected = {{"PLAIN", "a b"},  {"EMPTY", ""},          {"EQUALS", "a=b"},
                         {"", "x"},         {"TWICE", {"1", "2"}},  {"NO_EQUALS", Json::array()},
                         {"RAW", "\uFFFD"}, {"DB_PASSWORD", "***"}, {"URL", "postgres://u:***@h/d"}};
  CHECK(exec.env() == expected);
  CHECK(exec.event.flag("env_redacted"));
  CHECK_FALSE(exec.event.has("env_truncated"));
  const std::vector<std::string> raw = exec.event.texts("env_raw");
  REQUIRE(raw.size() == 10);
  CHECK(raw[5] == "UkFXPf8=");
  CHECK(raw[6] == "REJfUEFTU1dPUkQ9Kioq");
}

TEST_CASE("env: some variables by name, and none that was not asked for") {
  const Exec exec = env_of({"--env", "TWICE,PLAIN", "--env", "MISSING"});
  CHECK(exec.env() == Json{{"TWICE", {"1", "2"}}, {"PLAIN", "a b"}});
  CHECK_FALSE(exec.event.has("env_raw"));
  CHECK_FALSE(exec.event.has("env_redacted"));
}

TEST_CASE("env: secrets are shown where that is asked for") {
  const Exec exec = env_of({"--env", "DB_PASSWORD,URL", "--show-secrets"});
  CHECK(exec.env() == Json{{"DB_PASSWORD", "of-them"}, {"URL", "postgres://u:of-them@h/d"}});
  CHECK_FALSE(exec.event.has("env_redacted"));
}

TEST_CASE("env: nothing of it without the option") { CHECK_FALSE(env_of({}).event.has("env")); }

TEST_CASE("env: as long as arguments may be, then it is cut and says so") {
  // LONG, its NUL, and LAST=1 with its own
  for (const int length : {32768 - 1 - 7, 32768 - 7, 40000}) {
    const Exec exec = env_of({"--env", "all"}, {std::to_string(length)});
    const bool fits = length == 32768 - 1 - 7;
    INFO(length);
    CHECK(exec.event.flag("env_truncated") != fits);
    CHECK(exec.env()["LONG"].get<std::string>().size() == static_cast<size_t>(std::min(length, 32768)) - 5);
    if (fits) CHECK(exec.env()["LAST"] == "1");
    else CHECK(exec.event.number("env_bytes") == length + 1 + 7);
  }
}

TEST_CASE("env: in text it is a list") {
  const TempDir directory;
  const Report report =
      trace_command(directory, {"-e", "exec", "--env", "PLAIN,RAW"}, "exec_env", {}, Trace::Format::kText);
  REQUIRE(report.code == 0);
  CHECK(report.text.find(R"( env=["PLAIN=a b","RAW=\xff"])") != std::string::npos);
}

TEST_CASE("exec: who logged in, and the real user where that is another one") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec"}, "exec_users");
  REQUIRE(report.code == 0);
  const std::vector<Fact> users = report.truth.of("user");
  REQUIRE(users.size() == 4);
  int logged_in = 0;
  for (const Fact& user : users) {
    const Event exec = report.only("exec", user.number("pid"));
    INFO(exec.line());
    INFO(user.line());
    CHECK(exec.number("uid") == 0);
    CHECK(exec.has("ruid") == (user.number("ruid") != 0));
    if (exec.has("ruid")) CHECK(exec.number("ruid") == user.number("ruid"));
    const bool known = !user.text("loginuid").empty() && user.text("loginuid") != "4294967295";
    CHECK(exec.has("loginuid") == known);
    if (known) CHECK(exec.number("loginuid") == user.number("loginuid"));
    logged_in += known;
  }
  if (!logged_in) MESSAGE("skipped: loginuid: this kernel has no audit, or nobody can log in");
}

}  // namespace aa::test
