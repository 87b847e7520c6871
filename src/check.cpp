// SPDX-License-Identifier: MIT OR Apache-2.0
#include "check.hpp"

#include <fmt/format.h>

#include <iterator>

#include "kernel.hpp"
#include "privileges.hpp"
#include "session.hpp"

namespace aa {
namespace {

struct HookLine {
  std::string_view event, hook, why;
};

constexpr HookLine kHooks[] = {
    {"fork", "tp_btf/sched_process_fork", "runs in the parent before the child first runs"},
    {"exec", "tp_btf/sched_process_exec, tp_btf/sys_exit", "the second for those that failed"},
    {"exit", "tp_btf/sched_process_exit", "runs for the last thread of a process"},
    {"open", "tp_btf/sys_exit", "the file behind the new descriptor; of those that failed the name"},
    {"io", "tp_btf/sys_exit", "counted in the kernel, told when the descriptor goes away"},
    {"read, write", "tp_btf/sys_exit", "each call, if asked for"},
    {"close", "tp_btf/sys_enter", "each call, if asked for; afterwards nothing knows the file"},
    {"other files", "tp_btf/sys_exit", "the file behind a descriptor; of calls on names the name"},
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

Status try_session(const Options& options, const KernelFeatures& features, Log& log) {
  SessionSettings settings;
  settings.selection.kinds = ~KindSet{0};
  settings.buffer_bytes = options.buffer_bytes;
  auto session = Session::start(settings, features, log);
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
  const auto features = probe_features();
  if (!features) {
    report.line("types", Status(features.error()), "");
    return report.take();
  }
  const Status session = try_session(options, *features, log);
  report.line("programs", session, "loaded and attached");
  for (const HookLine& hook : kHooks)
    report.line(hook.event, bool(session), fmt::format("{}: {}", hook.hook, hook.why));
  report.line("io_uring", features->uring_submit,
              features->uring_submit ? fmt::format("tp_btf/{}, tp_btf/io_uring_complete", features->uring_submit)
                                     : std::string(kNoUring));
  report.line("engine", true, "tracepoint: loses no event on any kernel, no matter how it preempts");
  report.line("paths", true,
              features->typed_loads ? "direct loads (bpf_rdonly_cast)" : "probe reads: the kernel is older than 6.2");
  return report.take();
}

}  // namespace aa
