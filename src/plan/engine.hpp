// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where the events of system calls come from: one hook at the end of all calls, or one program on the kernel's function
// for each call that is asked about. The second costs nothing on other calls; the first loses nothing on any kernel.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/preemption.hpp"
#include "plan/selection.hpp"
#include "plan/syscalls.hpp"

namespace aa {

enum class Engine { kAuto, kTracepoint, kFexit };

// The kernel's functions for the system calls that a selection needs. A call that the kernel does not have has none:
// nobody can tell of it, and there is nothing to tell.
struct CallFunctions {
  std::vector<std::string> returns;       // for the result; of native calls
  std::vector<std::string> weak_returns;  // the same, of those with another prototype
  std::vector<std::string> entries;       // for what is gone at the end
  bool compat = false;                    // 32-bit calls are among them
};

// What all 32-bit calls of x86-64 go through: arch/x86/entry/syscall_32.c; 6.9, and the stable kernels since 2024.
constexpr char kCompatFunction[] = "ia32_sys_call";
// One of them, which there is only where the kernel takes 32-bit calls (CONFIG_IA32_EMULATION).
constexpr char kCompatCall[] = "__ia32_sys_openat";

// `has`: is there a function of this name in the kernel? A call that every kernel has is listed anyway.
CallFunctions call_functions(const Selection& selection, Machine machine,
                             const std::function<bool(std::string_view)>& has);

// What the choice depends on.
struct EngineFacts {
  bool trampolines = false;          // the kernel runs programs on its functions
  bool may_hang = false;             // see trampolines_may_hang()
  std::vector<std::string> missing;  // functions that would be needed, and are not there
  Preemption preemption = Preemption::kUnknown;
};

struct EngineChoice {
  Engine engine = Engine::kTracepoint;  // never kAuto
  std::string reason;
};

// "fexit"
std::string_view engine_name(Engine engine);
std::optional<Engine> engine_named(std::string_view name);

// Pure. The error says why what was asked for is impossible.
Result<EngineChoice> choose_engine(Engine asked, const EngineFacts& facts);

}  // namespace aa
