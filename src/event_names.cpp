// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event_names.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "format.hpp"

namespace aa {
namespace {

struct NamedKinds {
  std::string_view name;
  KindSet kinds;
};

constexpr KindSet kProcess = kind_bit(AA_FORK) | kind_bit(AA_EXEC) | kind_bit(AA_EXIT);
constexpr KindSet kCalls = kind_bit(AA_READ) | kind_bit(AA_WRITE) | kind_bit(AA_CLOSE);
// AA_OPEN to AA_XATTR
constexpr KindSet kEveryFile = (kind_bit(AA_DESCRIPTOR) - 1) & ~(kind_bit(AA_OPEN) - 1);

constexpr NamedKinds kEvents[] = {
    {"fork", kind_bit(AA_FORK)},         {"exec", kind_bit(AA_EXEC)},     {"exit", kind_bit(AA_EXIT)},
    {"open", kind_bit(AA_OPEN)},         {"io", kind_bit(AA_IO)},         {"read", kind_bit(AA_READ)},
    {"write", kind_bit(AA_WRITE)},       {"close", kind_bit(AA_CLOSE)},   {"mmap", kind_bit(AA_MMAP)},
    {"unlink", kind_bit(AA_UNLINK)},     {"rmdir", kind_bit(AA_RMDIR)},   {"mkdir", kind_bit(AA_MKDIR)},
    {"mknod", kind_bit(AA_MKNOD)},       {"rename", kind_bit(AA_RENAME)}, {"link", kind_bit(AA_LINK)},
    {"symlink", kind_bit(AA_SYMLINK)},   {"chmod", kind_bit(AA_CHMOD)},   {"chown", kind_bit(AA_CHOWN)},
    {"truncate", kind_bit(AA_TRUNCATE)}, {"utime", kind_bit(AA_UTIME)},   {"xattr", kind_bit(AA_XATTR)},
};

constexpr NamedKinds kGroups[] = {
    {"process", kProcess},
    {"file", kEveryFile & ~kCalls},
    {"calls", kCalls},
    {"all", kProcess | kEveryFile},
};

std::optional<KindSet> kinds_named(std::string_view name) {
  for (const NamedKinds& entry : kEvents)
    if (entry.name == name) return entry.kinds;
  for (const NamedKinds& entry : kGroups)
    if (entry.name == name) return entry.kinds;
  return std::nullopt;
}

Error unknown_event(std::string_view name) {
  std::vector<std::string> words;
  for (const NamedKinds& entry : kEvents) words.emplace_back(entry.name);
  for (const NamedKinds& entry : kGroups) words.emplace_back(entry.name);
  const std::string nearest = nearest_word(name, words);
  std::string message = fmt::format("unknown event '{}'", name);
  if (nearest.empty()) {
    message += fmt::format(" (events: {})", fmt::join(words, ", "));
  } else {
    message += fmt::format(", did you mean '{}'?", nearest);
  }
  return {message, ExitCode::kUsage};
}

// Levenshtein distance, row by row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); i++) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); j++) {
      const std::size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

KindSet default_kinds() { return kind_bit(AA_EXEC) | kind_bit(AA_EXIT) | (kEveryFile & ~kCalls); }

bool is_file_event(aa_kind kind) { return kEveryFile & kind_bit(kind); }

std::string_view event_name(aa_kind kind) {
  for (const NamedKinds& entry : kEvents)
    if (entry.kinds == kind_bit(kind)) return entry.name;
  return "unknown";
}

std::vector<std::string_view> names_of(KindSet kinds) {
  std::vector<std::string_view> names;
  for (const NamedKinds& entry : kEvents)
    if (entry.kinds & kinds) names.push_back(entry.name);
  return names;
}

Result<KindSet> parse_kinds(std::string_view list) {
  KindSet kinds = list.starts_with('!') ? default_kinds() : 0;
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view word = list.substr(0, comma);
    const bool taken_away = word.starts_with('!');
    if (taken_away) word.remove_prefix(1);
    const auto named = kinds_named(word);
    if (!named) return unknown_event(word);
    kinds = taken_away ? kinds & ~*named : kinds | *named;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  if (!kinds) return Error{"the list of events is empty: nothing would be reported", ExitCode::kUsage};
  return kinds;
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& words) {
  std::string nearest;
  std::size_t least = std::max<std::size_t>(word.size() / 2, 2) + 1;
  for (const std::string& candidate : words) {
    if (word.size() > 2 && candidate.starts_with(word)) return candidate;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace aa
