// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config.h"
#include "event/kinds.hpp"
#include "output/environment.hpp"
#include "output/short_style.hpp"
#include "plan/engine.hpp"
#include "rules/glob.hpp"
#include "rules/rule.hpp"
#include "targets/targets.hpp"

namespace aa {

enum class Color { kAuto, kAlways, kNever };
enum class Format { kShort, kLine, kJson };

struct Options {
  NamedTargets targets;
  bool as_root = false;           // COMMAND
  bool end_with_command = false;  // not with the last process of its tree

  // what to report
  KindSet kinds = default_kinds();
  KindSet only_changes = 0;  // of these kinds, which are among those, only what changed something
  unsigned outcomes = AA_SUCCEEDED | AA_FAILED;
  std::vector<Glob> paths;  // none: all
  unsigned fd_types = AA_FD_FILE;
  bool show_secrets = false;
  EnvironmentChoice env;
  std::chrono::nanoseconds io_interval{std::chrono::seconds(1)};  // 0: no interim lines
  std::vector<Rule> rules;                                        // --allow, --deny, --sensitive, --hide
  std::string rules_file;                                         // empty: none
  bool default_rules = true;
  Level alert_level = Level::kWarning;  // alerts below are not shown
  std::optional<Level> fail_on;
  std::vector<std::string> roots;  // as given

  // output
  std::string output = "-";      // a path, or "-" for stdout
  bool append = false;           // to what is in the file
  std::optional<Format> format;  // none: short on a terminal, else line
  TimeStyle time = TimeStyle::kElapsed;
  Color color = Color::kAuto;
  std::optional<std::chrono::nanoseconds> duration;
  std::optional<std::uint64_t> count;
  std::uint64_t buffer_bytes = 8u << 20;
  std::uint64_t spool_bytes = 1u << 30;
  Engine engine = Engine::kAuto;
  int verbosity = 0;  // -1: quiet
  std::string btf;    // a file; empty: none

  // instead of a trace
  bool check = false;
  std::optional<std::string> print;  // help or version: print it on stdout and end
};

// Errors are usage errors, one line each.
Result<Options> parse_options(int argc, const char* const* argv);

extern const char kVersion[];
extern const char kUsage[];

}  // namespace aa
