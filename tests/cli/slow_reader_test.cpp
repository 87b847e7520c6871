// A reader that is slower than the trace: it misses nothing, whatever it does, as long as the spool holds it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "events.hpp"

namespace aa::test {
namespace {

std::string opens(int processes, int count) {
  const char* place = std::getenv("AA_WORKLOADS");
  return std::string(place ? place : "build/workloads") + "/numbered_opens " + std::to_string(processes) + " " +
         std::to_string(count);
}

Outcome shell(const std::string& script, const std::map<std::string, std::optional<std::string>>& env = {}) {
  Spec spec;
  spec.argv = {"/bin/bash", "-c", script};
  spec.env = env;
  spec.env["AA"] = program();
  return run(spec);
}

// How many different names were told, and how the program before jq ended.
constexpr char kCount[] = " | grep numbered/ | sort | uniq | wc -l; echo ${PIPESTATUS[0]}";

// A trace whose reader is this test.
struct Unread {
  int ends[2];
  Fd reader;
  Process tracer;

  Unread(const std::string& options, const std::string& command, const std::string& directory = "/tmp")
      : tracer(spec_for(options, command, directory)) {
    reader = Fd(ends[0]);
    close(ends[1]);
  }

  std::string read_all() const {
    std::string text;
    std::vector<char> piece(1 << 16);
    ssize_t n = 0;
    while ((n = ::read(reader.get(), piece.data(), piece.size())) > 0) text.append(piece.data(), n);
    return text;
  }

 private:
  Spec spec_for(const std::string& options, const std::string& command, const std::string& directory) {
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    Spec spec;
    spec.argv = {"/bin/bash", "-c", "exec $AA " + options + " --as-root -- " + command};
    spec.env["AA"] = program();
    spec.env["TMPDIR"] = directory;
    spec.out = borrowed(ends[1]);
    return spec;
  }
};

// All lines are whole; of the many each hundredth is parsed, and all that are not such an open.
int opens_in(const std::string& text) {
  static const std::string kMark = "\"path\":\"/numbered/";
  std::set<std::string> names;
  CHECK(text.ends_with("\n"));
  for (const auto& line : lines(text)) {
    REQUIRE_MESSAGE((line.starts_with("{\"") && line.ends_with("}")), line);
    const std::size_t at = line.find(kMark);
    if (at == std::string::npos || names.size() % 100 == 0)
      REQUIRE_MESSAGE(!Json::parse(line, nullptr, false).is_discarded(), line);
    if (at == std::string::npos) continue;
    const std::size_t name = at + kMark.size();
    REQUIRE_MESSAGE(names.insert(line.substr(name, line.find('"', name) - name)).second, line);
  }
  return static_cast<int>(names.size());
}

bool ended_waiting(Process& tracer) {
  return tracer.until([&tracer] { return contains(tracer.err(), "waiting for the reader"); });
}

// By the second signal.
Outcome give_up(Unread& unread) {
  REQUIRE(ended_waiting(unread.tracer));
  unread.tracer.signal(SIGINT);
  REQUIRE(wait_until([&] { return proc_status(unread.tracer.pid(), "ShdPnd") == "0000000000000000"; }));
  unread.tracer.signal(SIGINT);
  return unread.tracer.finish();
}

// "..., LOST 123 unread"
int unread_in(const std::string& summary) {
  const std::size_t at = summary.find(" unread");
  REQUIRE(at != std::string::npos);
  return std::stoi(summary.substr(summary.find_last_of(' ', at - 1) + 1));
}

// Is there a time in which it hardly runs?
bool comes_to_rest(pid_t pid) {
  const auto run_ns = [pid] { return std::stoull(read_file("/proc/" + std::to_string(pid) + "/schedstat")); };
  for (int i = 0; i < 20; i++) {
    const auto began = Clock::now();
    const auto before = run_ns();
    wait_until([began] { return Clock::now() - began > milliseconds(500); });
    if (run_ns() - before < 50'000'000) return true;
  }
  return false;
}

}  // namespace

TEST_SUITE_BEGIN("slow readers");

// The buffer is for machines on which aa-trace waits for a processor: this is about the reader.
TEST_CASE("| jq: 400,000 opens of two processes, and 200,000 of eight, all there") {
  for (const auto& [processes, count] : {std::pair{2, 200'000}, {8, 25'000}}) {
    const Outcome o = shell("$AA -j -e open --buffer 64M -- " + opens(processes, count) + " | jq -c .path" + kCount);
    CAPTURE(o.err);
    CHECK(contains(o.err, "none lost"));
    CHECK(o.out == std::to_string(processes * count) + "\n0\n");
  }
}

TEST_CASE("a reader that sleeps: all there when it wakes, and COMMAND did not wait for it") {
  Unread unread("-j -e open --buffer 64M", opens(2, 50'000));
  REQUIRE(ended_waiting(unread.tracer));
  const std::string text = unread.read_all();
  CHECK(opens_in(text) == 100'000);
  CHECK(text.ends_with("}\n"));
  const Outcome o = unread.tracer.finish();
  CAPTURE(o.err);
  CHECK(o.status == 0);
  CHECK(contains(o.err, "none lost"));
}

TEST_CASE("beyond memory a file without a name takes it; a small spool, or none, loses and counts") {
  struct Case {
    const char* options;
    bool loses;
  };
  for (const auto& [options, loses] : {Case{"--buffer 64M", false}, {"--spool 1M", true}, {"--spool 0", true}}) {
    CAPTURE(options);
    const Scratch scratch;
    // 75 MB of lines, or 12
    Unread unread("-j -e open " + std::string(options), opens(2, loses ? 50'000 : 150'000));
    REQUIRE(ended_waiting(unread.tracer));
    const std::string text = unread.read_all();
    const Outcome o = unread.tracer.finish();
    CAPTURE(o.err);
    CHECK(contains(o.err, "LOST") == loses);
    CHECK(o.status == (loses ? 3 : 0));
    CHECK(contains(text, "\"event\":\"end\""));
    if (loses) {
      CHECK(opens_in(text) < 50'000);
    } else {
      CHECK(opens_in(text) == 300'000);
    }
  }
}

TEST_CASE("a reader that stops while files are open: aa-trace waits for it and does not spin") {
  const std::string command =
      "bash -c 'exec 5</etc/passwd; read -u 5 line; " + opens(2, 20'000) + "; exec sleep infinity'";
  Unread unread("-j -e open,io --io-interval 0.1 --spool 0 --buffer 64M", command);
  const auto is_done = [&unread] {
    const pid_t command_pid = child_of(unread.tracer.pid());
    return command_pid && proc_status(command_pid, "Name") == "sleep";
  };
  REQUIRE(wait_until(is_done));
  CHECK(comes_to_rest(unread.tracer.pid()));
  unread.tracer.signal(SIGINT);
  CHECK(opens_in(unread.read_all()) == 40'000);
  CHECK(contains(unread.tracer.finish().err, "none lost"));
}

TEST_CASE("SIGINT once: the rest is still written") {
  Unread unread("-j -e open --buffer 64M", opens(2, 20'000));
  REQUIRE(ended_waiting(unread.tracer));
  unread.tracer.signal(SIGINT);
  CHECK(opens_in(unread.read_all()) == 40'000);
  const Outcome o = unread.tracer.finish();
  CHECK(o.status == 0);
  CHECK(contains(o.err, "none lost"));
}

TEST_CASE("SIGINT twice: the rest is given up and counted, exit 3, nothing torn") {
  Unread unread("-j -e open --buffer 64M", opens(2, 20'000));
  const Outcome o = give_up(unread);
  CAPTURE(o.err);
  CHECK(o.status == 3);
  const std::string text = unread.read_all();
  CHECK(opens_in(text) < 40'000);
  CHECK(text.ends_with("\n"));
  // the opens of COMMAND itself too, and no start
  const int all = unread_in(o.err) + static_cast<int>(lines(text).size()) - 1;
  CHECK(all >= 40'000);
  CHECK(contains(o.err, std::to_string(all) + " events in"));
}

TEST_CASE("SIGINT twice, and lines that waited for what follows: they are counted too") {
  const std::string options = "-F short -e open --buffer 64M";
  const std::string command = "bash -c '" + opens(2, 20'000) + "; exec 5</bin/true 6</bin/false'";
  Unread whole(options, command);
  const std::size_t all = lines(whole.read_all()).size();
  CHECK(all >= 40'002);
  Unread unread(options, command);
  const Outcome o = give_up(unread);
  CAPTURE(o.err);
  CHECK(lines(unread.read_all()).size() + static_cast<std::size_t>(unread_in(o.err)) == all);
}

TEST_CASE("a reader that reads a byte now and then, and leaves: exit 0, at any point") {
  for (int bytes : {1, 1000, 300'000}) {
    CAPTURE(bytes);
    Unread unread("-j -e open --buffer 64M", opens(2, 20'000));
    char byte;
    for (int i = 0; i < bytes; i++) REQUIRE(::read(unread.reader.get(), &byte, 1) == 1);
    unread.reader.reset();
    const Outcome o = unread.tracer.finish();
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 0);
    CHECK_FALSE(contains(o.err, "Broken pipe"));
  }
}

TEST_CASE("a full TMPDIR: told once, then as a full spool") {
  const Scratch scratch;
  REQUIRE(mount("none", scratch.path().c_str(), "tmpfs", 0, "size=8m") == 0);
  Unread unread("-j -e open --spool 200M", opens(2, 200'000), scratch.path());
  REQUIRE(ended_waiting(unread.tracer));
  const std::string text = unread.read_all();
  const Outcome o = unread.tracer.finish();
  umount(scratch.path().c_str());
  CAPTURE(o.err);
  CHECK(o.status == 3);
  const std::size_t first = o.err.find("cannot keep more output in " + scratch.path());
  REQUIRE(first != std::string::npos);
  CHECK(o.err.find("cannot keep", first + 1) == std::string::npos);
  CHECK(opens_in(text) > 100'000);
}

TEST_CASE("a pipe that COMMAND writes to as well stays as it was: nobody's descriptor is made non-blocking") {
  const Outcome o = shell(
      "( $AA -q -j -e exec --as-root -- sh -c 'sleep 0; echo flags; grep flags /proc/self/fdinfo/2' "
      "2>&1 ) | cat");
  CAPTURE(o.out);
  REQUIRE(contains(o.out, "flags:\t01"));
  CHECK_FALSE(contains(o.out, "flags:\t04001"));
}

TEST_SUITE_END();

}  // namespace aa::test
