// The file of -o, and what others do to it meanwhile.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "events.hpp"

namespace aa::test {
namespace {

std::vector<std::string> numbered_opens(int processes, int count) {
  const char* place = std::getenv("AA_WORKLOADS");
  return {std::string(place ? place : "build/workloads") + "/numbered_opens", std::to_string(processes),
          std::to_string(count)};
}

Spec traced_to(const std::string& file, int count) {
  std::vector<std::string> arguments{"-j", "-e", "open", "--buffer", "64M", "-o", file, "--as-root", "--"};
  for (const auto& word : numbered_opens(2, count)) arguments.push_back(word);
  return aa_spec(arguments);
}

// The names in a file, each of whose lines is valid; a copy that was made meanwhile may end in the middle of one.
void add_names(const std::string& file, std::set<std::string>& names, bool is_copy = false) {
  std::string text = read_file(file);
  if (is_copy) text.resize(text.rfind('\n') + 1);
  CHECK((text.empty() || text.ends_with("\n")));
  for (const auto& line : lines(text)) {
    const Json event = Json::parse(line, nullptr, false);
    REQUIRE_MESSAGE(!event.is_discarded(), file, ": ", line);
    const std::string path = text_of(event, "path");
    if (path.starts_with("/numbered/")) CHECK(names.insert(path).second);
  }
}

mode_t mode_of(const std::string& file) {
  struct stat info {};
  REQUIRE(stat(file.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

long size_of(const std::string& file) {
  struct stat info {};
  return stat(file.c_str(), &info) == 0 ? info.st_size : -1;
}

}  // namespace

TEST_SUITE_BEGIN("the file of -o");

TEST_CASE("it is made for its owner alone; -A leaves what was in it") {
  const Scratch scratch;
  const std::string file = scratch.file("events");
  const auto trace = [&file](std::vector<std::string> more) {
    std::vector<std::string> arguments{"-q", "-j", "-e", "exec", "-o", file, "--as-root"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--", "/bin/true"});
    REQUIRE(run(aa_spec(arguments)).status == 0);
    return parse_events(read_file(file)).size();
  };
  const mode_t mask = umask(0);
  CHECK(trace({}) == 3);
  umask(mask);
  CHECK(mode_of(file) == 0600);
  REQUIRE(chmod(file.c_str(), 0640) == 0);
  CHECK(trace({}) == 3);
  CHECK(trace({"-A"}) == 6);
  CHECK(trace({"--append"}) == 9);
  CHECK_MESSAGE(mode_of(file) == 0640, "of a file that was there it stays");
}

TEST_CASE("renamed under load, and SIGHUP: all is in one of the files, every line is whole") {
  const Scratch scratch;
  const std::string file = scratch.file("events");
  Process tracer(traced_to(file, 30'000));
  int rotated = 0;
  while (rotated < 4 && tracer.until([&] { return size_of(file) > 100'000; })) {
    REQUIRE(rename(file.c_str(), (file + "." + std::to_string(rotated++)).c_str()) == 0);
    tracer.signal(SIGHUP);
    // where the trace is slower than what it watches, its end may come first
    if (!tracer.until([&] { return size_of(file) >= 0; })) break;
  }
  const Outcome o = tracer.finish();
  CAPTURE(o.err);
  CHECK(o.status == 0);
  CHECK(rotated > 0);
  std::set<std::string> names;
  const bool reopened = size_of(file) >= 0;
  if (reopened) add_names(file, names);
  for (int i = 0; i < rotated; i++) add_names(file + "." + std::to_string(i), names);
  CHECK(names.size() == 60'000);
  if (reopened) CHECK(mode_of(file) == 0600);
}

TEST_CASE("copied and emptied under load: no hole, every line is whole") {
  const Scratch scratch;
  const std::string file = scratch.file("events");
  Process tracer(traced_to(file, 30'000));
  int rotated = 0;
  while (rotated < 4 && tracer.until([&] { return size_of(file) > 100'000; })) {
    std::filesystem::copy_file(file, file + "." + std::to_string(rotated++));
    REQUIRE(truncate(file.c_str(), 0) == 0);
  }
  CHECK(tracer.finish().status == 0);
  CHECK(rotated > 0);
  std::set<std::string> names;
  add_names(file, names);
  for (int i = 0; i < rotated; i++) add_names(file + "." + std::to_string(i), names, true);
  CHECK(names.size() > 1000);
}

TEST_CASE("what is appended to begins with a line of its own, whoever was stopped in the middle of one") {
  for (const char* before : {"", "{}\n", "{\"half"}) {
    CAPTURE(before);
    const Scratch scratch;
    const std::string file = scratch.write("events", before);
    CHECK(run(aa_spec({"-q", "-j", "-e", "exec", "-A", "-o", file, "--as-root", "--", "true"})).status == 0);
    const std::string after = read_file(file);
    REQUIRE(after.starts_with(before));
    const bool is_half = before[0] && !std::string_view(before).ends_with('\n');
    CHECK(after.substr(std::string_view(before).size()).starts_with(is_half ? "\n{\"v\":2" : "{\"v\":2"));
  }
}

TEST_CASE("it cannot be opened again: told, and the file from before is written on") {
  for (const bool is_pipe : {false, true}) {
    CAPTURE(is_pipe);
    const Scratch scratch;
    const std::string file = scratch.file("events");
    Process watched(shell_spec());
    Process tracer(aa_spec({"-j", "-e", "exec", "-o", file, "-p", std::to_string(watched.pid())}));
    REQUIRE(tracer.until([&] { return size_of(file) > 0; }));
    REQUIRE(rename(file.c_str(), scratch.file("moved").c_str()) == 0);
    // a pipe that nobody reads would be waited for
    REQUIRE((is_pipe ? mkfifo(file.c_str(), 0600) : mkdir(file.c_str(), 0700)) == 0);
    tracer.signal(SIGHUP);
    REQUIRE(tracer.until([&] { return contains(tracer.err(), "the file from before is written on"); }));
    watched.feed("/bin/true after-that; echo done\n");
    REQUIRE(watched.until([&] { return contains(watched.out(), "done"); }));
    tracer.signal(SIGINT);
    const Outcome o = tracer.finish();
    CHECK(o.status == 0);
    CHECK(contains(o.err, "cannot write to " + file + ": " + (is_pipe ? "No such device" : "Is a directory")));
    CHECK(contains(read_file(scratch.file("moved")), "after-that"));
  }
}

TEST_SUITE_END();

}  // namespace aa::test
