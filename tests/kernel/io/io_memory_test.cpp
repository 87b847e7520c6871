// SPDX-License-Identifier: MIT OR Apache-2.0
//
// aa-trace's memory does not grow with what it has seen.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <sstream>

namespace aa::test {

namespace {

constexpr long long kFiles = 50;       // of each process
constexpr long long kGrowthMax = 512;  // kB: what the allocator may take for itself

long long resident_kb(pid_t pid) {
  std::istringstream lines(read_file("/proc/" + std::to_string(pid) + "/status"));
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  }
  FAIL("no VmRSS");
  return 0;
}

// AA_TEST_PROCESSES=100000 makes ten million events of it, which takes some minutes.
long long processes() {
  const char* asked = std::getenv("AA_TEST_PROCESSES");
  return asked ? std::stoll(asked) : scaled(10000, 1000);
}

// It sleeps: what there was it has read, but for a rest that wakes nobody.
void await_idle(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/syscall";
  CHECK(wait_until([&] {
    const std::string call = read_file(path);
    return !call.empty() && !call.starts_with("running");
  }));
}

}  // namespace

TEST_CASE("a million events of ten thousand processes: the resident memory stays what it was after a tenth") {
  const TempDir directory;
  const long long all_processes = processes();
  Workload crowd(directory, "io_crowd", {std::to_string(all_processes), std::to_string(kFiles)});
  const std::string pid = crowd.await_ready().text("pid");
  std::vector<std::string> command = aa_trace_command();
  command.insert(command.end(),
                 {"-o", "/dev/null", "--json", "-e", "process,open,io", "--io-interval", "0", "--pid", pid});
  Child tracer(command, directory.path(), "tracer");
  REQUIRE(wait_until([&] { return tracer.err().find("watching") != std::string::npos; }));
  std::vector<long long> resident;
  for (const size_t point : {1, 2, 3}) {
    crowd.go();
    REQUIRE(wait_until([&] { return crowd.so_far().of("point").size() == point; }));
    await_idle(tracer.pid());
    resident.push_back(resident_kb(tracer.pid()));
  }
  crowd.go();
  const Truth truth = crowd.finish();
  const std::optional<int> status = tracer.wait();
  REQUIRE(status.has_value());
  CHECK(*status == 0);

  const Fact all = truth.of("point").back();
  CHECK(all.number("processes") == all_processes);
  CHECK(all.number("files") == all_processes * kFiles);
  // the workload's own exit, and the io line of its stdout
  const long long events = 2 * all_processes + all.number("execs") + 2 * all_processes * kFiles + 2;
  CHECK_MESSAGE(tracer.err().find(" " + std::to_string(events) + " events in") != std::string::npos, tracer.err());
  CHECK(tracer.err().find("none lost") != std::string::npos);
  MESSAGE("resident after a tenth, half and all: " << resident[0] << ", " << resident[1] << ", " << resident[2]
                                                   << " kB");
  CHECK(resident[1] < resident[0] + kGrowthMax);
  CHECK(resident[2] < resident[0] + kGrowthMax);
}

}  // namespace aa::test
