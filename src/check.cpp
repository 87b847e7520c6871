// SPDX-License-Identifier: MIT OR Apache-2.0
#include "check.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/format.hpp"
#include "kernel/features.hpp"
#include "kernel/pid_namespace.hpp"
#include "kernel/privileges.hpp"
#include "kernel/refusal.hpp"
#include "kernel/release.hpp"
#include "kernel/trampoline_support.hpp"
#include "session/session.hpp"

namespace aa {
namespace {

constexpr Selection kEverything{.kinds = ~KindSet{0}};

// Why the hook of an event is this one.
struct EventReason {
  aa_kind kind;
  std::string_view why;
  std::string_view why_told = why;  // where a hook tells names
};

constexpr EventReason kOnName = {AA_NO_KIND,
                                 "the caller's string; no hook of this kernel tells for sure what it resolved",
                                 "the path as the kernel resolved it; of most that failed the caller's string"};
constexpr EventReason kReasons[] = {
    {AA_FORK, "runs in the parent before the child first runs"},
    {AA_EXEC, "the second for those that failed"},
    {AA_EXIT, "runs for the last thread of a process"},
    {AA_OPEN, "the file behind the new descriptor; of those that failed the name",
     "the file that the call opened; of most that failed the name"},
    {AA_IO, "counted in the kernel, told when the descriptor goes away"},
    {AA_READ, "each call, if asked for"},
    {AA_WRITE, "each call, if asked for"},
    {AA_CLOSE, "each call, if asked for; the first, since afterwards nothing knows the file"},
    {AA_MMAP, "the file behind the descriptor"},
};

class Report {
 public:
  void line(std::string_view what, bool works, std::string_view detail) {
    fmt::format_to(std::back_inserter(report_.text), "{:<11} {:<4} {}\n", what, works ? "yes" : "no", detail);
    report_.all_works = report_.all_works && works;
  }
  bool line(std::string_view what, const Status& status, std::string_view detail) {
    line(what, bool(status), status ? detail : status.error().message);
    return bool(status);
  }
  CheckReport take() { return std::move(report_); }

 private:
  CheckReport report_{.text = "", .all_works = true};
};

// "fexit/__x64_sys_openat and 4 more"
std::string functions_text(std::string_view moment, const std::vector<std::string>& functions, bool compat) {
  if (functions.empty()) return "";
  const std::size_t more = functions.size() - 1 + (compat ? 1 : 0);
  return fmt::format("{}/{}{}", moment, functions.front(), more ? fmt::format(" and {} more", more) : "");
}

// The hooks of an event's system calls.
std::vector<std::string> call_hooks(aa_kind kind, const HookPlan& plan) {
  const Selection selection{.kinds = kind_bit(kind)};
  if (plan.engine.engine == Engine::kTracepoint) {
    std::vector<std::string> hooks;
    if (needs_syscall_enter(selection)) hooks.push_back("tp_btf/sys_enter");
    if (needs_syscall_exit(selection)) hooks.push_back("tp_btf/sys_exit");
    return hooks;
  }
  const auto is_planned = [&plan](std::string_view name) {
    const CallFunctions& functions = plan.functions;
    if (name == kCompatCall) return functions.compat;
    return std::count(functions.returns.begin(), functions.returns.end(), name) > 0 ||
           std::count(functions.weak_returns.begin(), functions.weak_returns.end(), name) > 0;
  };
  const CallFunctions functions = call_functions(selection, kThisMachine, is_planned);
  std::vector<std::string> hooks = {functions_text("fentry", functions.entries, functions.compat),
                                    functions_text("fexit", functions.returns, functions.compat)};
  std::erase(hooks, "");
  return hooks;
}

std::string event_text(aa_kind kind, const HookPlan& plan) {
  std::vector<std::string> hooks;
  if (kind == AA_FORK) hooks.emplace_back("tp_btf/sched_process_fork");
  if (kind == AA_EXEC) hooks.emplace_back("tp_btf/sched_process_exec");
  if (kind == AA_EXIT) hooks.emplace_back("tp_btf/sched_process_exit");
  for (std::string& hook : call_hooks(kind, plan)) hooks.push_back(std::move(hook));
  const std::vector<NameHook> names = name_hooks_of(kind, plan.name_hooks);
  for (const NameHook& hook : names) hooks.push_back(hook_name(hook));
  const auto reason = std::find_if(std::begin(kReasons), std::end(kReasons),
                                   [kind](const EventReason& row) { return row.kind == kind; });
  const EventReason& row = reason != std::end(kReasons) ? *reason : kOnName;
  const std::string_view why = names.empty() ? row.why : row.why_told;
  return fmt::format("{}: {}", fmt::join(hooks, ", "), why);
}

Status try_session(const Options& options, const KernelFeatures& features, HookPlan& plan, const KernelTypes& types,
                   const PidNamespace& pid_namespace, Log& log) {
  SessionSettings settings;
  settings.pid_namespace = pid_namespace;
  settings.selection = kEverything;
  settings.buffer_bytes = options.buffer_bytes;
  auto session = start_best_session(settings, features, plan, options.engine, types, log);
  if (!session) return session.error();
  const auto seeds = session->seed();
  return seeds ? Status(Done{}) : Status(seeds.error());
}

}  // namespace

CheckReport check(const Options& options, Log& log) {
  Report report;
  const KernelRelease release = running_kernel();
  if (!report.line("kernel", check_kernel(release), release.text)) return report.take();
  if (!report.line("privileges", check_privileges(), "BPF programs may be loaded")) return report.take();
  const auto types = KernelTypes::find(options.btf, log);
  if (!types) {
    report.line("types", Status(types.error()), "");
    return report.take();
  }
  const KernelFeatures features = probe_features(*types);
  const auto pid_namespace = find_pid_namespace(*types, log);
  if (!pid_namespace) {
    report.line("pids", Status(pid_namespace.error()), "");
    return report.take();
  }
  report.line("pids", true,
              pid_namespace->level ? "of the pid namespace that aa-trace is in: others are not seen"
                                   : "of the initial pid namespace: every process of the machine");
  auto plan = plan_hooks(kEverything, options.engine, *types, pid_namespace->level);
  if (!plan) {
    report.line("engine", Status(plan.error()), "");
    return report.take();
  }
  const Status session = try_session(options, features, *plan, *types, *pid_namespace, log);
  report.line("programs", session, "loaded and attached");
  report.line("engine", true, fmt::format("{}: {}", engine_name(plan->engine.engine), plan->engine.reason));
  for (const aa_kind kind : kinds_in(kEverything.kinds)) {
    report.line(event_name(kind), bool(session), event_text(kind, *plan));
  }
  report.line("io_uring", features.uring_submit,
              features.uring_submit ? fmt::format("tp_btf/{}, tp_btf/io_uring_complete", features.uring_submit)
                                    : std::string(kNoUring));
  report.line("paths", true,
              features.typed_loads ? "direct loads (bpf_rdonly_cast)" : "probe reads: the kernel is older than 6.2");
  return report.take();
}

}  // namespace aa
