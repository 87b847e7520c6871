// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config.h"
#include "engine.hpp"
#include "event_names.hpp"
#include "glob.hpp"
#include "result.hpp"
#include "rule.hpp"

namespace aa {

enum class Color { kAuto, kAlways, kNever };

struct Options {
  // what to watch
  std::vector<std::uint32_t> pids;  // as given: process or thread
  std::vector<std::string> ttys;    // as given
  bool all = false;
  bool watch_children = true;
  bool wait = false;
  std::vector<std::string> command;  // empty: none
  bool as_root = false;

  // what to report
  KindSet kinds = default_kinds();
  unsigned outcomes = AA_SUCCEEDED | AA_FAILED;
  std::vector<Glob> paths;  // none: all
  unsigned fd_types = AA_FD_FILE;
  bool show_secrets = false;
  std::chrono::nanoseconds io_interval{std::chrono::seconds(1)};  // 0: no interim lines
  std::vector<Rule> rules;                                        // --allow, --deny, --sensitive
  std::string rules_file;                                         // empty: none
  bool default_rules = true;
  Level alert_level = Level::kWarning;  // alerts below are not shown
  std::optional<Level> fail_on;
  std::vector<std::string> roots;  // as given

  // output
  std::string output = "-";  // a path, or "-" for stdout
  bool json = false;
  Color color = Color::kAuto;
  std::optional<std::chrono::nanoseconds> duration;
  std::optional<std::uint64_t> count;
  std::uint64_t buffer_bytes = 8u << 20;
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
