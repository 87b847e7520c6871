// The kernel counts the runs of each program that it skipped; only asking for all of them makes a loss known.
#include <doctest/doctest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "events.hpp"

namespace aa::test {
namespace {

// What a run asked bpf(2) for, as strace wrote it down.
struct Asked {
  std::map<std::string, std::string> programs;  // descriptor by name, of those on tracepoints
  std::set<std::string> about;                  // descriptors asked about after the last program was loaded
};

Asked read_log(const std::string& path) {
  const std::regex load(R"re(BPF_PROG_LOAD.*prog_name="(\w+)".*expected_attach_type=BPF_TRACE_RAW_TP.* = (\d+)$)re");
  const std::regex info(R"(BPF_OBJ_GET_INFO_BY_FD, \{info=\{bpf_fd=(\d+),.* = 0$)");
  Asked asked;
  std::ifstream file(path);
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_search(line, match, load)) {
      asked.programs[match[1]] = match[2];
      asked.about.clear();
    } else if (std::regex_search(line, match, info)) {
      asked.about.insert(match[1]);
    }
  }
  return asked;
}

}  // namespace

TEST_CASE("skipped: every program on a tracepoint is asked how often it was not run") {
  const Scratch scratch;
  const std::string log = scratch.file("bpf");
  Spec spec = aa_spec({"-q", "--engine", "tracepoint", "--", "true"});
  spec.argv.insert(spec.argv.begin(), {"/usr/bin/strace", "-f", "-qq", "-s", "100", "-e", "trace=bpf", "-o", log});
  const Outcome outcome = run(spec);
  CAPTURE(outcome.err);
  REQUIRE(outcome.status == 0);
  const Asked asked = read_log(log);
  CHECK(asked.programs.size() >= 4);
  for (const auto& [name, descriptor] : asked.programs)
    CHECK_MESSAGE(asked.about.contains(descriptor), name << " is not asked about");
}

}  // namespace aa::test
