// SPDX-License-Identifier: MIT OR Apache-2.0
#include "unit/output/golden.hpp"

#include <doctest/doctest.h>

#include "event/kinds.hpp"
#include "unit/output/lines.hpp"

namespace aa::test {
namespace {

constexpr char kTextHead[] = " pid=4242 tid=4243 ppid=4241 uid=1000 gid=1001 comm=\"bash\"";
constexpr char kJsonHead[] =
    R"("pid":4242,"tid":4243,"ppid":4241,"uid":1000,"gid":1001,"comm":"bash","proc":"4242-2993920876")";

}  // namespace

Event some_event(aa_kind kind) {
  Event event;
  event.kind = kind;
  event.time = kBegan + 1'520'999;
  event.start = event.time - 7'600'123;
  event.pid = 4242;
  event.tid = 4243;
  event.ppid = 4241;
  event.uid = 1000;
  event.gid = 1001;
  event.comm = "bash";
  event.exe = Text::of("/usr/bin/bash");
  event.process.began = event.start;
  event.process.max_rss = 1234;
  event.process.cpu_time = CpuTime{.user = 1'500'000'000, .system = 20'001'000};
  return event;
}

std::string text(const std::string& name, const std::string& rest) {
  return "[0.001520] " + name + kTextHead + rest + "\n";
}

std::string json(const std::string& name, const std::string& rest) {
  return R"(,"elapsed":0.001520999,"event":")" + name + "\"," + kJsonHead + rest + "}\n";
}

std::string json_rest(const Event& event) {
  const std::string line = json_line(event);
  REQUIRE(parse_line(line));
  CHECK(is_clean_line(line));
  REQUIRE(line.starts_with(R"({"v":2,"time":")"));
  const std::size_t from = std::string(R"({"v":2,"time":")").size(), to = line.find('"', from);
  const std::string time = line.substr(from, to - from);
  CHECK(time.size() == std::string("2026-11-20T10:36:29.123456789Z").size());
  CHECK(time[10] == 'T');
  CHECK(time.ends_with('Z'));
  return line.substr(to + 1);
}

Event event_of(const FileLine& line) {
  Event event = some_event(line.kind);
  event.file.path = Text::of("/d/f");
  line.fill(event);
  return event;
}

void check_line(const FileLine& line) {
  const Event event = event_of(line);
  const std::string name(event_name(line.kind));
  CAPTURE(name);
  CHECK(text_line(event) == text(name, " " + line.text));
  CHECK(json_rest(event) == json(name, R"(,"exe":"/usr/bin/bash",)" + line.json));
}

}  // namespace aa::test
