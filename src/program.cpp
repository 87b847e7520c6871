// SPDX-License-Identifier: MIT OR Apache-2.0
#include "program.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "builtin_rules.hpp"
#include "child.hpp"
#include "clock.hpp"
#include "format.hpp"
#include "judge.hpp"
#include "kernel.hpp"
#include "kernel_rules.hpp"
#include "output.hpp"
#include "outside_root.hpp"
#include "pid_namespace.hpp"
#include "privileges.hpp"
#include "rule_book.hpp"
#include "secrets.hpp"
#include "session.hpp"
#include "sink.hpp"
#include "summary.hpp"
#include "targets.hpp"
#include "time_namespace.hpp"
#include "tracer.hpp"

namespace aa {
namespace {

int fail(Log& log, const Error& error) {
  log.error(error.message);
  return static_cast<int>(error.exit_code);
}

int fail_missing(Log& log, const std::vector<std::uint32_t>& pids) {
  for (const std::uint32_t pid : pids) log.error(fmt::format("no process {}", pid));
  return static_cast<int>(ExitCode::kFailure);
}

// Somebody killed COMMAND while it waited to begin.
int fail_killed(Log& log, int exit_code) {
  log.error("COMMAND was killed before it began");
  return exit_code;
}

// COMMAND is closed to aa-trace too, without root. It is still a copy of it.
void name_command(std::vector<Seed>& seeds, pid_t command) {
  std::error_code error;
  for (Seed& seed : seeds)
    if (seed.key.pid == static_cast<std::uint32_t>(command) && seed.exe.empty())
      seed.exe = std::filesystem::read_symlink("/proc/self/exe", error);
}

void warn_waiting(const Options& options, const Targets& targets, Log& log) {
  if (!targets.missing.empty()) log.warn(fmt::format("waiting for process {}", fmt::join(targets.missing, ", ")));
  for (const Tty& tty : targets.ttys)
    if (!tty_in_use(tty.device)) log.warn(fmt::format("nobody is on {} yet: waiting", tty.name));
  if (options.all && !targets.pids.empty()) log.debug("--all watches the named processes too");
}

bool allows_anything(const Options& options) {
  return std::any_of(options.rules.begin(), options.rules.end(),
                     [](const Rule& rule) { return rule.kind == RuleKind::kAllow; });
}

RuleBook rule_book(const Options& options) {
  std::vector<Rule> rules = options.default_rules ? builtin_rules() : std::vector<Rule>();
  rules.insert(rules.end(), options.rules.begin(), options.rules.end());
  return {std::move(rules), options.rules_file, options.alert_level};
}

SessionSettings session_settings(const Options& options, const Targets& targets, const PidNamespace& pid_namespace,
                                 const Child* child) {
  SessionSettings settings{.pids = targets.pids,
                           .ttys = targets.ttys,
                           .all = options.all,
                           .watch_children = options.watch_children,
                           // also if all are there: one may end before it is found
                           .await_pids = options.wait && !targets.pids.empty(),
                           .pid_namespace = pid_namespace,
                           .selection = {.kinds = options.kinds, .outcomes = options.outcomes},
                           .fd_types = options.fd_types,
                           .has_rules = !options.rules_file.empty() || allows_anything(options),
                           .buffer_bytes = options.buffer_bytes};
  if (child) settings.pids.push_back(static_cast<std::uint32_t>(child->pid()));
  const std::uint32_t own = own_tty();
  for (const Tty& tty : targets.ttys)
    settings.leave_out_own_group = settings.leave_out_own_group || (own && tty.device == own);
  return settings;
}

bool use_color(const Options& options, const Output& output) {
  const char* no_color = std::getenv("NO_COLOR");
  if (options.color != Color::kAuto) return options.color == Color::kAlways;
  return output.is_terminal() && !(no_color && *no_color);
}

void print_banner(const TraceStart& start, std::size_t processes, Log& log) {
  log.info(fmt::format("watching {} ({} process{} now) for {}", fmt::join(start.targets, ", "), processes,
                       processes == 1 ? "" : "es", fmt::join(start.events, ", ")));
}

// What a trace needs before the kernel is asked for anything.
struct Preparation {
  Targets targets;
  std::optional<KernelTypes> types;  // until the session has begun
  KernelFeatures features;
  HookPlan plan;
  PidNamespace pid_namespace;
  std::int64_t boot_offset = 0;  // find_boot_offset()
  RuleBook book;
  std::shared_ptr<const RuleSet> rules;
  OutsideRoot outside;
};

void explain(const Options& options, const Preparation& prepared, Log& log) {
  if (!prepared.features.uring_submit && needs_uring({.kinds = options.kinds, .outcomes = options.outcomes}))
    log.warn(kNoUring);
  log.debug(fmt::format("kernel {}: paths by {}, the last thread of a process by {}", running_kernel().text,
                        prepared.features.typed_loads ? "direct loads" : "probe reads",
                        prepared.features.exit_tells_last ? "group_dead" : "counting"));
  log.debug(fmt::format("engine {}: {}; {} hooks tell resolved names", engine_name(prepared.plan.engine.engine),
                        prepared.plan.engine.reason, prepared.plan.name_hooks.size()));
}

void print_details(const Options& options, const Judge& judge, const Summary& summary, Log& log) {
  if (const std::string events = summary.events_text(); !events.empty()) log.info(events);
  for (const Summary::Written& file : summary.most_written())
    log.info(fmt::format("written {}{} bytes {}", file.at_least ? "at least " : "", file.bytes, file.path));
  for (const Judge::Count& count : judge.counts()) {
    const bool fails = options.fail_on && count.level >= *options.fail_on;
    const std::string line =
        fmt::format("{} {} {} {}: {} event{}", fails ? "failed on" : "alert", level_name(count.level), count.alert,
                    count.rule, count.events, count.events == 1 ? "" : "s");
    if (fails) log.error(line);
    else log.info(line);
  }
}

void print_summary(const Tracer& tracer, Log& log) {
  const std::string losses = tracer.loss_text();
  const double seconds = static_cast<double>(tracer.duration()) / 1e9;
  log.info(fmt::format("{} event{} in {:.1f} s, {}", tracer.events(), tracer.events() == 1 ? "" : "s", seconds,
                       losses.empty() ? "none lost" : "LOST " + losses));
  if (tracer.unseen())
    log.debug(fmt::format("{} records of processes were lost too: some lineages are not known", tracer.unseen()));
}

int exit_code(const Tracer& tracer, Tracer::Reason reason, bool alerted, Child* child, const StopSignals& signals) {
  if (reason == Tracer::Reason::kFailed) return static_cast<int>(ExitCode::kFailure);
  std::optional<int> status = child ? child->exit_code() : 0;
  // COMMAND outlived the signal that ended the trace
  if (!status && reason == Tracer::Reason::kInterrupted) status = 128 + signals.received();
  if (status.value_or(0)) return *status;
  if (alerted) return static_cast<int>(ExitCode::kAlerted);
  return static_cast<int>(tracer.lost() ? ExitCode::kIncomplete : ExitCode::kOk);
}

Result<Preparation> prepare(const Options& options, Log& log) {
  RuleBook book = rule_book(options);
  auto rules = book.load();
  if (!rules) return rules.error();
  auto outside = OutsideRoot::of(options.roots);
  if (!outside) return outside.error();
  auto targets = resolve_targets(options);
  if (!targets) return targets.error();
  if (Status status = check_kernel(running_kernel()); !status) return status.error();
  if (Status status = check_privileges(); !status) return status.error();
  auto types = KernelTypes::find(options.btf, log);
  if (!types) return types.error();
  const auto pid_namespace = find_pid_namespace(*types, log);
  if (!pid_namespace) return pid_namespace.error();
  const auto boot_offset = find_boot_offset();
  if (!boot_offset) return boot_offset.error();
  auto plan =
      plan_hooks({.kinds = options.kinds, .outcomes = options.outcomes}, options.engine, *types, pid_namespace->level);
  if (!plan) return plan.error();
  const KernelFeatures features = probe_features(*types);
  return Preparation{std::move(*targets), std::move(*types), features,          std::move(*plan),   *pid_namespace,
                     *boot_offset,        std::move(book),   std::move(*rules), std::move(*outside)};
}

Status install_rules(Session& session, const RuleSet& rules) {
  const auto nodes = kernel_rules(rules);
  if (nodes.empty()) return Done{};
  const auto map = make_rule_map(nodes);
  return map ? session.install_rules(map->get()) : Status(map.error());
}

KeptPrivileges kept_privileges(const Options& options, const Child* child) {
  const bool reloads = !options.rules_file.empty();
  const bool reads_maps = map_reads_need_capability(running_kernel(), unprivileged_bpf_disabled());
  return {.kill = child && child->has_own_user(), .bpf = reloads || reads_maps, .read = reloads};
}

void tell_reload(const Options& options, const Status& status, Log& log) {
  if (status) log.info(fmt::format("{}: rules read again", options.rules_file));
  else log.error(fmt::format("{}; the rules from before remain in force", status.error().message));
}

int trace(const Options& options, Preparation& prepared, Output& output, Child* child, const StopSignals& signals,
          Log& log) {
  const Targets& targets = prepared.targets;
  warn_waiting(options, targets, log);
  const SessionSettings settings = session_settings(options, targets, prepared.pid_namespace, child);
  auto session = start_best_session(settings, prepared.features, prepared.plan, options.engine, *prepared.types, log);
  if (!session) return fail(log, session.error());
  prepared.types.reset();
  malloc_trim(0);
  auto seeds = session->seed();
  if (!seeds) return fail(log, seeds.error());
  if (child) name_command(*seeds, child->pid());
  if (child && child->exit_code()) return fail_killed(log, *child->exit_code());
  if (!options.wait)
    if (const auto unclaimed = session->unclaimed_pids(); !unclaimed.empty()) return fail_missing(log, unclaimed);
  if (Status status = install_rules(*session, *prepared.rules); !status) return fail(log, status.error());
  if (Status status = session->seal(!options.rules_file.empty()); !status) return fail(log, status.error());
  if (Status status = drop_privileges(kept_privileges(options, child)); !status) return fail(log, status.error());
  if (Status status = output.empty(); !status) return fail(log, status.error());

  const auto clocks = std::make_shared<Clocks>(prepared.boot_offset);
  TraceClock clock(static_cast<std::uint64_t>(clocks->boot()), clocks);
  ProcessTree tree(options.watch_children || options.all);
  tree.seed(*seeds);
  const auto sink = options.json ? make_json_sink(clock) : make_text_sink(clock, use_color(options, output));
  const TraceStart start{.version = kVersion,
                         .kernel = running_kernel().text,
                         .targets = targets.names,
                         .events = names_of(options.kinds)};
  print_banner(start, seeds->size(), log);
  explain(options, prepared, log);
  // who ended the trace before COMMAND began does not want it to begin
  if (child && signals.received() && !signals.came_to_group()) child->send_signal(signals.received());
  if (child) child->release(clock.now(), [&log](const Error& error) { log.error(error.message); });
  Judge judge(prepared.rules, prepared.outside, options.alert_level);
  std::optional<SecretMask> secrets;
  if (!options.show_secrets) secrets.emplace();
  Summary summary(options.kinds & kind_bit(AA_IO));
  std::optional<RuleReloader> reloader;
  if (!options.rules_file.empty()) reloader.emplace(prepared.book);
  Tracer tracer(*session, std::move(tree), clock, *sink, output, child, signals,
                {.paths = &options.paths,
                 .judge = &judge,
                 .secrets = secrets ? &*secrets : nullptr,
                 .summary = &summary,
                 .reloader = reloader ? &*reloader : nullptr,
                 .reloaded = [&log, &options](const Status& status) { tell_reload(options, status, log); }},
                {.duration = options.duration,
                 .count = options.count,
                 .io_interval = options.io_interval,
                 .for_ever = options.all || !targets.ttys.empty(),
                 .all = options.all,
                 .pids = settings.pids.size()});
  const Tracer::Reason reason = tracer.run(start);
  if (reason == Tracer::Reason::kFailed) log.error(output.error());
  else if (reason != Tracer::Reason::kReaderGone) print_summary(tracer, log);
  if (reason != Tracer::Reason::kReaderGone) print_details(options, judge, summary, log);
  if (child && !child->exit_code())
    log.warn(fmt::format("{}COMMAND (process {}) still runs",
                         reason == Tracer::Reason::kReaderGone ? "nobody reads the events any more; " : "",
                         child->pid()));
  const bool alerted = options.fail_on && judge.highest() && *judge.highest() >= *options.fail_on;
  return exit_code(tracer, reason, alerted, child, signals);
}

}  // namespace

int run_trace(const Options& options, Log& log) {
  if (Status status = close_to_others(); !status) return fail(log, status.error());
  auto prepared = prepare(options, log);
  if (!prepared) return fail(log, prepared.error());
  if (!prepared->targets.missing.empty() && !options.wait) return fail_missing(log, prepared->targets.missing);

  const StopSignals signals;
  std::optional<Child> child;
  if (!options.command.empty()) {
    auto started = Child::start_held(
        {.argv = options.command, .as_root = options.as_root, .stdout_is_free = options.output != "-"}, signals);
    if (!started) return fail(log, started.error());
    child.emplace(std::move(*started));
  }
  auto output = Output::open(options.output, [&signals] { return signals.received() != 0; });
  if (!output) return fail(log, output.error());
  return trace(options, *prepared, *output, child ? &*child : nullptr, signals, log);
}

}  // namespace aa
