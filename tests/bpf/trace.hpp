// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One watched process, from the session to its decoded events.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "event/event.hpp"
#include "kernel/release.hpp"
#include "rules/rule_set.hpp"
#include "session/session.hpp"

namespace aa::test {

struct Seen {
  std::string bytes;
  Text::State state = Text::State::kAbsent;
  bool truncated = false;
  bool deleted = false;
  // Present and whole.
  bool is(const std::string& expected) const {
    return state == Text::State::kPresent && !truncated && bytes == expected;
  }
};

struct SeenExec {
  int error = 0;
  Seen filename, exe, cwd;
  std::vector<std::string> argv;
  Text::State argv_state = Text::State::kAbsent;
};

struct Traced {
  std::vector<SeenExec> execs;
  std::vector<int> exit_codes;
  int forks = 0;
  int malformed = 0;
  std::uint64_t lost = 0;
  int status = -1;                             // of the process, as wait(2) gives it
  std::array<std::uint64_t, AA_WORKS> work{};  // by aa_work
  std::array<int, AA_KINDS> records{};         // by aa_kind
  std::array<std::uint64_t, AA_LOSSES> losses{};
  std::array<std::uint64_t, AA_TIMED_PROGRAMS> longest{};  // ns, by aa_timed

  // Nothing lost, nothing malformed, the process ended with 0.
  bool clean() const { return !malformed && !lost && status == 0; }
};

// libbpf's messages go to the one that was used last: it must stay.
Log& test_log();

// The running kernel's.
const KernelTypes& kernel_types();

// Every hook that is there on any kernel, and no other.
Result<Session> start_session(const SessionSettings& settings, const KernelFeatures& features);

// What this kernel can do, and less: every set of features that the programs can be loaded with here.
struct NamedFeatures {
  std::string name;
  KernelFeatures features;
};
std::vector<NamedFeatures> loadable_features();

// Watches a child from before `body` to its end. A body that returns makes the child end with 99.
Traced trace_child(const KernelFeatures& features, const std::function<void()>& body);
// The same with other events than fork, exec and exit, and perhaps with rules by which some are left out.
Traced trace_child(const KernelFeatures& features, const Selection& selection, const std::function<void()>& body,
                   std::uint64_t buffer_bytes = 16 << 20, const RuleSet* rules = nullptr);

// For bodies: ends the child with 98 if `done` is false.
void must(bool done);

}  // namespace aa::test
