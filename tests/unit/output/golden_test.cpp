// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The lines as the contract has them, key by key and in their order.
#include <doctest/doctest.h>

#include "output/describe.hpp"
#include "output/sink.hpp"
#include "unit/output/golden.hpp"
#include "unit/output/lines.hpp"
#include "unit/reference.hpp"

namespace aa::test {
namespace {

Event some_exec() {
  Event event = some_event(AA_EXEC);
  event.exec.filename = Text::of("bin/ls");
  event.exec.cwd = Text::of("/home/me");
  event.exec.argv = {.arguments = {"ls", "", "-l x"}, .state = Text::State::kPresent};
  event.exec.lineage = {.names = {"sh", "make"}, .state = Text::State::kPresent};
  return event;
}

constexpr char kExecStrings[] =
    R"("filename":"bin/ls","cwd":"/home/me","argv":["ls","","-l x"],"lineage":["sh","make"])";

TEST_CASE("golden: fork") {
  Event event = some_event(AA_FORK);
  event.process.child_pid = 4300;
  CHECK(text_line(event) == text("fork", " child_pid=4300"));
  CHECK(json_rest(event) == json("fork", R"(,"exe":"/usr/bin/bash","child_pid":4300)"));
}

TEST_CASE("golden: exec") {
  const Event event = some_exec();
  CHECK(text_line(event) == text("exec",
                                 R"( exe="/usr/bin/bash" filename="bin/ls" cwd="/home/me" argv=["ls","","-l x"])"
                                 R"( lineage="sh>make")"));
  CHECK(json_rest(event) == json("exec", std::string(R"(,"exe":"/usr/bin/bash",)") + kExecStrings));
}

TEST_CASE("golden: exec of a script, from a 32-bit program") {
  Event event = some_exec();
  event.exec.script = Text::of("/home/me/bin/ls");
  event.compat = true;
  event.exec.lineage.names.clear();
  CHECK(text_line(event) == text("exec",
                                 R"( compat=true exe="/usr/bin/bash" script="/home/me/bin/ls" filename="bin/ls")"
                                 R"( cwd="/home/me" argv=["ls","","-l x"])"));
  CHECK(json_rest(event) ==
        json("exec", R"(,"exe":"/usr/bin/bash","compat":true,"script":"/home/me/bin/ls","filename":"bin/ls",)"
                     R"("cwd":"/home/me","argv":["ls","","-l x"],"lineage":[])"));
}

TEST_CASE("golden: an exec with variables, by a user who became another one") {
  Event event = some_exec();
  event.exec.env = {.arguments = {"A=b c", "T=***"}, .state = Text::State::kPresent, .redacted = true};
  event.exec.loginuid = 1000;
  event.exec.ruid = 1002;
  event.exec.lineage.names.clear();
  CHECK(text_line(event) == text("exec",
                                 R"( exe="/usr/bin/bash" filename="bin/ls" cwd="/home/me" argv=["ls","","-l x"])"
                                 R"( env=["A=b c","T=***"] env_redacted=true)"));
  CHECK(json_rest(event) ==
        json("exec", R"(,"exe":"/usr/bin/bash","loginuid":1000,"ruid":1002,"filename":"bin/ls","cwd":"/home/me",)"
                     R"("argv":["ls","","-l x"],"env":{"A":"b c","T":"***"},"env_redacted":true,"lineage":[])"));
  event.exec.ruid = event.uid;
  event.exec.env = {.arguments = {"\xff="}, .state = Text::State::kPresent, .truncated = true, .total_bytes = 9};
  CHECK(json_rest(event) == json("exec", R"(,"exe":"/usr/bin/bash","loginuid":1000,"filename":"bin/ls",)"
                                         R"("cwd":"/home/me","argv":["ls","","-l x"],)"
                                         "\"env\":{\"\uFFFD\":\"\"},"
                                         R"("env_raw":["/z0="],"env_truncated":true,"env_bytes":9,"lineage":[])"));
  event.exec.env.state = Text::State::kUnreadable;
  CHECK(text_line(event).find("unreadable=env ") != std::string::npos);
}

TEST_CASE("golden: a failed exec") {
  Event event = some_exec();
  event.error = 2;
  CHECK(text_line(event) ==
        text("exec", R"( error=ENOENT filename="bin/ls" cwd="/home/me" argv=["ls","","-l x"] lineage="sh>make")"));
  CHECK(json_rest(event) == json("exec", std::string(R"(,"exe":"/usr/bin/bash","error":"ENOENT",)") + kExecStrings));
}

TEST_CASE("golden: exit with a code") {
  Event event = some_event(AA_EXIT);
  event.process.code = 3;
  CHECK(text_line(event) == text("exit", " code=3 duration=0.007600"));
  CHECK(json_rest(event) == json("exit", R"(,"exe":"/usr/bin/bash","code":3,"duration":0.007600,)"
                                         R"("max_rss":1234,"user_time":1.500000,"system_time":0.020001)"));
}

TEST_CASE("golden: exit by a signal") {
  Event event = some_event(AA_EXIT);
  event.process.signal = 11;
  event.process.core_dumped = true;
  CHECK(text_line(event) == text("exit", " signal=SIGSEGV core_dumped=true duration=0.007600"));
  CHECK(json_rest(event) == json("exit",
                                 R"(,"exe":"/usr/bin/bash","signal":"SIGSEGV","core_dumped":true,"duration":0.007600,)"
                                 R"("max_rss":1234,"user_time":1.500000,"system_time":0.020001)"));
}

TEST_CASE("golden: exit of a process of which not all is known") {
  Event event = some_event(AA_EXIT);
  event.process.max_rss.reset();
  event.process.cpu_time.reset();
  CHECK(text_line(event) == text("exit", " code=0 duration=0.007600"));
  CHECK(json_rest(event) == json("exit", R"(,"exe":"/usr/bin/bash","code":0,"duration":0.007600,)"
                                         R"("unreadable":["max_rss","user_time","system_time"])"));
}

TEST_CASE("golden: unreadable strings are absent and named") {
  Event event = some_exec();
  event.exe = event.exec.cwd = Text::unreadable();
  event.exec.argv.state = event.exec.lineage.state = Text::State::kUnreadable;
  CHECK(text_line(event) == text("exec", R"( unreadable=exe,cwd,argv,lineage filename="bin/ls")"));
  const auto parsed = parse_line(json_line(event));
  REQUIRE(parsed);
  for (const char* key : {"exe", "cwd", "argv", "lineage"}) CHECK_FALSE(parsed->contains(key));
  auto named = parsed->at("unreadable").get<std::vector<std::string>>();
  std::ranges::sort(named);
  CHECK(named == std::vector<std::string>{"argv", "cwd", "exe", "lineage"});
}

TEST_CASE("golden: cut strings say so behind themselves") {
  Event event = some_exec();
  event.exec.cwd.truncated = event.exec.argv.truncated = event.exec.lineage.truncated = true;
  event.exec.argv.total_bytes = 99'999;
  CHECK(text_line(event) == text("exec", R"( exe="/usr/bin/bash" filename="bin/ls" cwd="/home/me" cwd_truncated=true)"
                                         R"( argv=["ls","","-l x"] argv_truncated=true argv_bytes=99999)"
                                         R"( lineage="sh>make" lineage_truncated=true)"));
  CHECK(json_rest(event) == json("exec",
                                 R"(,"exe":"/usr/bin/bash","filename":"bin/ls","cwd":"/home/me","cwd_truncated":true,)"
                                 R"("argv":["ls","","-l x"],"argv_truncated":true,"argv_bytes":99999,)"
                                 R"("lineage":["sh","make"],"lineage_truncated":true)"));
  event.exec.argv.total_bytes = 0;
  CHECK(text_line(event).find("argv_bytes") == std::string::npos);
  CHECK_FALSE(parse_line(json_line(event))->contains("argv_bytes"));
}

TEST_CASE("golden: masked arguments say so behind what else is said of them") {
  Event event = some_exec();
  event.exec.argv.arguments = {"x", "--token=***"};
  event.exec.argv.redacted = true;
  CHECK(text_line(event) == text("exec",
                                 R"( exe="/usr/bin/bash" filename="bin/ls" cwd="/home/me" argv=["x","--token=***"])"
                                 R"( argv_redacted=true lineage="sh>make")"));
  CHECK(json_rest(event) ==
        json("exec", R"(,"exe":"/usr/bin/bash","filename":"bin/ls","cwd":"/home/me","argv":["x","--token=***"],)"
                     R"("argv_redacted":true,"lineage":["sh","make"])"));
  event.exec.argv.truncated = true;
  event.exec.argv.total_bytes = 77'777;
  event.exec.argv.arguments.push_back("\xff");
  CHECK(text_line(event).find(R"(argv_truncated=true argv_bytes=77777 argv_redacted=true lineage)") !=
        std::string::npos);
  CHECK(
      json_rest(event).find(R"("argv_raw":["eA==","LS10b2tlbj0qKio=","/w=="],"argv_truncated":true,"argv_bytes":77777,)"
                            R"("argv_redacted":true,"lineage")") != std::string::npos);
}

TEST_CASE("golden: bytes that are no UTF-8 have their base64 beside them") {
  Event event = some_exec();
  event.comm = "a\xff";
  event.exec.filename = Text::of("\xc3\x28/\x1b[2J");
  event.exec.argv.arguments = {"ok", "\xfe"};
  const auto parsed = parse_line(json_line(event));
  REQUIRE(parsed);
  CHECK(parsed->at("comm") == "a\uFFFD");
  CHECK(decode_base64(parsed->at("comm_raw").get<std::string>()) == "a\xff");
  CHECK(parsed->at("filename") == "\uFFFD(/\x1b[2J");
  CHECK(decode_base64(parsed->at("filename_raw").get<std::string>()) == "\xc3\x28/\x1b[2J");
  CHECK(parsed->at("argv") == Json::array({"ok", "\uFFFD"}));
  CHECK(parsed->at("argv_raw") == Json::array({"b2s=", "/g=="}));
  CHECK_FALSE(parsed->contains("cwd_raw"));
  CHECK(text_line(event).find(R"(filename="\xc3(/\x1b[2J")") != std::string::npos);
  CHECK(is_clean_line(text_line(event)));
}

TEST_CASE("golden: color changes nothing but adds SGR sequences, and only when it is on") {
  Event failed = some_exec();
  failed.error = 2;
  for (const Event& event : {some_exec(), failed, some_event(AA_EXIT), some_event(AA_FORK)}) {
    const std::string plain = text_line(event), colored = text_line(event, true);
    CHECK(plain.find('\x1b') == std::string::npos);
    std::string stripped;
    std::size_t at = 0;
    for (std::size_t escape; (escape = colored.find("\x1b[", at)) != std::string::npos;) {
      stripped += colored.substr(at, escape - at);
      const std::size_t end = colored.find_first_not_of("0123456789;", escape + 2);
      REQUIRE(end != std::string::npos);
      REQUIRE(colored[end] == 'm');
      at = end + 1;
    }
    stripped += colored.substr(at);
    CHECK(at > 0);
    CHECK(stripped == plain);
    CHECK(colored.find("\x1b[0m") != std::string::npos);
  }
}

TEST_CASE("golden: start, lost and end") {
  TraceClock clock(kBegan);
  const auto text_sink = make_text_sink(clock, false), json_sink = make_json_sink(clock);
  const TraceStart start{.version = "1.2",
                         .kernel = "6.1",
                         .host = "h",
                         .boot_id = "b",
                         .cwd = "/d",
                         .targets = {"pid 1", "\xff"},
                         .events = {"exec", "exit"}};
  const TraceEnd end{.count = 5, .lost = 2, .duration = 1'500'000'000, .reason = "ended"};
  std::string lines;
  text_sink->start(lines, start);
  text_sink->end(lines, end);
  CHECK(lines.empty());
  text_sink->lost(lines, kBegan + 2'000'000, 7, "ring_full");
  CHECK(lines == "[0.002000] lost count=7 reason=ring_full\n");

  std::string first, lost, last;
  json_sink->start(first, start);
  json_sink->lost(lost, kBegan + 2'000'000, 7, "ring_full");
  json_sink->end(last, end);
  const auto after_time = [](const std::string& line) { return line.substr(line.find(R"(,"elapsed")")); };
  REQUIRE(parse_line(first));
  CHECK(after_time(first) == R"(,"elapsed":0.000000000,"event":"start","version":"1.2","kernel":"6.1",)"
                             R"("host":"h","boot_id":"b","cwd":"/d",)"
                             "\"targets\":[\"pid 1\",\"\uFFFD\"],\"targets_raw\":[\"cGlkIDE=\",\"/w==\"],"
                             "\"events\":[\"exec\",\"exit\"]}\n");
  CHECK(after_time(lost) == R"(,"elapsed":0.002000000,"event":"lost","count":7,"reason":"ring_full"})"
                            "\n");
  CHECK(after_time(last) == R"(,"elapsed":1.500000000,"event":"end","count":5,"lost":2,"duration":1.500000,)"
                            R"("reason":"ended"})"
                            "\n");
}

TEST_CASE("golden: the start of a COMMAND, and of what is not known") {
  TraceClock clock(kBegan);
  const auto sink = make_json_sink(clock);
  TraceStart start{.version = "1.2", .kernel = "6.1", .host = "h", .boot_id = "", .cwd = ""};
  start.command = {.arguments = {"sh", "\xff"},
                   .state = Text::State::kPresent,
                   .truncated = true,
                   .redacted = true,
                   .total_bytes = 7};
  std::string line;
  sink->start(line, start);
  REQUIRE(parse_line(line));
  CHECK(line.substr(line.find(R"(,"version")")) ==
        ","
        R"("version":"1.2","kernel":"6.1","host":"h",)"
        "\"command\":[\"sh\",\"\uFFFD\"],"
        R"("command_raw":["c2g=","/w=="],"command_truncated":true,"command_bytes":7,"command_redacted":true,)"
        R"("targets":[],"events":[],"unreadable":["boot_id","cwd"]})"
        "\n");
}

TEST_CASE("names: every signal and every error has one") {
  for (int signal = 1; signal <= 64; signal++) {
    CAPTURE(signal);
    const std::string name = signal_name(signal);
    CHECK(name.starts_with("SIG"));
    CHECK(name.size() > 3);
    CHECK(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+") == std::string::npos);
  }
  CHECK(signal_name(9) == "SIGKILL");
  CHECK(signal_name(6) == "SIGABRT");
  CHECK(signal_name(17) == "SIGCHLD");
  CHECK(signal_name(29) == "SIGIO");
  CHECK(signal_name(34) == "SIGRTMIN");
  CHECK(signal_name(64) == "SIGRTMIN+30");
  CHECK(error_name(2) == "ENOENT");
  CHECK(error_name(7) == "E2BIG");
  CHECK(error_name(11) == "EAGAIN");
  CHECK(error_name(133) == "EHWPOISON");
  for (int error = 1; error <= 4095; error++) {
    const std::string name = error_name(error);
    CHECK_FALSE(name.empty());
    CHECK(name.find_first_of(" \"\\") == std::string_view::npos);
  }
}

}  // namespace
}  // namespace aa::test
