// SPDX-License-Identifier: MIT OR Apache-2.0
#include "options.hpp"

#include <CLI/CLI.hpp>

#include <string_view>

#include "base/format.hpp"
#include "base/spelling.hpp"
#include "option_values.hpp"
#include "rules/hidden_sets.hpp"

namespace aa {

const char kVersion[] = AA_VERSION;

const char kUsage[] =
    "usage: aa-trace [OPTIONS] [PID...]\n"
    "       aa-trace [OPTIONS] -- COMMAND [ARG...]\n"
    "Nothing to watch: name a PID, --tty, --all or a COMMAND. More with --help.";

namespace {

constexpr char kDescription[] = "Prints what process trees run and which files they touch, one line for each event.";

constexpr char kSynopsis[] =
    "Usage: aa-trace [OPTIONS] [PID...]\n"
    "       aa-trace [OPTIONS] -- COMMAND [ARG...]";

constexpr char kExamples[] =
    "Examples:\n"
    "  aa-trace --pid 1234                      a process and all of its descendants\n"
    "  aa-trace --tty pts9 -P /etc/             what runs on a terminal, and its file events in /etc\n"
    "  aa-trace -x -e open -- make              which files a command opens in vain\n"
    "  aa-trace -e exec,exit -- make            only what it runs\n"
    "  aa-trace -j -- make | jq -r 'select(.written_bytes > 0) | .path'\n"
    "\n"
    "Exit status: 0 all went well, 1 error, 2 usage, 3 events were lost, 4 --fail-on; with\n"
    "COMMAND its own status (126, 127: it could not be started). See aa-trace(1).";

constexpr std::uint64_t kSpoolMax = std::uint64_t{1} << 40;

// What the parser fills before it is checked.
struct RawOptions {
  std::vector<std::string> pids, env, paths, allow, deny, sensitive, hide;
  std::optional<std::string> rules, btf, alert_level, fail_on, events, fd_types, duration, count, buffer, spool, format,
      time, io_interval, output;  // an empty value is a value, and a wrong one
  std::string color = "auto", engine = "auto";
  bool json = false, failed = false, successful = false, no_watch_children = false, no_default_rules = false,
       quiet = false, version = false;
  int verbose = 0;
};

Status parse_paths(const std::vector<std::string>& patterns, std::vector<Glob>& paths) {
  for (const std::string& pattern : patterns) {
    if (const auto start = pattern.substr(0, pattern.find('/') + 1); start == "./" || start == "../" || start == "~/")
      return usage(
          fmt::format("--path: '{}' matches no path: they begin with / (for any directory: '**/NAME')", pattern));
    const auto glob = Glob::parse(pattern);
    if (!glob) return usage("--path: " + glob.error().message);
    paths.push_back(*glob);
  }
  return Done{};
}

Status parse_rule_patterns(RuleKind kind, const std::vector<std::string>& patterns, std::vector<Rule>& rules) {
  for (const std::string& pattern : patterns) {
    const Status checked = check_rule_pattern(kind, pattern);
    if (!checked) return usage("--" + std::string(rule_kind_name(kind)) + ": " + checked.error().message);
    rules.push_back({kind, default_level(kind), pattern});
  }
  return Done{};
}

Status parse_level_option(const char* name, const std::optional<std::string>& text, std::optional<Level>& level) {
  if (!text) return Done{};
  level = parse_level(*text);
  if (!level) return usage(std::string(name) + " '" + *text + "' is not info, warning or critical");
  return Done{};
}

Status check_rules(const RawOptions& raw, Options& options) {
  const std::pair<RuleKind, const std::vector<std::string>&> given[] = {{RuleKind::kAllow, raw.allow},
                                                                        {RuleKind::kDeny, raw.deny},
                                                                        {RuleKind::kSensitive, raw.sensitive},
                                                                        {RuleKind::kHide, raw.hide}};
  for (const auto& [kind, patterns] : given)
    if (Status status = parse_rule_patterns(kind, patterns, options.rules); !status) return status;
  std::optional<Level> shown;
  if (Status status = parse_level_option("--alert-level", raw.alert_level, shown); !status) return status;
  if (Status status = parse_level_option("--fail-on", raw.fail_on, options.fail_on); !status) return status;
  if (raw.rules && raw.rules->empty()) return usage("--rules needs a file");
  options.alert_level = shown.value_or(options.alert_level);
  // only what is shown can make the trace fail
  if (options.fail_on) options.alert_level = std::min(options.alert_level, *options.fail_on);
  options.rules_file = raw.rules.value_or("");
  options.default_rules = !raw.no_default_rules;
  return Done{};
}

Status check_raw(const RawOptions& raw, Options& options) {
  for (const std::string& list : raw.pids)
    if (Status status = parse_pids(list, options.targets.pids); !status) return status;
  if (raw.events) {
    const auto kinds = parse_kinds(*raw.events);
    if (!kinds) return kinds.error();
    options.kinds = kinds->all();
    options.only_changes = kinds->changes;
  }
  if (raw.failed && raw.successful) return usage("--failed and --successful together leave nothing to report");
  if (raw.failed && !(options.kinds & kinds_with(AA_KIND_FAILS)))
    return usage(
        fmt::format("--failed leaves nothing to report: {} cannot fail", fmt::join(names_of(options.kinds), ", ")));
  if (raw.failed) options.outcomes = AA_FAILED;
  if (raw.successful) options.outcomes = AA_SUCCEEDED;
  if (Status status = parse_paths(raw.paths, options.paths); !status) return status;
  if (Status status = check_rules(raw, options); !status) return status;
  if (raw.fd_types)
    if (Status status = parse_fd_types(*raw.fd_types, options.fd_types); !status) return status;
  if (Status status = parse_env(raw.env, options.env); !status) return status;
  if (raw.io_interval) {
    const auto interval = parse_seconds(*raw.io_interval);
    if (!interval) return usage("--io-interval '" + *raw.io_interval + "' is not a number of seconds");
    options.io_interval = *interval;
  }
  if (Status status = parse_format(raw.format, raw.json, options); !status) return status;
  if (Status status = parse_time(raw.time, options); !status) return status;
  if (raw.color == "always") options.color = Color::kAlways;
  else if (raw.color == "never") options.color = Color::kNever;
  else if (raw.color != "auto") return usage("--color '" + raw.color + "' is not auto, always or never");
  const auto engine = engine_named(raw.engine);
  if (!engine) return usage("--engine '" + raw.engine + "' is not auto, tracepoint or fexit");
  options.engine = *engine;
  if (raw.duration) {
    options.duration = parse_seconds(*raw.duration);
    if (!options.duration || !options.duration->count())
      return usage("--duration '" + *raw.duration + "' is not a positive number of seconds");
  }
  if (raw.count) {
    options.count = whole_number<std::uint64_t>(*raw.count);
    if (!options.count || *options.count == 0)
      return usage("--count '" + *raw.count + "' is not a whole number above 0");
  }
  if (raw.buffer) {
    const auto bytes = parse_buffer(*raw.buffer);
    if (!bytes) return bytes.error();
    options.buffer_bytes = *bytes;
  }
  if (raw.spool) {
    const auto bytes = parse_size(*raw.spool, kSpoolMax);
    if (!bytes) return usage("--spool '" + *raw.spool + "' is not a size from 0 to 1024G");
    options.spool_bytes = *bytes;
  }
  if (raw.output && raw.output->empty()) return usage("--output needs a file (-: stdout)");
  options.output = raw.output.value_or(options.output);
  if (options.append && options.output == "-") return usage("--append needs --output FILE");
  if (raw.btf && raw.btf->empty()) return usage("--btf needs a file");
  options.btf = raw.btf.value_or("");
  options.targets.children = !raw.no_watch_children;
  options.verbosity = raw.quiet ? -1 : raw.verbose;
  return Done{};
}

void declare(CLI::App& app, RawOptions& raw, Options& options) {
  const auto word = [&app](const char* names, auto& value, const char* type, const char* text, const char* group) {
    return app.add_option(names, value, text)->type_name(type)->group(group);
  };
  const auto flag = [&app](const char* names, bool& value, const char* text, const char* group) {
    app.add_flag(names, value, text)->group(group);
  };
  constexpr char kWatch[] = "What to watch", kReport[] = "What to report", kRules[] = "Rules and alerts",
                 kOutput[] = "Output";

  word("-p,--pid", raw.pids, "PID[,PID...]", "these processes and their descendants; also bare PIDs", kWatch)
      ->allow_extra_args(false);
  word("-t,--tty", options.targets.ttys, "TTY", "every process on this terminal (pts/9, pts9, /dev/tty1)", kWatch)
      ->allow_extra_args(false);
  flag("-a,--all", options.targets.all, "every process but aa-trace itself", kWatch);
  flag("--end-with-command", options.end_with_command, "end when COMMAND itself has ended", kWatch);
  flag("--no-watch-children", raw.no_watch_children, "only the processes named, no descendants", kWatch);
  flag("--wait", options.targets.wait, "wait for targets that do not exist yet", kWatch);

  word("-e,--events", raw.events, "LIST", "events, process, file, changes, calls, all; !NAME: not these", kReport);
  word("-P,--path", raw.paths, "GLOB", "only the file events on such a path: /etc/, '*.c' (repeatable)", kReport)
      ->allow_extra_args(false);
  word("--hide", raw.hide, "PATTERN", "no lines for file events on it; @system, @runtime, none (repeatable)", kReport)
      ->allow_extra_args(false);
  flag("-x,--failed", raw.failed, "only the operations that failed", kReport);
  flag("-z,--successful", raw.successful, "only the operations that succeeded", kReport);

  word("--fd-types", raw.fd_types, "LIST", "whose reads, writes, closes count: file (default), pipe, ..., all",
       kReport);
  word("--env", raw.env, "NAME[,NAME...]|all", "these variables of each successful exec (repeatable)", kReport)
      ->allow_extra_args(false);
  flag("--show-secrets", options.show_secrets, "print secrets in arguments and variables as they are", kReport);

  word("--allow", raw.allow, "PATTERN", "no file events on it: /usr/, '/tmp/*.o' (repeatable)", kRules)
      ->allow_extra_args(false);
  word("--deny", raw.deny, "PATTERN", "critical alert (repeatable)", kRules)->allow_extra_args(false);
  word("--sensitive", raw.sensitive, "PATTERN", "warning (repeatable)", kRules)->allow_extra_args(false);
  word("--rules", raw.rules, "FILE", "lines of allow|deny|sensitive|hide PATTERN [LEVEL]; SIGHUP: again", kRules);
  flag("--no-default-rules", raw.no_default_rules, "without the rules about keys, passwords, ...", kRules);
  word("--root", options.roots, "DIR", "warning for what is changed outside DIR (repeatable)", kRules)
      ->allow_extra_args(false);
  word("--alert-level", raw.alert_level, "LEVEL", "alerts to show: info, warning (default), critical", kRules);
  word("--fail-on", raw.fail_on, "LEVEL", "exit status 4 if there was an alert of this level or above", kRules);

  word("-o,--output", raw.output, "FILE", "write events to FILE instead of stdout", kOutput);
  flag("-A,--append", options.append, "to what is in the file", kOutput);
  word("-F,--format", raw.format, "FORMAT", "short (default on a terminal), line (default elsewhere), json", kOutput);
  flag("-j,--json", raw.json, "JSON Lines: --format json", kOutput);
  word("--time", raw.time, "STYLE", "of short and line: elapsed (default), clock, iso", kOutput);
  word("--color", raw.color, "WHEN", "auto, always or never", kOutput);
  word("--io-interval", raw.io_interval, "SECONDS", "between io lines of a descriptor (default 1; 0: off)", kOutput);
  word("-d,--duration", raw.duration, "SECONDS", "stop after this time", kOutput);
  word("-n,--count", raw.count, "N", "stop after this many events", kOutput);
  word("--buffer", raw.buffer, "SIZE", "of the ring buffer, a power of two with K, M or G (default 8M)", kOutput);
  word("--spool", raw.spool, "SIZE", "output that is kept for a slow reader (default 1G; 0: none)", kOutput);
  word("--engine", raw.engine, "ENGINE", "where system calls are seen: auto (default), tracepoint, fexit", kOutput);
  word("--btf", raw.btf, "FILE", "refuse to run if this is not the kernel's type information", kOutput);
  flag("--as-root", options.as_root, "COMMAND keeps root", kOutput);
  flag("-q,--quiet", raw.quiet, "nothing on stderr but errors", kOutput);
  app.add_flag("-v,--verbose", raw.verbose, "more on stderr (repeatable)")->group(kOutput);
  flag("--check", options.check, "say what this kernel and these privileges allow", kOutput);
  flag("-V,--version", raw.version, "print the version", kOutput);
}

// Without the dashes, which are right in each of them and say nothing.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  return names;
}

// What the parser did not know: options, and bare words, which are pids.
Status take_rest(const CLI::App& app, RawOptions& raw) {
  for (const std::string& word : app.remaining()) {
    if (word.starts_with('-') && word.size() > 1) {
      const std::string name = word.substr(0, word.find('='));
      const std::string nearest = name.starts_with("--") ? nearest_word(name.substr(2), option_names(app)) : "";
      const std::string hint = nearest.empty() ? "" : ", did you mean '--" + nearest + "'?";
      return usage("unknown option '" + name + "'" + hint);
    }
    const std::size_t first = word.find_first_not_of(kBlanks);
    if (first == std::string::npos || word[first] < '0' || word[first] > '9')
      return usage("'" + word + "' is not a pid (to run a command: aa-trace -- " + word + ")");
    raw.pids.push_back(word);
  }
  return Done{};
}

}  // namespace

Result<Options> parse_options(int argc, const char* const* argv) {
  Options options;
  RawOptions raw;
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto separator = std::find(words.begin(), words.end(), "--");
  const bool has_command = separator != words.end();
  if (has_command) options.targets.command.assign(separator + 1, words.end());
  words.erase(separator, words.end());

  CLI::App app(kDescription, "aa-trace");
  app.footer(kExamples);
  app.allow_extras();
  declare(app, raw, options);
  app.set_help_flag("-h,--help", "print this help")->group("Output");
  std::reverse(words.begin(), words.end());  // the parser takes them from the back
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    // the parser's own line of usage does not know what stands behind the options
    std::string help = app.help();
    const std::size_t usage_line = help.find("Usage:");
    help.replace(usage_line, help.find('\n', usage_line) - usage_line, kSynopsis);
    // two empty lines before each group
    for (std::size_t at; (at = help.find("\n\n\n")) != std::string::npos;) help.erase(at, 1);
    options.print = help;
    return options;
  } catch (const CLI::ArgumentMismatch& error) {
    // "--pid: 1 required PID missing", "--engine: At Most 1 required but received 2"
    const std::string text = error.what();
    const bool repeated = text.find("but received") != std::string::npos;
    return usage(text.substr(0, text.find(':')) + (repeated ? " may be given once" : " needs a value"));
  } catch (const CLI::ParseError& error) {
    return usage(error.what());
  }
  if (raw.version) {
    options.print = std::string("aa-trace ") + kVersion + "\n";
    return options;
  }
  if (Status status = take_rest(app, raw); !status) return status.error();
  if (Status status = check_raw(raw, options); !status) return status.error();
  if (has_command && options.targets.command.empty()) return usage("no COMMAND after --");
  if (options.end_with_command && !has_command) return usage("--end-with-command needs a COMMAND");
  return options;
}

}  // namespace aa
