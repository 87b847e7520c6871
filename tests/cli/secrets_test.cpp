// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Secrets in arguments: kept out of every form of the output, and nothing of them taken from the program.
#include <doctest/doctest.h>

#include "events.hpp"

namespace aa::test {
namespace {

const std::string kSecret = "Hunter2-and-a-half-of-3";

// What base64 makes of it wherever it begins in a group of three bytes, but for its ends.
const char* const kInBase64[] = {"SHVudGVyMi1hbmQtYS1oYWxmLW9m", "h1bnRlcjItYW5kLWEtaGFsZi1v",
                                 "IdW50ZXIyLWFuZC1hLWhhbGYtb2Yt"};

// With an argument that is no UTF-8, so that JSON has all of them in base64 too.
const std::vector<std::string> kCommand{
    "/bin/echo", "--token", kSecret, "--password=" + kSecret, "https://me:" + kSecret + "@host/x", "\xff", "plain"};

std::string said() {
  std::string words;
  for (size_t i = 1; i < kCommand.size(); i++) words += (i == 1 ? "" : " ") + kCommand[i];
  return words + "\n";
}

void check_hidden(const std::string& output) {
  CHECK_FALSE(contains(output, kSecret));
  for (const char* part : kInBase64) CHECK_FALSE(contains(output, part));
}

struct Output {
  Outcome outcome;
  std::string events;  // as written
};

Output echo(std::vector<std::string> options) {
  const Scratch scratch;
  options.insert(options.end(), {"-e", "exec", "--as-root", "-o", scratch.file("events"), "--"});
  options.insert(options.end(), kCommand.begin(), kCommand.end());
  Output output;
  output.outcome = run(aa_spec(options));
  CAPTURE(output.outcome.err);
  CHECK(output.outcome.status == 0);
  // the program has been given what it was called with
  CHECK(output.outcome.out == said());
  check_hidden(output.outcome.err);
  output.events = read_file(scratch.file("events"));
  return output;
}

Json the_exec(const std::string& output) {
  const Events execs = named(parse_events(output), "exec");
  REQUIRE(execs.size() == 1);
  CHECK(shape_error(execs[0]) == "");
  return execs[0];
}

}  // namespace

TEST_SUITE_BEGIN("secrets");

TEST_CASE("they are masked in text") {
  const std::string output = echo({}).events;
  CAPTURE(output);
  check_hidden(output);
  REQUIRE(lines(output).size() == 1);
  const auto event = parse_text_line(lines(output)[0]);
  REQUIRE(event);
  CHECK(text_shape_error(*event) == "");
  CHECK(event->value("argv") ==
        R"(["/bin/echo","--token","***","--password=***","https://me:***@host/x","\xff","plain"])");
  CHECK(event->value("argv_redacted") == "true");
}

TEST_CASE("they are masked in JSON, and so is what stands there in base64") {
  const std::string output = echo({"-j"}).events;
  CAPTURE(output);
  check_hidden(output);
  const Json event = the_exec(output);
  CHECK(argv_of(event) == std::vector<std::string>{"/bin/echo", "--token", "***", "--password=***",
                                                   "https://me:***@host/x", "\uFFFD", "plain"});
  REQUIRE(event.contains("argv_raw"));
  CHECK(event["argv_raw"][2] == "Kioq");
  CHECK(event.value("argv_redacted", false));
}

TEST_CASE("--show-secrets leaves them") {
  const std::string text = echo({"--show-secrets"}).events, json = echo({"--show-secrets", "-j"}).events;
  CHECK(contains(text, R"("--token",")" + kSecret + "\""));
  CHECK_FALSE(contains(text, "argv_redacted"));
  const Json event = the_exec(json);
  CHECK(has_argument(event, kSecret));
  CHECK(has_argument(event, "--password=" + kSecret));
  CHECK(contains(json, kInBase64[0]));
  CHECK_FALSE(event.contains("argv_redacted"));
}

TEST_CASE("they are masked in an exec that fails, and arguments without any say nothing") {
  const Traced t = trace({"-e", "exec"}, {"/bin/sh", "-c", "/no/such/program --api-key=" + kSecret + "; /bin/true"});
  const std::string all = describe(t.events);
  CAPTURE(all);
  check_hidden(all);
  const Events execs = named(t.events, "exec");
  REQUIRE(execs.size() == 3);
  for (const Json& exec : execs) {
    CHECK(shape_error(exec) == "");
    const bool failed = exec.contains("error"), shell = has_argument(exec, "-c");
    CHECK(exec.contains("argv_redacted") == (failed || shell));
    if (failed) CHECK(has_argument(exec, "--api-key=***"));
    if (shell) CHECK(has_argument(exec, "/no/such/program --api-key=***; /bin/true"));
  }
}

TEST_SUITE_END();

}  // namespace aa::test
