// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bpf/budget.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/format.hpp"
#include "kernel/release.hpp"
#include "plan/syscalls.hpp"

namespace aa::test {
namespace {

constexpr unsigned kInstructionsMax = 200'000;
constexpr unsigned kGrowthMax = 20;       // per cent
constexpr unsigned kLogStatistics = 4;    // BPF_LOG_STATS, include/linux/bpf_verifier.h
constexpr std::size_t kLogBytes = 16384;  // of statistics, or the end of a refusal

unsigned verified_instructions(const bpf_program* program) {
  bpf_prog_info info{};
  __u32 size = sizeof info;
  if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) != 0) return 0;
  return info.verified_insns;
}

// "stack depth 160+0+64"
unsigned stack_bytes(std::string_view log) {
  constexpr std::string_view kBegin = "stack depth ";
  const std::size_t at = log.find(kBegin);
  if (at == std::string_view::npos) return 0;
  unsigned bytes = 0;
  for (const char* next = log.data() + at + kBegin.size() - 1; *next == ' ' || *next == '+';) {
    char* end = nullptr;
    bytes += static_cast<unsigned>(std::strtoul(next + 1, &end, 10));
    next = end;
  }
  return bytes;
}

bool has_grown(unsigned now, unsigned before) { return now > before + before * kGrowthMax / 100; }

const Effort* known_effort(const std::string& kernel, const std::string& program) {
  for (const KnownEffort& known : kKnownEfforts)
    if (known.kernel == kernel && known.program == program) return &known.effort;
  return nullptr;
}

}  // namespace

std::string excess(const Effort& effort, const Effort* known) {
  if (!effort.instructions) return "the verifier counted nothing";
  if (effort.instructions > kInstructionsMax) return fmt::format("more than {} instructions", kInstructionsMax);
  if (!known) return "";
  if (has_grown(effort.instructions, known->instructions))
    return fmt::format("{} instructions before", known->instructions);
  return has_grown(effort.stack, known->stack) ? fmt::format("{} bytes of stack before", known->stack) : "";
}

void Budget::watch(bpf_object* object) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    std::vector<char>& log = logs_[bpf_program__name(program)];
    log.assign(kLogBytes, '\0');
    bpf_program__set_log_level(program, kLogStatistics);
    bpf_program__set_log_buf(program, log.data(), log.size());
  }
}

void Budget::take(bpf_object* object) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    const std::string name = bpf_program__name(program);
    Effort& highest = highest_[name];
    highest.instructions = std::max(highest.instructions, verified_instructions(program));
    highest.stack = std::max(highest.stack, stack_bytes(logs_[name].data()));
  }
}

std::string Budget::refusal() const {
  // what was wrong comes before the statistics, which come in any case
  for (const auto& [name, log] : logs_)
    if (log[0] && std::strncmp(log.data(), "verification time", 17) != 0) return name + ": " + log.data();
  return "";
}

void Budget::check() const {
  const KernelRelease release = running_kernel();
  const std::string kernel =
      fmt::format("{}.{}{}", release.major, release.minor, kThisMachine == Machine::kArm64 ? " arm64" : "");
  CHECK_FALSE(highest_.empty());
  for (const auto& [program, effort] : highest_) {
    MESSAGE(fmt::format("{{\"{}\", \"{}\", {{{}, {}}}}},", kernel, program, effort.instructions, effort.stack));
    CHECK_MESSAGE(excess(effort, known_effort(kernel, program)) == "", program);
  }
}

void Budget::check_limits() const {
  CHECK_FALSE(highest_.empty());
  for (const auto& [program, effort] : highest_) {
    MESSAGE(fmt::format("{}: {} instructions, {} bytes", program, effort.instructions, effort.stack));
    CHECK_MESSAGE(excess(effort, nullptr) == "", program);
  }
}

}  // namespace aa::test
