// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The lines of events with alerts.
#include <doctest/doctest.h>

#include "unit/output/golden.hpp"
#include "unit/output/lines.hpp"
#include "unit/reference.hpp"

namespace aa::test {
namespace {

using Alerts = std::vector<Alert>;

Event unlink_with(const Alerts& alerts) {
  Event event = some_event(AA_UNLINK);
  event.file.path = Text::of("/d/f");
  event.alerts = alerts;
  return event;
}

TEST_CASE("golden: an alert stands before the values of its event") {
  const Alerts alerts = {{"deny", Level::kCritical, "/d/"}};
  Event event = unlink_with(alerts);
  event.error = 13;
  event.file.lexical = true;
  CHECK(text_line(event) ==
        text("unlink", R"( alert="deny" level="critical" rule="/d/" error=EACCES lexical=true path="/d/f")"));
  CHECK(json_rest(event) == json("unlink", R"(,"exe":"/usr/bin/bash","alert":"deny","level":"critical","rule":"/d/",)"
                                           R"("alerts":[{"alert":"deny","level":"critical","rule":"/d/"}],)"
                                           R"("error":"EACCES","lexical":true,"path":"/d/f")"));
}

TEST_CASE("golden: of several alerts the first one is the event's, and JSON has all") {
  const Alerts alerts = {{"sensitive", Level::kCritical, "~/.ssh/"},
                         {"outside-root", Level::kWarning, "/work,/tmp"},
                         {"deny", Level::kInfo, "**/*.pem"}};
  const Event event = unlink_with(alerts);
  CHECK(text_line(event) == text("unlink", R"( alert="sensitive" level="critical" rule="~/.ssh/" path="/d/f")"));
  CHECK(json_rest(event) == json("unlink",
                                 R"(,"exe":"/usr/bin/bash","alert":"sensitive","level":"critical","rule":"~/.ssh/",)"
                                 R"("alerts":[{"alert":"sensitive","level":"critical","rule":"~/.ssh/"},)"
                                 R"({"alert":"outside-root","level":"warning","rule":"/work,/tmp"},)"
                                 R"({"alert":"deny","level":"info","rule":"**/*.pem"}],"path":"/d/f")"));
}

TEST_CASE("golden: an exec of a shell") {
  const Alerts alerts = {{"shell", Level::kWarning, "python"}};
  Event event = some_event(AA_EXEC);
  event.exec.filename = Text::of("python3");
  event.alerts = alerts;
  CHECK(text_line(event) ==
        text("exec", R"( alert="shell" level="warning" rule="python" exe="/usr/bin/bash" filename="python3")"));
  CHECK(json_rest(event) == json("exec", R"(,"exe":"/usr/bin/bash","alert":"shell","level":"warning","rule":"python",)"
                                         R"("alerts":[{"alert":"shell","level":"warning","rule":"python"}],)"
                                         R"("filename":"python3")"));
}

TEST_CASE("golden: without alerts none of their keys") {
  const Event event = unlink_with({});
  CHECK(text_line(event) == text("unlink", R"( path="/d/f")"));
  CHECK(json_rest(event) == json("unlink", R"(,"exe":"/usr/bin/bash","path":"/d/f")"));
}

TEST_CASE("golden: a rule of any bytes leaves the line whole") {
  const std::string rules[] = {"/a\xff", "/a\nb", "/a\"\\b", "/\x1b[2J", "/\xe2\x80\xae", "/a\r\t", "/\xc2\x9b"};
  for (const std::string& rule : rules) {
    CAPTURE(rule);
    const Alerts alerts = {{"deny", Level::kCritical, rule}, {"sensitive", Level::kWarning, rule}};
    const Event event = unlink_with(alerts);
    CHECK(is_clean_line(text_line(event)));
    const std::string line = json_line(event);
    CHECK(is_clean_line(line));
    const auto parsed = parse_line(line);
    REQUIRE(parsed);
    const bool valid = rule != rules[0];
    const auto check = [&](const Json& object) {
      CHECK(object.contains("rule_raw") == !valid);
      if (valid) CHECK(object.at("rule") == rule);
      else CHECK(decode_base64(object.at("rule_raw").get<std::string>()) == rule);
    };
    check(*parsed);
    REQUIRE(parsed->at("alerts").size() == 2);
    for (const Json& alert : parsed->at("alerts")) check(alert);
  }
  const Alerts alerts = {{"deny", Level::kCritical, rules[0]}};
  CHECK(text_line(unlink_with(alerts)) ==
        text("unlink", R"( alert="deny" level="critical" rule="/a\xff" path="/d/f")"));
  CHECK(json_rest(unlink_with(alerts)) ==
        json("unlink",
             ",\"exe\":\"/usr/bin/bash\",\"alert\":\"deny\",\"level\":\"critical\",\"rule\":\"/a\uFFFD\","
             "\"rule_raw\":\"L2H/\",\"alerts\":[{\"alert\":\"deny\",\"level\":\"critical\","
             "\"rule\":\"/a\uFFFD\",\"rule_raw\":\"L2H/\"}],\"path\":\"/d/f\""));
  const Alerts newline = {{"deny", Level::kCritical, rules[1]}};
  CHECK(text_line(unlink_with(newline)) ==
        text("unlink", R"( alert="deny" level="critical" rule="/a\nb" path="/d/f")"));
}

TEST_CASE("golden: color marks the alert and changes nothing else") {
  const Alerts alerts = {{"deny", Level::kCritical, "/d/"}};
  const std::string line = text_line(unlink_with(alerts), true);
  CHECK(line.find("\x1b[31m\"deny\"\x1b[0m") != std::string::npos);
}

}  // namespace
}  // namespace aa::test
