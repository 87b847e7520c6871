// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/preemption.hpp"

#include <doctest/doctest.h>

namespace aa::test {
namespace {

constexpr char kDynamic[] = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1 (2026-11-14)";

struct Row {
  const char* version;
  const char* choice;
  const char* command_line;
  Preemption preemption;
  int major = 6;
};

const Row kRows[] = {
    {"#1 SMP Debian 6.1.1", "", "quiet", Preemption::kNone},
    {"#1 SMP PREEMPT Debian", "", "", Preemption::kFull},
    {"#1 SMP PREEMPT_RT Debian", "", "", Preemption::kFull},
    {kDynamic, "none voluntary (full)", "", Preemption::kFull},
    {kDynamic, "none (voluntary) full", "", Preemption::kNone},
    {kDynamic, "(none) voluntary full", "", Preemption::kNone},
    {kDynamic, "none voluntary full (lazy)", "", Preemption::kFull},
    // what runs beats what was asked for at boot
    {kDynamic, "none (voluntary) full", "preempt=full", Preemption::kNone},
    {kDynamic, "", "ro preempt=none quiet", Preemption::kNone},
    {kDynamic, "", "preempt=voluntary\n", Preemption::kNone},
    {kDynamic, "", "preempt=full", Preemption::kFull},
    {kDynamic, "", "preempt=none preempt=full", Preemption::kFull},
    {kDynamic, "", "rcupdate.no_preempt=none", Preemption::kUnknown},
    {kDynamic, "", "preempt=whatever", Preemption::kUnknown},
    {kDynamic, "", "", Preemption::kUnknown},
    {kDynamic, "nonsense", "", Preemption::kUnknown},
    {kDynamic, "()", "", Preemption::kUnknown},
    // newer kernels preempt themselves lazily where their processors could do without
    {kDynamic, "", "preempt=none", Preemption::kUnknown, 7},
    {kDynamic, "", "preempt=voluntary", Preemption::kUnknown, 7},
    {kDynamic, "", "preempt=full", Preemption::kFull, 7},
    {kDynamic, "(none) full lazy", "preempt=none", Preemption::kNone, 7},
};

TEST_CASE("preemption: what runs, else what was asked for at boot, else nobody knows") {
  for (const Row& row : kRows) {
    CAPTURE(row.version);
    CAPTURE(row.choice);
    CAPTURE(row.command_line);
    CHECK(preemption_of({row.version, row.choice, row.command_line, row.major}) == row.preemption);
  }
}

}  // namespace
}  // namespace aa::test
