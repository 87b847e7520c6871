// SPDX-License-Identifier: MIT OR Apache-2.0
#include "run.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/clock.hpp"
#include "base/format.hpp"
#include "kernel/features.hpp"
#include "kernel/pid_namespace.hpp"
#include "kernel/privileges.hpp"
#include "kernel/release.hpp"
#include "kernel/time_namespace.hpp"
#include "output/output.hpp"
#include "output/secrets.hpp"
#include "output/sink.hpp"
#include "output/summary.hpp"
#include "plan/selection.hpp"
#include "rules/builtin_rules.hpp"
#include "rules/hidden_sets.hpp"
#include "rules/judge.hpp"
#include "rules/kernel_rules.hpp"
#include "rules/outside_root.hpp"
#include "rules/reloader.hpp"
#include "rules/rule_source.hpp"
#include "session/session.hpp"
#include "targets/command.hpp"
#include "targets/targets.hpp"
#include "targets/tty.hpp"
#include "targets/users.hpp"
#include "trace_start.hpp"
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

void warn_waiting(const Targets& targets, Log& log) {
  if (!targets.missing.empty()) log.warn(fmt::format("waiting for process {}", fmt::join(targets.missing, ", ")));
  for (const Tty& tty : targets.ttys)
    if (!tty_in_use(tty.device)) log.warn(fmt::format("nobody is on {} yet: waiting", tty.name));
  if (targets.all && !targets.pids.empty()) log.debug("--all watches the named processes too");
}

// Can the kernel drop anything?
bool leaves_out_anything(const Options& options) {
  return std::any_of(options.rules.begin(), options.rules.end(),
                     [](const Rule& rule) { return leaves_out(rule.kind) && !is_hidden_set(rule.pattern); });
}

// Of --format, or by where the events go.
Format format_of(const Options& options) {
  if (options.format) return *options.format;
  struct stat info {};
  if (options.output == "-") return isatty(1) ? Format::kShort : Format::kLine;
  if (stat(options.output.c_str(), &info) != 0 || !S_ISCHR(info.st_mode)) return Format::kLine;
  const Fd file(open(options.output.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  return isatty(file.get()) ? Format::kShort : Format::kLine;
}

RuleSource rule_source(const Options& options) {
  std::vector<Rule> rules = options.default_rules ? builtin_rules() : std::vector<Rule>();
  rules.insert(rules.end(), options.rules.begin(), options.rules.end());
  return {std::move(rules), options.rules_file, options.alert_level,
          default_hiding(format_of(options) == Format::kShort && options.outcomes != AA_FAILED),
          !options.roots.empty()};
}

// What a trace needs before the kernel is asked for anything.
struct Preparation {
  Targets targets;
  std::optional<KernelTypes> types;  // until the session has begun
  KernelFeatures features;
  HookPlan plan;
  PidNamespace pid_namespace;
  std::int64_t boot_offset = 0;  // find_boot_offset()
  RuleSource source;
  std::shared_ptr<const RuleSet> rules;
  OutsideRoot outside;
};

SessionSettings session_settings(const Options& options, const Preparation& prepared) {
  return {.targets = prepared.targets,
          .pid_namespace = prepared.pid_namespace,
          .leave_out_own_group = prepared.targets.have_own_tty(),
          .selection = {.kinds = options.kinds, .outcomes = options.outcomes},
          .fd_types = options.fd_types,
          .has_rules = !options.rules_file.empty() || leaves_out_anything(options),
          .buffer_bytes = options.buffer_bytes,
          .reads_env = options.env.any(),
          .counts_suppressed = options.verbosity > 0};
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

void explain(const Options& options, const Preparation& prepared, Log& log) {
  if (!prepared.features.uring_submit && needs_uring({.kinds = options.kinds, .outcomes = options.outcomes}))
    log.warn(kNoUring);
  log.debug(fmt::format("kernel {}: paths by {}, the last thread of a process by {}", running_kernel().text,
                        prepared.features.typed_loads ? "direct loads" : "probe reads",
                        prepared.features.exit_tells_last ? "group_dead" : "counting"));
  log.debug(fmt::format("engine {}: {}; {} hooks tell resolved names", engine_name(prepared.plan.engine.engine),
                        prepared.plan.engine.reason, prepared.plan.name_hooks.size()));
}

// 1,234
std::string with_commas(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

void print_details(const Options& options, const Judge& judge, std::uint64_t hidden, const Summary& summary, Log& log) {
  if (const std::string events = summary.events_text(); !events.empty()) log.info(events);
  if (hidden) log.debug(fmt::format("{} event{} on hidden paths", with_commas(hidden), hidden == 1 ? "" : "s"));
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

// With --all there are always others.
void tell_left(const Targets& targets, std::int64_t processes, Log& log) {
  if (processes > 0 && !targets.all)
    log.warn(fmt::format("COMMAND has ended; {} process{} run{} on unwatched", processes, processes == 1 ? "" : "es",
                         processes == 1 ? "s" : ""));
}

int exit_code(const Tracer& tracer, Tracer::Reason reason, bool alerted, Command* command, const StopSignals& signals) {
  if (reason == Tracer::Reason::kFailed) return static_cast<int>(ExitCode::kFailure);
  std::optional<int> status = command ? command->exit_code() : 0;
  // COMMAND outlived the signal that ended the trace
  if (!status && reason == Tracer::Reason::kInterrupted) status = 128 + signals.received();
  if (status.value_or(0)) return *status;
  if (alerted) return static_cast<int>(ExitCode::kAlerted);
  return static_cast<int>(tracer.lost() ? ExitCode::kIncomplete : ExitCode::kOk);
}

Result<Preparation> prepare(const Options& options, Log& log) {
  RuleSource source = rule_source(options);
  auto rules = source.load();
  if (!rules) return rules.error();
  auto outside = OutsideRoot::of(options.roots);
  if (!outside) return outside.error();
  auto targets = Targets::find(options.targets);
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
                     *boot_offset,        std::move(source), std::move(*rules), std::move(*outside)};
}

Status install_rules(Session& session, const RuleSet& rules) {
  const auto nodes = kernel_rules(rules);
  if (nodes.empty()) return Done{};
  const auto map = make_rule_map(nodes);
  return map ? session.install_rules(map->get()) : Status(map.error());
}

KeptPrivileges kept_privileges(const Options& options, const Command* command) {
  const bool reloads = !options.rules_file.empty();
  const bool reads_maps = map_reads_need_capability(running_kernel(), unprivileged_bpf_disabled());
  return {.kill = command && command->has_own_user(), .bpf = reloads || reads_maps, .read = reloads};
}

void tell_reload(const Options& options, const Status& status, Log& log) {
  if (status) log.info(fmt::format("{}: rules read again", options.rules_file));
  else log.error(fmt::format("{}; the rules from before remain in force", status.error().message));
}

std::string home_of_caller() {
  const auto user = geteuid() == 0 ? calling_user() : std::nullopt;
  const char* home = std::getenv("HOME");
  return user ? user->home : home ? home : "";
}

ShortStyle short_style(const Options& options, const Output& output) {
  std::error_code none;
  ShortStyle style{.directory = std::filesystem::current_path(none).string(),
                   .home = home_of_caller(),
                   .color = use_color(options, output),
                   .time = options.time,
                   .only_changes = options.only_changes != 0,
                   .tells_devices = (options.fd_types & AA_FD_DEVICE) != 0,
                   .all_failures = options.outcomes == AA_FAILED};
  if (output.is_terminal())
    style.columns = [fd = output.borrowed_fd()] {
      winsize size{};
      return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0u;
    };
  return style;
}

std::unique_ptr<Sink> make_sink(const Options& options, const Output& output, TraceClock& clock) {
  switch (format_of(options)) {
    case Format::kShort: return make_short_sink(clock, short_style(options, output));
    case Format::kJson: return make_json_sink(clock);
    default: return make_text_sink(clock, use_color(options, output), options.time);
  }
}

void tell_waiting(std::uint64_t bytes, const StopSignals& signals, Log& log) {
  log.warn(fmt::format("the trace has ended; waiting for the reader of {:.1f} MB ({} gives it up)",
                       static_cast<double>(bytes) / 1e6, signals.received() ? "another SIGINT" : "SIGINT twice"));
}

int trace(const Options& options, Preparation& prepared, Output& output, Command* command, const StopSignals& signals,
          Log& log) {
  const Targets& targets = prepared.targets;
  warn_waiting(targets, log);
  auto session = start_best_session(session_settings(options, prepared), prepared.features, prepared.plan,
                                    options.engine, *prepared.types, log);
  if (!session) return fail(log, session.error());
  prepared.types.reset();
  // before the ring buffer is mapped, which counts twice its size
  malloc_trim(0);
  if (Status status = session->begin_reading(); !status) return fail(log, status.error());
  auto seeds = session->seed();
  if (!seeds) return fail(log, seeds.error());
  if (command) name_command(*seeds, command->pid());
  if (command && command->exit_code()) return fail_killed(log, *command->exit_code());
  if (!targets.wait)
    if (const auto unclaimed = session->unclaimed_pids(); !unclaimed.empty()) return fail_missing(log, unclaimed);
  if (Status status = install_rules(*session, *prepared.rules); !status) return fail(log, status.error());
  if (Status status = session->seal(!options.rules_file.empty()); !status) return fail(log, status.error());
  go_before_others();
  if (Status status = drop_privileges(kept_privileges(options, command)); !status) return fail(log, status.error());
  if (Status status = output.begin({.bytes = options.spool_bytes}, options.append); !status)
    return fail(log, status.error());

  const auto clocks = std::make_shared<Clocks>(prepared.boot_offset);
  TraceClock clock(static_cast<std::uint64_t>(clocks->boot()), clocks);
  ProcessTree tree(targets.follow_children());
  tree.seed(*seeds);
  const auto sink = make_sink(options, output, clock);
  std::optional<SecretMask> secrets;
  if (!options.show_secrets) secrets.emplace();
  const TraceStart start = trace_start(options, targets, secrets ? &*secrets : nullptr);
  print_banner(start, seeds->size(), log);
  explain(options, prepared, log);
  // who ended the trace before COMMAND began does not want it to begin
  if (command && signals.received() && !signals.came_to_group()) command->send_signal(signals.received());
  if (command) command->release(clock.now(), [&log](const Error& error) { log.error(error.message); });
  Judge judge(prepared.rules, prepared.outside, options.alert_level);
  std::optional<Environment> environment;
  if (options.env.any()) environment.emplace(options.env, !options.show_secrets);
  Summary summary(options.kinds & kind_bit(AA_IO));
  std::optional<RuleReloader> reloader;
  if (!options.rules_file.empty()) reloader.emplace(prepared.source);
  Tracer tracer(*session, targets, std::move(tree), clock, *sink, output, command, signals,
                {.paths = &options.paths,
                 .only_changes = options.only_changes,
                 .judge = &judge,
                 .secrets = secrets ? &*secrets : nullptr,
                 .environment = environment ? &*environment : nullptr,
                 .summary = &summary,
                 .reloader = reloader ? &*reloader : nullptr,
                 .reloaded = [&log, &options](const Status& status) { tell_reload(options, status, log); },
                 .troubled = [&log](const Error& error) { log.warn(error.message); },
                 .waiting = [&log, &signals](std::uint64_t bytes) { tell_waiting(bytes, signals, log); }},
                {.duration = options.duration,
                 .count = options.count,
                 .with_command = options.end_with_command,
                 .io_interval = options.io_interval});
  const Tracer::Reason reason = tracer.run(start);
  if (reason == Tracer::Reason::kFailed) log.error(output.error());
  else if (reason != Tracer::Reason::kReaderGone) print_summary(tracer, log);
  if (reason != Tracer::Reason::kReaderGone)
    print_details(options, judge, judge.hidden() + session->suppressed(), summary, log);
  if (command && !command->exit_code())
    log.warn(fmt::format("{}COMMAND (process {}) still runs",
                         reason == Tracer::Reason::kReaderGone ? "nobody reads the events any more; " : "",
                         command->pid()));
  if (options.end_with_command && reason == Tracer::Reason::kEnded) tell_left(targets, tracer.left(), log);
  const bool alerted = options.fail_on && judge.highest() && *judge.highest() >= *options.fail_on;
  return exit_code(tracer, reason, alerted, command, signals);
}

}  // namespace

int run_trace(const Options& options, Log& log) {
  if (Status status = close_to_others(); !status) return fail(log, status.error());
  auto prepared = prepare(options, log);
  if (!prepared) return fail(log, prepared.error());
  if (!prepared->targets.missing.empty() && !prepared->targets.wait)
    return fail_missing(log, prepared->targets.missing);

  const StopSignals signals;
  std::optional<Command> command;
  if (!options.targets.command.empty()) {
    auto started = Command::start_held(
        {.argv = options.targets.command, .as_root = options.as_root, .stdout_is_free = options.output != "-"},
        signals);
    if (!started) return fail(log, started.error());
    command.emplace(std::move(*started));
    prepared->targets.add_command(command->pid());
  }
  auto output = Output::open(options.output, [&signals] { return signals.received() != 0; });
  if (!output) return fail(log, output.error());
  return trace(options, *prepared, *output, command ? &*command : nullptr, signals, log);
}

}  // namespace aa
