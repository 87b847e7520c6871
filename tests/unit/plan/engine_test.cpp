// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which engine, and why; which functions it is on.
#include "plan/engine.hpp"
#include "kernel/trampoline_support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

namespace aa::test {
namespace {

using Names = std::set<std::string>;

EngineFacts facts(bool trampolines, Preemption preemption, std::vector<std::string> missing = {}) {
  return {.trampolines = trampolines, .missing = std::move(missing), .preemption = preemption};
}

struct Row {
  Engine asked;
  EngineFacts facts;
  Engine chosen;
  std::string reason;  // part of it
};

const Row kRows[] = {
    {Engine::kAuto, facts(true, Preemption::kNone), Engine::kFexit, "does not preempt"},
    {Engine::kAuto, facts(true, Preemption::kFull), Engine::kTracepoint, "would lose"},
    {Engine::kAuto, facts(true, Preemption::kUnknown), Engine::kTracepoint, "not known"},
    {Engine::kAuto, facts(false, Preemption::kNone), Engine::kTracepoint, "does not run programs on its functions"},
    {Engine::kAuto, facts(true, Preemption::kNone, {"a", "b"}), Engine::kTracepoint, "no function a, b"},
    {Engine::kTracepoint, facts(true, Preemption::kNone), Engine::kTracepoint, "asked for"},
    {Engine::kTracepoint, facts(false, Preemption::kFull), Engine::kTracepoint, "asked for"},
    {Engine::kFexit, facts(true, Preemption::kNone), Engine::kFexit, "asked for"},
    {Engine::kFexit, facts(true, Preemption::kFull), Engine::kFexit, "asked for"},
    {Engine::kFexit, facts(true, Preemption::kUnknown), Engine::kFexit, "asked for"},
};

TEST_CASE("engine: fexit where it loses nothing, otherwise the tracepoint; what is asked for wins") {
  for (const Row& row : kRows) {
    const auto choice = choose_engine(row.asked, row.facts);
    REQUIRE(bool(choice));
    CAPTURE(choice->reason);
    CHECK(choice->engine == row.chosen);
    CHECK(choice->reason.find(row.reason) != std::string::npos);
  }
}

TEST_CASE("engine: where hooks could hang the kernel there are none") {
  EngineFacts hanging = facts(true, Preemption::kNone);
  hanging.may_hang = true;
  const auto choice = choose_engine(Engine::kAuto, hanging);
  REQUIRE(bool(choice));
  CHECK(choice->engine == Engine::kTracepoint);
  CHECK(choice->reason.find("hang") != std::string::npos);
  const auto release = [](int major, int minor) { return KernelRelease{.major = major, .minor = minor, .text = ""}; };
  CHECK(trampolines_may_hang(release(6, 9), 1));
  CHECK_FALSE(trampolines_may_hang(release(6, 9), 0));
  CHECK_FALSE(trampolines_may_hang(release(6, 10), 3));
}

TEST_CASE("engine: fexit that is impossible is refused, with the reason and the way out") {
  EngineFacts hanging = facts(true, Preemption::kNone);
  hanging.may_hang = true;
  for (const EngineFacts& impossible :
       {facts(false, Preemption::kNone), facts(true, Preemption::kNone, {"__x64_sys_open"}), hanging}) {
    const auto choice = choose_engine(Engine::kFexit, impossible);
    REQUIRE_FALSE(bool(choice));
    CHECK(choice.error().message.find("--engine tracepoint") != std::string::npos);
  }
}

TEST_CASE("engine: names") {
  for (const Engine engine : {Engine::kAuto, Engine::kTracepoint, Engine::kFexit})
    CHECK(engine_named(engine_name(engine)) == engine);
  for (const char* none : {"", "kprobe", "Auto", "fexit "}) CHECK_FALSE(engine_named(none).has_value());
}

bool has_all(std::string_view) { return true; }
bool has_none(std::string_view) { return false; }

Names returns_of(KindSet kinds, Machine machine, bool (*has)(std::string_view)) {
  const CallFunctions functions = call_functions({.kinds = kinds}, machine, has);
  return {functions.returns.begin(), functions.returns.end()};
}

TEST_CASE("engine: each call has the function that the kernel runs for it") {
  CHECK(returns_of(kind_bit(AA_UNLINK), Machine::kX86_64, has_all) == Names{"__x64_sys_unlink", "__x64_sys_unlinkat"});
  CHECK(returns_of(kind_bit(AA_UNLINK), Machine::kArm64, has_all) == Names{"__arm64_sys_unlinkat"});
  CHECK(returns_of(kind_bit(AA_READ), Machine::kX86_64, has_all).contains("__x64_sys_sendfile64"));
  CHECK_FALSE(returns_of(kind_bit(AA_READ), Machine::kX86_64, has_all).contains("__x64_sys_sendfile"));
}

TEST_CASE("engine: a call that the kernel does not have needs no function, any other does") {
  const KindSet kinds = kind_bit(AA_CHMOD) | kind_bit(AA_XATTR);
  const Names all = returns_of(kinds, Machine::kX86_64, has_all), old = returns_of(kinds, Machine::kX86_64, has_none);
  for (const char* recent : {"__x64_sys_fchmodat2", "__x64_sys_setxattrat", "__x64_sys_removexattrat"}) {
    CHECK(all.contains(recent));
    CHECK_FALSE(old.contains(recent));
  }
  CHECK(old.contains("__x64_sys_fchmodat"));
  CHECK(all.size() == old.size() + 3);
}

TEST_CASE("engine: 32-bit calls and entries are there where the selection and the machine have them") {
  const auto of = [](KindSet kinds, Machine machine) { return call_functions({.kinds = kinds}, machine, has_all); };
  CHECK(of(kind_bit(AA_OPEN), Machine::kX86_64).compat);
  CHECK_FALSE(of(kind_bit(AA_OPEN), Machine::kArm64).compat);
  CHECK_FALSE(call_functions({.kinds = kind_bit(AA_OPEN)}, Machine::kX86_64, has_none).compat);
  CHECK(of(kind_bit(AA_OPEN), Machine::kX86_64).entries.empty());
  CHECK(of(kind_bit(AA_IO), Machine::kX86_64).entries.empty());
  const std::vector<std::string> entries = of(kind_bit(AA_CLOSE), Machine::kX86_64).entries;
  CHECK(Names(entries.begin(), entries.end()) ==
        Names{"__x64_sys_close", "__x64_sys_dup2", "__x64_sys_dup3", "__x64_sys_close_range"});
  const CallFunctions none = of(kind_bit(AA_FORK) | kind_bit(AA_EXIT), Machine::kX86_64);
  CHECK(none.returns.empty());
  CHECK_FALSE(none.compat);
}

}  // namespace
}  // namespace aa::test
