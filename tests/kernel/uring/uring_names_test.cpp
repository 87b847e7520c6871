// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Requests of io_uring on names, one after the other, in every way in which the kernel runs them.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <set>

namespace aa::test {

namespace {

constexpr int kRequests = 44;

struct Way {
  const char* name;
  bool in_caller;                 // requests complete in the thread that made them
  std::optional<bool> in_kernel;  // or in one that the kernel made for it; nothing: that differs between kernels
};

constexpr Way kWays[] = {
    {"plain", true, true},
    {"async", false, true},
    {"sqpoll", false, true},
    {"defer", true, std::nullopt},
};

std::set<long long> threads_of(const Report& report) {
  std::set<long long> threads;
  for (const Fact& thread : report.truth.of("thread")) threads.insert(thread.number("tid"));
  return threads;
}

void check_threads(const Report& report, const Way& way) {
  const std::set<long long> threads = threads_of(report);
  int in_caller = 0, in_kernel = 0;
  for (const Event& event : uring_events(report)) {
    INFO(event.line());
    CHECK(event.text("comm") == "uring_names");
    CHECK(event.text("exe") == workload_path("uring_names"));
    CHECK(threads.count(event.tid()) == 1);
    (event.tid() == event.pid() ? in_caller : in_kernel)++;
  }
  CHECK((in_caller > 0) == way.in_caller);
  if (way.in_kernel) CHECK((in_kernel > 0) == *way.in_kernel);
}

}  // namespace

TEST_CASE("io_uring names: each with its result and what was asked for") {
  for (const Way& way : kWays) {
    CAPTURE(way.name);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "file"}, "uring_names", {way.name});
    REQUIRE(report.code == 0);
    CHECK(check_requests(report) == kRequests);
    check_threads(report, way);
  }
}

TEST_CASE("io_uring names: --failed and --successful part them") {
  const TempDir directory;
  int told = 0;
  for (const std::string option : {"--failed", "--successful"}) {
    const TempDir place;
    const Report report = trace_command(place, {"-e", "file", option}, "uring_names", {"plain"});
    REQUIRE(report.code == 0);
    std::vector<Fact> requests = report.truth.of("request");
    const bool failed = option == "--failed";
    std::erase_if(requests, [failed](const Fact& request) { return request.has("error") != failed; });
    const std::vector<Event> events = uring_events(report);
    REQUIRE(events.size() == requests.size());
    for (size_t i = 0; i < events.size(); i++) check_request(events[i], requests[i]);
    told += static_cast<int>(events.size());
  }
  CHECK(told == kRequests);
}

TEST_CASE("io_uring names: only the kinds that are asked for") {
  const std::pair<std::string, int> kinds[] = {
      {"open,xattr", 23}, {"unlink,mkdir", 8}, {"rmdir,link,symlink,rename", 13}};
  int told = 0;
  for (const auto& [kind, count] : kinds) {
    CAPTURE(kind);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", kind}, "uring_names", {"plain"});
    REQUIRE(report.code == 0);
    for (const Event& event : report.events)
      CHECK(("," + kind + ",").find("," + event.kind() + ",") != std::string::npos);
    CHECK(uring_events(report).size() == static_cast<size_t>(count));
    told += count;
  }
  CHECK(told == kRequests);
}

TEST_CASE("io_uring names: --path chooses by the path") {
  const TempDir directory;
  const Report report =
      trace_command(directory, {"-e", "file", "-P", directory.file("dir/hard")}, "uring_names", {"plain"});
  REQUIRE(report.code == 0);
  std::vector<std::string> kinds;
  for (const Event& event : uring_events(report)) kinds.push_back(event.kind());
  CHECK(kinds == std::vector<std::string>{"link", "link", "xattr"});
}

TEST_CASE("io_uring names: in text the same line, marked") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "mkdir"}, "uring_names", {"plain"}, Trace::Format::kText);
  REQUIRE(report.code == 0);
  CHECK(report.text.find(" error=EEXIST mode=0750 via=io_uring lexical=true path=\"" + directory.file("made") +
                         "\" name=\"made\"\n") != std::string::npos);
}

}  // namespace aa::test
