// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Names of any bytes: JSON stays JSON and keeps the bytes, text stays one line and harmless.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

namespace aa::test {

namespace {

struct Bytes {
  const char* bytes;
  const char* text;  // one U+FFFD for each longest run that could begin a character (Unicode 3.9, D93b)
};

const std::vector<Bytes> kArguments = {{"plain", "plain"},
                                       {"line\nbreak", "line\nbreak"},
                                       {"\x1b[31mred", "\x1b[31mred"},
                                       {"\x01\x7f\t\r", "\x01\x7f\t\r"},
                                       {"quote\"back\\slash", "quote\"back\\slash"},
                                       {"\xff", "\xef\xbf\xbd"},
                                       {"\xe2\x82\xac", "\xe2\x82\xac"},
                                       {"a\xe2\x82z", "a\xef\xbf\xbdz"},
                                       {"\xf0\x9f\x98", "\xef\xbf\xbd"},
                                       {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
                                       {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
                                       {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
                                       {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
                                       {"\xf0\x80\x80\x41", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x41"},
                                       {"\xe2\x80\xae"
                                        "bidi\xc2\x9b"
                                        "c1",
                                        "\xe2\x80\xae"
                                        "bidi\xc2\x9b"
                                        "c1"},
                                       {"", ""}};

const std::string kReplaced = "\xef\xbf\xbd";

std::vector<std::string> arguments_of(const char* Bytes::*form) {
  std::vector<std::string> arguments;
  for (const Bytes& each : kArguments) arguments.emplace_back(each.*form);
  return arguments;
}

// argv[0] is the workload's own path.
std::vector<std::string> without_first(std::vector<std::string> list) {
  REQUIRE_FALSE(list.empty());
  list.erase(list.begin());
  return list;
}

void check_texts(const Event& exec, const TempDir& directory) {
  INFO(exec.line());
  CHECK(without_first(exec.texts("argv")) == arguments_of(&Bytes::text));
  CHECK(without_first(exec.all_bytes("argv")) == arguments_of(&Bytes::bytes));
  CHECK(exec.texts("argv_raw").size() == exec.texts("argv").size());
  CHECK(exec.text("cwd") == directory.file("dir\nectory \x1b[31m" + kReplaced + kReplaced));
  CHECK(exec.has("cwd_raw"));
  CHECK(exec.has("filename_raw"));
}

bool has_control(const std::string& line) {
  return std::any_of(line.begin(), line.end(), [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; });
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("odd names in JSON") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "odd_names", arguments_of(&Bytes::bytes));
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 1);
  CHECK(check_exits(report) == 1);
  const long long pid = report.truth.only("call", "case", "odd").number("pid");
  const Event exec = report.only("exec", pid);
  check_texts(exec, directory);
  CHECK(exec.text("filename") == "./p\nq\x1b[2J" + kReplaced + kReplaced);
  CHECK(exec.text("comm") == "p\nq\x1b[2J" + kReplaced + kReplaced);
  CHECK(exec.has("comm_raw"));
  CHECK(exec.has("exe_raw"));
  const Event exit = report.only("exit", pid);
  CHECK(exit.bytes("comm") == exec.bytes("comm"));
  CHECK(exit.bytes("exe") == exec.bytes("exe"));

  const Fact failed = report.truth.only("failed");
  for (const Event& event : report.of("exec", failed.number("pid"))) {
    if (!event.has("error")) continue;
    check_failed_exec(event, failed);
    check_texts(event, directory);
  }
}

TEST_CASE("a name that is good UTF-8 has no raw form") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec"}, "odd_names", {"\xe2\x82\xac", "a\nb"});
  REQUIRE(report.code == 0);
  REQUIRE(report.of("exec").size() == 3);
  for (const Event& exec : report.of("exec")) CHECK_FALSE(exec.has("argv_raw"));
}

TEST_CASE("odd names in text: one line for each event, no control character") {
  const TempDir directory;
  const Report report =
      trace_command(directory, {"-e", "exec,exit"}, "odd_names", arguments_of(&Bytes::bytes), Trace::Format::kText);
  REQUIRE(report.code == 0);
  const std::vector<std::string> lines = lines_of(report.text);
  // COMMAND's exec, the child's, the failed one; two exits.
  REQUIRE(lines.size() == 5);
  CHECK(report.text.back() == '\n');
  for (const std::string& line : lines) {
    INFO(line);
    CHECK(line.front() == '[');
    CHECK_FALSE(has_control(line));
  }
  CHECK(report.text.find("\\x1b[31m\\xff\\xe2\\x82") != std::string::npos);
  CHECK(report.text.find("comm=\"p\\nq\\x1b[2J\\xff\\xc3\"") != std::string::npos);
  CHECK(report.text.find("\\u{202e}bidi\\u{9b}c1") != std::string::npos);
  CHECK(report.text.find("\xe2\x80\xae") == std::string::npos);
  CHECK(report.text.find("\xc2\x9b") == std::string::npos);
  CHECK(report.text.find("\xe2\x82\xac") != std::string::npos);
  CHECK(report.text.find("quote\\\"back\\\\slash") != std::string::npos);
}

}  // namespace aa::test
