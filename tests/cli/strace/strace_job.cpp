// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/strace/strace_job.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "cli/events.hpp"
#include "cli/strace/file_activity.hpp"
#include "cli/strace/file_calls.hpp"
#include "cli/words.hpp"

namespace aa::test {
namespace {

constexpr size_t kExcusedAtMost = 20;  // one of so many

// Names show up in what programs do: short, and of this run of the tests alone.
const std::string kDirectory = "/tmp/aa-files-" + std::to_string(getpid());

Spec job_spec(std::vector<std::string> argv) {
  Spec spec;
  spec.argv = std::move(argv);
  spec.cwd = kDirectory;
  spec.in = kNull;
  spec.env = {{"HOME", kDirectory},
              {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"},
              {"LC_ALL", "C"},
              {"GIT_CONFIG_NOSYSTEM", "1"},
              {"PYTHONDONTWRITEBYTECODE", std::nullopt},
              {"MAKEFLAGS", std::nullopt},
              {"MAKELEVEL", std::nullopt},
              {"MFLAGS", std::nullopt},
              {"TMPDIR", std::nullopt},
              {"PAGER", "cat"}};
  return spec;
}

void set_up(const Job& job) {
  std::filesystem::remove_all(kDirectory);
  std::filesystem::create_directories(kDirectory);
  const Outcome o = run(job_spec({"/bin/bash", "-e", "-c", job.setup}));
  CAPTURE(o.err);
  REQUIRE(o.status == 0);
}

// Names are shown whole whatever -s says.
std::vector<std::string> under_strace(const Job& job, const std::string& log) {
  std::vector<std::string> argv{"/usr/bin/strace",
                                "--seccomp-bpf",
                                "-f",
                                "-qq",
                                "-y",
                                "-xx",
                                "-s",
                                "300",
                                "-e",
                                "trace=" + calls_to_trace(),
                                "-o",
                                log,
                                "--"};
  argv.insert(argv.end(), job.command.begin(), job.command.end());
  return argv;
}

// What aa-trace leaves out unless it is asked: single transfers and closes, and the totals of what is no file.
void keep_default(Activity& activity) {
  static constexpr const char* kUnasked[] = {"read", "write", "close"};
  for (auto& [tid, operations] : activity.threads)
    std::erase_if(operations, [](const Operation& o) {
      return std::find(std::begin(kUnasked), std::end(kUnasked), o.event) != std::end(kUnasked);
    });
  std::erase_if(activity.totals, [](const auto& entry) {
    const std::string& path = std::get<2>(entry.first);
    return !path.starts_with('/') || path.starts_with("/dev/");
  });
}

}  // namespace

void check_job(const Job& job) {
  set_up(job);
  const Scratch scratch;
  const bool all = job.selection == Job::Selection::kAll;
  std::vector<std::string> options{"-q"};
  if (all) options.insert(options.end(), {"-e", "all", "--fd-types", "all"});
  const Traced traced = trace(options, under_strace(job, scratch.file("log")), job_spec({}));
  CAPTURE(traced.outcome.err);
  CHECK(traced.outcome.status == 0);
  Activity strace = activity_of(parse_calls(read_file(scratch.file("log"))), kDirectory);
  if (!all) keep_default(strace);
  const Comparison result = compare(strace, activity_of(traced.events, strace));
  for (const auto& difference : result.differences) FAIL_CHECK(difference);
  const size_t alike = sum(result.alike);
  CHECK(alike >= job.at_least);
  CHECK(result.streams > 0);
  CHECK(sum(result.excused) * kExcusedAtMost <= alike);
  for (const auto& event : words(job.events, ' ')) {
    CAPTURE(event);
    CHECK(result.alike.contains(event));
  }
  std::filesystem::remove_all(kDirectory);
}

std::vector<std::string> bash(const char* script) { return {"bash", "-c", script}; }

}  // namespace aa::test
