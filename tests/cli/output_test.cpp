// The two output forms, colour, and what belongs on stderr.
#include <doctest/doctest.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "events.hpp"

namespace aa::test {
namespace {

const std::vector<std::string> kBusy{"/bin/sh", "-c",
                                     "/bin/true 'two words' '' 'q\"uote' 'back\\slash' \"$(printf "
                                     "'tab\\tnewline\\nescape\\033[31m')\"; /no/such/program; "
                                     "(exit 7); sh -c 'kill -TERM $$'; /bin/echo | /bin/cat; exit 0"};

std::vector<std::string> with_command(std::vector<std::string> options,
                                      const std::vector<std::string>& command = kBusy) {
  options.push_back("--");
  options.insert(options.end(), command.begin(), command.end());
  return options;
}

bool coloured(const std::string& text) { return contains(text, "\033["); }

Outcome on_terminal(std::vector<std::string> options,
                    const std::map<std::string, std::optional<std::string>>& env = {}) {
  const Pty pty;
  Spec spec = aa_spec(with_command(std::move(options), {"/bin/true"}));
  spec.terminal = &pty;
  spec.in = spec.out = kTerminal;
  spec.env = env;
  spec.env.emplace("TERM", "xterm-256color");
  Process p(spec);
  return p.finish();
}

}  // namespace

TEST_SUITE_BEGIN("output");

TEST_CASE("-o: what was in the file stays if the trace cannot start") {
  const Scratch scratch;
  const std::string file = scratch.write("precious", "what was there\n");
  // enough to open the file, not for all maps and programs
  Spec spec{.argv = {"/bin/sh", "-c", "ulimit -n 24 && exec \"$@\"", "sh"}};
  const Spec traced = aa_spec({"-j", "-o", file, "--as-root", "--", "/bin/true"});
  spec.argv.insert(spec.argv.end(), traced.argv.begin(), traced.argv.end());
  const Outcome o = run(spec);
  CAPTURE(o.err);
  CHECK(o.status == 1);
  CHECK(read_file(file) == "what was there\n");
  REQUIRE(run(traced).status == 0);
  CHECK(read_file(file).starts_with("{"));
}

TEST_CASE("text: every line of a real run has the documented form") {
  const auto since = Clock::now();
  const Outcome o = run(aa_spec(with_command({"-e", "process", "--as-root"})));
  const std::chrono::duration<double> took = Clock::now() - since;
  CAPTURE(o.err);
  CHECK(o.status == 0);
  const auto got = lines(o.out);
  REQUIRE(got.size() >= 15);
  double last = 0;
  std::set<std::string> names;
  for (const auto& line : got) {
    CAPTURE(line);
    const auto event = parse_text_line(line);
    REQUIRE(event);
    CHECK(text_shape_error(*event) == "");
    CHECK(event->time >= 0);
    CHECK(event->time < took.count());
    last = event->time;
    names.insert(event->name);
  }
  CHECK(last > 0);
  CHECK(names == std::set<std::string>{"exec", "exit", "fork"});
}

TEST_CASE("text: values are written as documented") {
  const Outcome o = run(aa_spec(with_command({"-e", "process", "--as-root"})));
  std::vector<TextEvent> events;
  for (const auto& line : lines(o.out)) {
    auto event = parse_text_line(line);
    REQUIRE(event);
    events.push_back(std::move(*event));
  }
  const auto find = [&](const std::string& name, const std::string& key, const std::string& value) {
    for (const auto& e : events)
      if (e.name == name && e.value(key) == value) return e;
    FAIL("no ", name, " with ", key, "=", value);
    return TextEvent{};
  };
  const auto odd = find("exec", "filename", "\"/bin/true\"");
  CHECK(odd.value("argv") == R"(["/bin/true","two words","","q\"uote","back\\slash","tab\tnewline\nescape\x1b[31m"])");
  CHECK(odd.value("comm") == "\"true\"");
  CHECK(odd.value("error") == "");
  const auto failed = find("exec", "filename", "\"/no/such/program\"");
  CHECK(failed.value("error") == "ENOENT");
  CHECK(find("exit", "code", "7").value("signal") == "");
  CHECK(find("exit", "signal", "SIGTERM").value("code") == "");
  const std::string duration = events.back().value("duration");
  CHECK(duration.size() - duration.find('.') == 7);  // microseconds, as the times
}

TEST_CASE("JSON: start first, end last, every line of the documented shape") {
  const Traced t = trace({"-e", "process"}, kBusy);
  REQUIRE(t.events.size() >= 17);
  CHECK(text_of(t.events.front(), "event") == "start");
  CHECK(text_of(t.events.back(), "event") == "end");
  CHECK(named(t.events, "start").size() == 1);
  CHECK(named(t.events, "end").size() == 1);
  for (const auto& event : t.events) {
    CAPTURE(event.dump());
    CHECK(shape_error(event) == "");
    CHECK_FALSE(event.contains("unreadable"));
  }
}

TEST_CASE("JSON: start and end say what was watched and what came of it") {
  const Traced t = trace({"-e", "process"}, kBusy);
  const Json& start = t.events.front();
  const Json& end = t.events.back();
  CAPTURE(start.dump());
  CAPTURE(end.dump());
  CHECK(text_of(start, "kernel") != "");
  CHECK(contains(run(aa_spec({"-V"})).out, text_of(start, "version")));
  for (const char* event : {"fork", "exec", "exit"}) CHECK(contains(start["events"].dump(), event));
  CHECK_FALSE(start["targets"].empty());
  CHECK(end["count"] == traced(t.events).size());
  CHECK(end["lost"] == 0);
  CHECK(text_of(end, "reason") != "");
  CHECK(end["duration"].get<double>() > 0);
}

TEST_CASE("JSON: start says where the trace runs, and what its COMMAND is") {
  const Scratch scratch;
  Spec spec;
  spec.cwd = scratch.path();
  const std::vector<std::string> command{"/bin/echo", "--password=of-me", "\xff", "plain"};
  const Traced t = trace({"-e", "exec"}, command, spec);
  const Json& start = t.events.front();
  CAPTURE(start.dump());
  CHECK(shape_error(start) == "");
  utsname names{};
  REQUIRE(uname(&names) == 0);
  CHECK(text_of(start, "host") == names.nodename);
  CHECK(text_of(start, "boot_id") + "\n" == read_file("/proc/sys/kernel/random/boot_id"));
  CHECK(text_of(start, "cwd") == std::filesystem::canonical(scratch.path()));
  CHECK(start["command"] == Json{"/bin/echo", "--password=***", "\uFFFD", "plain"});
  CHECK(start["command_raw"][2] == "/w==");
  CHECK(start.value("command_redacted", false));

  const Json open = trace({"-e", "exec", "--show-secrets"}, command).events.front();
  CHECK(open["command"][1] == "--password=of-me");
  CHECK_FALSE(open.contains("command_redacted"));
}

TEST_CASE("JSON: a start without COMMAND has none, and a long one is cut as arguments are") {
  const Traced longest = trace({"-e", "exec"}, {"/bin/true", std::string(20000, 'a'), std::string(20000, 'b'), "c"});
  const Json& start = longest.events.front();
  CHECK(shape_error(start) == "");
  REQUIRE(start["command"].size() == 3);
  CHECK(start["command"][2].get<std::string>().size() == 32768 - 10 - 20001);
  CHECK(start.value("command_truncated", false));
  CHECK(start["command_bytes"] == 10 + 20001 + 20001 + 2);

  const Outcome idle = run(aa_spec({"-j", "-d", "0.1", "-p", std::to_string(getpid())}));
  const Events events = parse_events(idle.out);
  REQUIRE(!events.empty());
  CHECK(shape_error(events.front()) == "");
  CHECK_FALSE(events.front().contains("command"));
}

TEST_CASE("JSON: strings arrive unchanged, keys that do not apply are absent") {
  const Traced t = trace({"-e", "process"}, kBusy);
  int seen = 0;
  for (const auto& e : named(t.events, "exec")) {
    const std::string filename = text_of(e, "filename");
    CHECK(e.contains("error") == (filename == "/no/such/program"));
    CHECK_FALSE(e.contains("script"));
    CHECK_FALSE(e.contains("argv_raw"));
    CHECK_FALSE(e.contains("argv_truncated"));
    if (filename != "/bin/true") continue;
    seen++;
    CHECK(argv_of(e) == std::vector<std::string>{"/bin/true", "two words", "", "q\"uote", "back\\slash",
                                                 "tab\tnewline\nescape\033[31m"});
    char cwd[4096];
    CHECK(text_of(e, "cwd") == getcwd(cwd, sizeof cwd));
    const bool resolved = text_of(e, "exe") == "/usr/bin/true" || text_of(e, "exe") == "/bin/true";
    CHECK(resolved);
  }
  CHECK(seen == 1);
  int signalled = 0;
  for (const auto& e : named(t.events, "exit")) {
    CHECK_FALSE(e.contains("core_dumped"));
    if (!e.contains("signal")) continue;
    signalled++;
    CHECK(text_of(e, "signal") == "SIGTERM");
    CHECK_FALSE(e.contains("code"));
  }
  CHECK(signalled == 1);
}

TEST_CASE("JSON: pids, forks and exits fit together") {
  const Traced t = trace({"-e", "process"}, kBusy);
  std::set<int> born{named(t.events, "exec")[0]["pid"].get<int>()}, died;
  for (const auto& e : traced(t.events)) {
    const std::string name = text_of(e, "event");
    const int pid = e["pid"];
    CHECK_MESSAGE(born.contains(pid), "known before its first event: ", e.dump());
    CHECK_MESSAGE(!died.contains(pid), "nothing after its exit: ", e.dump());
    if (name == "fork") born.insert(e["child_pid"].get<int>());
    if (name == "exit") died.insert(pid);
  }
  CHECK(born == died);
}

TEST_CASE("JSON: times are of this day, rise, and agree with elapsed") {
  const auto since = Clock::now();
  const Outcome before = run({"/bin/date", "-u", "+%Y-%m-%dT%H:%M:%S.%NZ"});
  const Traced t = trace({"-e", "process"}, kBusy);
  const Outcome after = run({"/bin/date", "-u", "+%Y-%m-%dT%H:%M:%S.%NZ"});
  const std::chrono::duration<double> took = Clock::now() - since;
  std::map<int, std::string> last;
  for (const auto& e : traced(t.events)) {
    const std::string time = text_of(e, "time");
    CHECK(time >= before.out.substr(0, 30));
    CHECK(time <= after.out.substr(0, 30));
    CHECK(time >= last[e["tid"].get<int>()]);
    last[e["tid"].get<int>()] = time;
    CHECK(e["elapsed"].get<double>() >= 0);
    CHECK(e["elapsed"].get<double>() < took.count());
  }
  CHECK(text_of(t.events.front(), "time") >= before.out.substr(0, 30));
  CHECK(t.events.back()["elapsed"].get<double>() >= t.events[1]["elapsed"].get<double>());
}

TEST_CASE("JSON: a name that is no UTF-8 is still valid JSON, its bytes are in _raw") {
  const Traced t = trace({"-e", "exec"}, {"/bin/sh", "-c", "/bin/true \"$(printf 'bad\\377name')\""});
  const Events execs = named(t.events, "exec");
  REQUIRE(execs.size() == 2);
  CAPTURE(execs[1].dump());
  CHECK(argv_of(execs[1]) == std::vector<std::string>{"/bin/true", "bad\xEF\xBF\xBDname"});
  REQUIRE(execs[1].contains("argv_raw"));
  CHECK(execs[1]["argv_raw"] == Json({"L2Jpbi90cnVl", "YmFk/25hbWU="}));
}

TEST_CASE("colour: only on a terminal, unless asked; never with NO_COLOR") {
  CHECK(coloured(on_terminal({"-q", "-e", "exec"}).screen));
  CHECK(coloured(on_terminal({"-q", "-e", "exec", "--color", "auto"}).screen));
  CHECK_FALSE(coloured(on_terminal({"-q", "-e", "exec"}, {{"NO_COLOR", "1"}}).screen));
  CHECK_FALSE(coloured(on_terminal({"-q", "-e", "exec", "--color", "never"}).screen));
  const auto piped = [](const char* when) {
    return run(aa_spec(with_command({"-q", "-e", "exec", "--color", when}))).out;
  };
  CHECK_FALSE(coloured(piped("auto")));
  CHECK_FALSE(coloured(piped("never")));
  CHECK(coloured(piped("always")));
  for (const auto& text :
       {on_terminal({"-q", "-e", "exec"}).screen, on_terminal({"-q", "-e", "exec"}, {{"NO_COLOR", "1"}}).screen})
    CHECK(contains(without_colour(text), " $ /bin/true"));
  CHECK(contains(without_colour(on_terminal({"-q", "-F", "line", "-e", "exec"}).screen), "] exec pid="));
}

TEST_CASE("colour changes nothing but the colour") {
  const Outcome o = run(aa_spec(with_command({"-q", "-e", "process", "--color=always", "--as-root"})));
  REQUIRE(lines(o.out).size() >= 15);
  for (const auto& line : lines(o.out)) {
    const auto event = parse_text_line(without_colour(line));
    CAPTURE(line);
    REQUIRE(event);
    CHECK(text_shape_error(*event) == "");
  }
}

TEST_CASE("JSON is never coloured unless asked, and never broken by it") {
  const Outcome o = on_terminal({"-q", "-j", "-e", "exec"});
  CHECK_FALSE(coloured(o.screen));
  for (const auto& line : lines(run(aa_spec(with_command({"-q", "-j", "-e", "exec", "--color", "always"}))).out)) {
    CAPTURE(line);
    CHECK_FALSE(Json::parse(line, nullptr, false).is_discarded());
  }
}

TEST_CASE("stderr: a banner and a summary; with -q nothing") {
  for (const bool json : {true, false}) {
    std::vector<std::string> options{"-e", "exec", "--as-root"};
    if (json) options.push_back("-j");
    const Outcome normal = run(aa_spec(with_command(options, {"/bin/true"})));
    CAPTURE(normal.err);
    CHECK(lines(normal.err).size() >= 2);
    CHECK(lines(normal.err).size() <= 6);
    CHECK_FALSE(coloured(normal.err));
    options.push_back("-q");
    const Outcome quiet = run(aa_spec(with_command(options, {"/bin/true"})));
    CHECK(quiet.err == "");
    CHECK(quiet.status == 0);
  }
}

TEST_CASE("-v says more, on stderr only") {
  const Outcome normal = run(aa_spec(with_command({"-j", "-e", "exec"}, {"/bin/true"})));
  const Outcome verbose = run(aa_spec(with_command({"-j", "-v", "-e", "exec"}, {"/bin/true"})));
  CHECK(lines(verbose.err).size() > lines(normal.err).size());
  CHECK(parse_events(verbose.out).size() == 3);
  const Outcome more = run(aa_spec(with_command({"-j", "-v", "-v", "-v", "-e", "exec"}, {"/bin/true"})));
  CHECK(parse_events(more.out).size() == 3);
}

TEST_SUITE_END();

}  // namespace aa::test
