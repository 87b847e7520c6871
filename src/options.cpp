// SPDX-License-Identifier: MIT OR Apache-2.0
#include "options.hpp"

#include <CLI/CLI.hpp>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "pattern.hpp"

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

constexpr std::uint64_t kBufferMin = 4096;      // a page
constexpr std::uint64_t kBufferMax = 1u << 30;  // one more doubling would not fit the kernel's 32 bits

// What the parser fills before it is checked.
struct RawOptions {
  std::vector<std::string> pids, paths, allow, deny, sensitive;
  std::optional<std::string> rules, btf, alert_level, fail_on, events, fd_types, duration, count, buffer,
      io_interval;  // an empty value is a value, and a wrong one
  std::string color = "auto", engine = "auto";
  bool failed = false, successful = false, no_watch_children = false, no_default_rules = false, quiet = false,
       version = false;
  int verbose = 0;
};

Error usage(std::string message) { return {std::move(message), ExitCode::kUsage}; }

// The whole word as a number, nothing before, nothing after.
template <typename T>
std::optional<T> whole_number(std::string_view word) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

constexpr std::string_view kBlanks = " \t\n";

// Commas separate, and blanks and newlines, as in what pgrep(1), pidof(8) and ps(1) print.
Status parse_pids(std::string_view list, std::vector<std::uint32_t>& pids) {
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view words = list.substr(0, comma);
    do {
      words.remove_prefix(std::min(words.find_first_not_of(kBlanks), words.size()));
      const std::string_view word = words.substr(0, words.find_first_of(kBlanks));
      const auto pid = whole_number<std::int32_t>(word);
      if (!pid || *pid < 1) return usage("'" + std::string(word) + "' is not a pid");
      pids.push_back(static_cast<std::uint32_t>(*pid));
      words.remove_prefix(word.size());
    } while (words.find_first_not_of(kBlanks) != std::string_view::npos);
    if (comma == std::string_view::npos) return Done{};
    list.remove_prefix(comma + 1);
  }
}

Result<std::uint64_t> parse_buffer(const std::string& text) {
  std::string_view digits = text;
  unsigned shift = 0;
  if (digits.ends_with('K') || digits.ends_with('k')) shift = 10;
  if (digits.ends_with('M') || digits.ends_with('m')) shift = 20;
  if (digits.ends_with('G') || digits.ends_with('g')) shift = 30;
  if (shift) digits.remove_suffix(1);
  const auto number = whole_number<std::uint64_t>(digits);
  if (!number || *number > kBufferMax >> shift || *number << shift < kBufferMin || !std::has_single_bit(*number))
    return usage("--buffer '" + text + "' is not a power of two from 4K to 1G");
  return *number << shift;
}

std::optional<std::chrono::nanoseconds> parse_seconds(const std::string& text) {
  const auto seconds = whole_number<double>(text);
  if (!seconds || !(*seconds >= 0) || *seconds > 1e9) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*seconds * 1e9));
}

struct NamedFdType {
  std::string_view name;
  unsigned type;
};

constexpr NamedFdType kFdTypes[] = {
    {"file", AA_FD_FILE}, {"device", AA_FD_DEVICE}, {"pipe", AA_FD_PIPE}, {"socket", AA_FD_SOCKET},
    {"tty", AA_FD_TTY},   {"anon", AA_FD_ANON},     {"all", AA_FD_ALL},
};

Status parse_fd_types(std::string_view list, unsigned& types) {
  types = 0;
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view word = list.substr(0, comma);
    const auto named = std::find_if(std::begin(kFdTypes), std::end(kFdTypes),
                                    [word](const NamedFdType& type) { return type.name == word; });
    if (named == std::end(kFdTypes))
      return usage("--fd-types '" + std::string(word) + "' is not file, device, pipe, socket, tty, anon or all");
    types |= named->type;
    if (comma == std::string_view::npos) return Done{};
    list.remove_prefix(comma + 1);
  }
}

Status parse_paths(const std::vector<std::string>& patterns, std::vector<Glob>& paths) {
  for (const std::string& pattern : patterns) {
    const auto glob = Glob::parse(pattern);
    if (!glob) return usage("--path: " + glob.error().message);
    paths.push_back(*glob);
  }
  return Done{};
}

Status parse_rule_patterns(RuleKind kind, const std::vector<std::string>& patterns, std::vector<Rule>& rules) {
  for (const std::string& pattern : patterns) {
    const auto parsed = parse_pattern(pattern.substr(pattern.starts_with("~/")));
    if (!parsed) return usage("--" + std::string(rule_kind_name(kind)) + ": " + parsed.error().message);
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
  const std::pair<RuleKind, const std::vector<std::string>&> given[] = {
      {RuleKind::kAllow, raw.allow}, {RuleKind::kDeny, raw.deny}, {RuleKind::kSensitive, raw.sensitive}};
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
    if (Status status = parse_pids(list, options.pids); !status) return status;
  if (raw.events) {
    const auto kinds = parse_kinds(*raw.events);
    if (!kinds) return kinds.error();
    options.kinds = *kinds;
  }
  if (raw.failed && raw.successful) return usage("--failed and --successful together leave nothing to report");
  if (raw.failed) options.outcomes = AA_FAILED;
  if (raw.successful) options.outcomes = AA_SUCCEEDED;
  if (Status status = parse_paths(raw.paths, options.paths); !status) return status;
  if (Status status = check_rules(raw, options); !status) return status;
  if (raw.fd_types)
    if (Status status = parse_fd_types(*raw.fd_types, options.fd_types); !status) return status;
  if (raw.io_interval) {
    const auto interval = parse_seconds(*raw.io_interval);
    if (!interval) return usage("--io-interval '" + *raw.io_interval + "' is not a number of seconds");
    options.io_interval = *interval;
  }
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
    if (!options.count || *options.count == 0) return usage("--count '" + *raw.count + "' is not a positive number");
  }
  if (raw.buffer) {
    const auto bytes = parse_buffer(*raw.buffer);
    if (!bytes) return bytes.error();
    options.buffer_bytes = *bytes;
  }
  if (raw.btf && raw.btf->empty()) return usage("--btf needs a file");
  options.btf = raw.btf.value_or("");
  options.watch_children = !raw.no_watch_children;
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
  word("-t,--tty", options.ttys, "TTY", "every process on this terminal (pts/9, pts9, /dev/tty1)", kWatch)
      ->allow_extra_args(false);
  flag("-a,--all", options.all, "every process but aa-trace itself", kWatch);
  flag("--no-watch-children", raw.no_watch_children, "only the processes named, no descendants", kWatch);
  flag("--wait", options.wait, "wait for targets that do not exist yet", kWatch);

  word("-e,--events", raw.events, "LIST", "events, process, file, calls, all; !NAME takes away (exec,exit,file)",
       kReport);
  word("-P,--path", raw.paths, "GLOB", "only the file events on such a path: /etc/, '*.c' (repeatable)", kReport)
      ->allow_extra_args(false);
  flag("-x,--failed", raw.failed, "only the operations that failed", kReport);
  flag("-z,--successful", raw.successful, "only the operations that succeeded", kReport);

  word("--fd-types", raw.fd_types, "LIST", "whose reads, writes, closes count: file (default), pipe, ..., all",
       kReport);
  flag("--show-secrets", options.show_secrets, "print secrets in arguments as they are", kReport);

  word("--allow", raw.allow, "PATTERN", "no file events on it: /usr/, '/tmp/*.o' (repeatable)", kRules)
      ->allow_extra_args(false);
  word("--deny", raw.deny, "PATTERN", "critical alert (repeatable)", kRules)->allow_extra_args(false);
  word("--sensitive", raw.sensitive, "PATTERN", "warning (repeatable)", kRules)->allow_extra_args(false);
  word("--rules", raw.rules, "FILE", "lines of allow|deny|sensitive PATTERN [LEVEL]; SIGHUP reads it again", kRules);
  flag("--no-default-rules", raw.no_default_rules, "without the rules about keys, passwords, ...", kRules);
  word("--root", options.roots, "DIR", "warning for what is changed outside DIR (repeatable)", kRules)
      ->allow_extra_args(false);
  word("--alert-level", raw.alert_level, "LEVEL", "alerts to show: info, warning (default), critical", kRules);
  word("--fail-on", raw.fail_on, "LEVEL", "exit status 4 if there was an alert of this level or above", kRules);

  word("-o,--output", options.output, "FILE", "write events to FILE instead of stdout", kOutput);
  flag("-j,--json", options.json, "JSON Lines instead of text", kOutput);
  word("--color", raw.color, "WHEN", "auto, always or never", kOutput);
  word("--io-interval", raw.io_interval, "SECONDS", "between io lines of a descriptor (default 1; 0: off)", kOutput);
  word("-d,--duration", raw.duration, "SECONDS", "stop after this time", kOutput);
  word("-n,--count", raw.count, "N", "stop after this many events", kOutput);
  word("--buffer", raw.buffer, "SIZE", "of the ring buffer, a power of two with K, M or G (default 8M)", kOutput);
  word("--engine", raw.engine, "ENGINE", "where system calls are seen: auto (default), tracepoint, fexit", kOutput);
  word("--btf", raw.btf, "FILE", "refuse to run if this is not the kernel's type information", kOutput);
  flag("--as-root", options.as_root, "COMMAND keeps root", kOutput);
  flag("-q,--quiet", raw.quiet, "nothing on stderr but errors", kOutput);
  app.add_flag("-v,--verbose", raw.verbose, "more on stderr (repeatable)")->group(kOutput);
  flag("--check", options.check, "say what this kernel and these privileges allow", kOutput);
  flag("-V,--version", raw.version, "print the version", kOutput);
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// What the parser did not know: options, and bare words, which are pids.
Status take_rest(const CLI::App& app, RawOptions& raw) {
  for (const std::string& word : app.remaining()) {
    if (word.starts_with('-') && word.size() > 1) {
      const std::string name = word.substr(0, word.find('='));
      const std::string nearest = name.starts_with("--") ? nearest_word(name, option_names(app)) : "";
      const std::string hint = nearest.empty() ? "" : ", did you mean '" + nearest + "'?";
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
  if (has_command) options.command.assign(separator + 1, words.end());
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
  if (has_command && options.command.empty()) return usage("no COMMAND after --");
  return options;
}

}  // namespace aa
