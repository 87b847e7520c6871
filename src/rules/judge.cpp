// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/judge.hpp"

#include <algorithm>
#include <tuple>

#include "base/path_text.hpp"
#include "event/change.hpp"
#include "event/kinds.hpp"
#include "rules/shells.hpp"

namespace aa {
namespace {

// In the order of their weight at the same level.
constexpr std::string_view kDeny = "deny", kSensitive = "sensitive", kOutside = "outside-root", kShell = "shell";
constexpr std::string_view kByWeight[] = {kDeny, kSensitive, kOutside, kShell};

// Instead of a rule's pattern: nobody knows whether one is met.
constexpr std::string_view kUnreadable = "unreadable";

auto weight(std::string_view alert) {
  return std::find(std::begin(kByWeight), std::end(kByWeight), alert) - std::begin(kByWeight);
}

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : path.substr(0, slash);
}

}  // namespace

bool Judge::judge(Event& event) {
  alerts_.clear();
  if (file_kinds() & kind_bit(event.kind) && !judge_paths(event)) return false;
  if (event.kind == AA_EXEC) judge_program(event);
  if (alerts_.size() > 1) sort_alerts();
  event.alerts = alerts_;
  return true;
}

// False: all of its paths are allowed or hidden, and no other rule is about them. Of a path that could not be read
// nobody knows. What is hidden is still judged: only what has no alert is not told.
bool Judge::judge_paths(const Event& event) {
  const bool known = event.file.path.present() && event.file.new_path.state != Text::State::kUnreadable;
  Silence silence{.allowed = known, .left_out = known};
  for (const Text* path : {&event.file.path, &event.file.new_path})
    if (path->present()) judge_path(event, *path, silence);
  if (event.kind == AA_SYMLINK && event.file.text.present() && event.file.path.present()) judge_target(event);
  if (event.kind == AA_SYMLINK && !event.file.text.present() && rules_->has_deny())
    silence.allowed = silence.left_out = false;
  if (silence.allowed && alerts_.empty()) return false;
  if (!silence.allowed && outside_.is_left_by(event)) add(kOutside, Level::kWarning, outside_.text());
  if (!silence.allowed) judge_unreadable(event);
  const bool hidden = silence.left_out && alerts_.empty();
  hidden_ += hidden;
  return !hidden;
}

// What could not be read may be what a rule forbids: a change does not pass by being unreadable, or by a path so long
// that its end is not there.
void Judge::judge_unreadable(const Event& event) {
  if (!may_change(event)) return;
  const bool unknown = changes_unreadable(event);
  if (unknown && outside_.has_directories()) add(kOutside, Level::kWarning, kUnreadable);
  if (!rules_->has_deny()) return;
  const bool cut = event.file.path.truncated || event.file.new_path.truncated;
  const bool leads = event.kind == AA_SYMLINK && !event.file.text.present();
  const bool denied = std::any_of(alerts_.begin(), alerts_.end(), [](const Alert& a) { return a.name == kDeny; });
  if (unknown || leads || (cut && !denied)) add(kDeny, Level::kWarning, kUnreadable);
}

// A path is not left out if no rule says so, or if not all of it is there: rules may be about its end.
void Judge::judge_path(const Event& event, const Text& path, Silence& silence) {
  rules_->match(path.bytes, matched_);
  bool allowed = false, hidden = false;
  for (const std::uint32_t index : matched_) {
    const Rule& rule = rules_->rules()[index];
    switch (rule.kind) {
      case RuleKind::kAllow: allowed = true; break;
      case RuleKind::kHide: hidden |= !rule.only_reads || only_reads(event); break;
      case RuleKind::kDeny: add(kDeny, rule.level, rule.pattern); break;
      case RuleKind::kSensitive: add(kSensitive, rule.level, rule.pattern); break;
    }
  }
  silence.allowed = silence.allowed && allowed && !path.truncated;
  silence.left_out = silence.left_out && (allowed || hidden) && !path.truncated;
}

// Where a new symbolic link leads to: nothing is done to that, so that it need not be allowed.
void Judge::judge_target(const Event& event) {
  Silence ignored;
  make_absolute("", directory_of(event.file.path.bytes), event.file.text.bytes, target_);
  judge_path(event, Text::of(target_), ignored);
}

// A failed exec has only the name that was asked for; of one that succeeded, what now runs counts too.
void Judge::judge_program(const Event& event) {
  const auto asked = event.exec.filename.present() ? find_shell(event.exec.filename.bytes) : std::nullopt;
  const auto runs = !event.error && event.exe.present() ? find_shell(event.exe.bytes) : std::nullopt;
  if (asked && (!runs || asked->level >= runs->level)) add(kShell, asked->level, asked->name);
  else if (runs) add(kShell, runs->level, runs->name);
}

// Both names of a rename may meet the same rule, and a rule may be given twice, with different levels.
void Judge::add(std::string_view name, Level level, std::string_view rule) {
  if (level < least_) return;
  const auto same = std::find_if(alerts_.begin(), alerts_.end(),
                                 [&](const Alert& alert) { return alert.name == name && alert.rule == rule; });
  if (same == alerts_.end()) alerts_.push_back({name, level, rule});
  else same->level = std::max(same->level, level);
}

void Judge::sort_alerts() {
  std::stable_sort(alerts_.begin(), alerts_.end(), [](const Alert& a, const Alert& b) {
    return a.level != b.level ? a.level > b.level : weight(a.name) < weight(b.name);
  });
}

void Judge::count(const Event& event) {
  for (const Alert& alert : event.alerts) {
    auto& [level, events] = counts_[{std::string(alert.name), std::string(alert.rule)}];
    level = std::max(level, alert.level);
    events++;
    highest_ = std::max(highest_.value_or(alert.level), alert.level);
  }
}

std::vector<Judge::Count> Judge::counts() const {
  std::vector<Count> list;
  for (const auto& [key, value] : counts_) list.push_back({key.first, key.second, value.first, value.second});
  std::stable_sort(list.begin(), list.end(), [](const Count& a, const Count& b) {
    return std::tuple(b.level, weight(a.alert), b.events) < std::tuple(a.level, weight(b.alert), a.events);
  });
  return list;
}

}  // namespace aa
