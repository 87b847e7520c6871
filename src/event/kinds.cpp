// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/kinds.hpp"

#include <optional>

#include "base/format.hpp"
#include "base/spelling.hpp"

namespace aa {
namespace {

#define AA_NAMED_KIND(NAME, name, traits) {AA_##NAME, name, "!" name},
struct NamedKind {
  aa_kind kind;
  std::string_view name, taken_away;
};
constexpr NamedKind kEvents[] = {AA_KIND_TABLE(AA_NAMED_KIND)};
#undef AA_NAMED_KIND

struct Group {
  std::string_view name;
  AskedKinds kinds;
};
constexpr std::string_view kChangesName = "changes";
// Which run is a part of what happened; WRITE is in the totals of IO.
constexpr AskedKinds kChanges = {
    kind_bit(AA_EXEC) | kind_bit(AA_EXIT),
    kind_bit(AA_OPEN) | kind_bit(AA_IO) | (kinds_with(AA_KIND_CHANGES) & kinds_with(AA_KIND_FILE))};
constexpr Group kGroups[] = {
    {"process", {kinds_with(AA_KIND_PROCESS)}},
    {"file", {kinds_with(AA_KIND_FILE)}},
    {"calls", {kinds_with(AA_KIND_CALLS)}},
    {kChangesName, kChanges},
    {"all", {kinds_with(AA_KIND_PROCESS) | file_kinds()}},
};

std::optional<AskedKinds> kinds_named(std::string_view name) {
  for (const NamedKind& event : kEvents)
    if (event.name == name) return AskedKinds{kind_bit(event.kind)};
  for (const Group& group : kGroups)
    if (group.name == name) return group.kinds;
  return std::nullopt;
}

Error unknown_event(std::string_view name) {
  std::vector<std::string> words;
  for (const NamedKind& event : kEvents) words.emplace_back(event.name);
  for (const Group& group : kGroups) words.emplace_back(group.name);
  const std::string nearest = nearest_word(name, words);
  std::string message = fmt::format("unknown event '{}'", name);
  if (nearest.empty()) {
    message += fmt::format(" (events: {})", fmt::join(words, ", "));
  } else {
    message += fmt::format(", did you mean '{}'?", nearest);
  }
  return {message, ExitCode::kUsage};
}

}  // namespace

KindSet default_kinds() { return (kinds_with(AA_KIND_PROCESS) | file_kinds()) & ~kinds_with(AA_KIND_ON_REQUEST); }

std::string_view event_name(aa_kind kind) {
  for (const NamedKind& event : kEvents)
    if (event.kind == kind) return event.name;
  return "unknown";
}

std::vector<aa_kind> kinds_in(KindSet kinds) {
  std::vector<aa_kind> chosen;
  for (const NamedKind& event : kEvents)
    if (kinds & kind_bit(event.kind)) chosen.push_back(event.kind);
  return chosen;
}

std::vector<std::string_view> names_of(KindSet kinds) {
  std::vector<std::string_view> names;
  for (const aa_kind kind : kinds_in(kinds)) names.push_back(event_name(kind));
  return names;
}

std::vector<std::string_view> names_of(const AskedKinds& asked) {
  if (!asked.changes) return names_of(asked.whole);
  std::vector<std::string_view> names{kChangesName};
  for (const NamedKind& event : kEvents)
    if (kChanges.all() & ~asked.all() & kind_bit(event.kind)) names.push_back(event.taken_away);
  for (const std::string_view name : names_of(asked.whole & ~kChanges.whole)) names.push_back(name);
  return names;
}

Result<AskedKinds> parse_kinds(std::string_view list) {
  AskedKinds asked{list.starts_with('!') ? default_kinds() : 0};
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view word = list.substr(0, comma);
    const bool taken_away = word.starts_with('!');
    if (taken_away) word.remove_prefix(1);
    const auto named = kinds_named(word);
    if (!named) return unknown_event(word);
    asked.whole = taken_away ? asked.whole & ~named->all() : asked.whole | named->whole;
    asked.changes = taken_away ? asked.changes & ~named->all() : asked.changes | named->changes;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  asked.changes &= ~asked.whole;
  if (!asked.all()) return Error{"the list of events is empty: nothing would be reported", ExitCode::kUsage};
  return asked;
}

}  // namespace aa
