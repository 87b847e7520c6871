// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The files of the format for people whose line has yet to come: what one open and all that went through it came to is
// one line, when it is closed or after a second.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "event/event.hpp"

namespace aa {

struct OpenFile {
  std::string path;  // as it is shown
  std::optional<FileId> id;
  std::string notes;    // behind it
  bool opened = false;  // its line is the first since then
  bool only_for_writing = false;
  bool only_for_reading = false;
  bool has_whole_path = true;
  bool made = false;
  bool emptied = false;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
  bool written = false;
  std::uint32_t pid = 0;
  std::uint64_t start = 0;    // of the process
  std::uint32_t exec_id = 0;  // and which program it runs
  std::uint32_t depth = 0;
  std::uint64_t time = 0;  // of the last event, CLOCK_BOOTTIME, ns

  bool is_changed() const { return made || emptied || written; }
  // Nothing is known to have gone through it.
  bool is_untouched() const { return !written && !read_bytes; }
  // Also under a name that it got, or lost, meanwhile.
  bool is_same(const OpenFile& other) const { return id && other.id ? *id == *other.id : path == other.path; }
};

class OpenFiles {
 public:
  static constexpr std::uint64_t kLongest = 1'000'000'000;  // ns that a line waits
  static constexpr std::size_t kMost = 4096;                // then the oldest does not wait any longer

  using Key = std::pair<std::uint32_t, std::uint64_t>;  // pid and descriptor

  // null: none waits.
  const OpenFile* find(Key key) const {
    const auto at = files_.find(key);
    return at == files_.end() ? nullptr : &at->second.file;
  }
  // Of a descriptor that none waits for. `time`: when its line began to wait.
  OpenFile& add(Key key, OpenFile file, std::uint64_t time);
  OpenFile take(Key key);
  // What waits for that descriptor.
  template <typename Change>
  void change(Key key, Change change);
  // The number is another file's now: the file may have another one, as a shell's redirections do.
  void set_aside(Key key);
  // Of a number that none waits for: the file that nothing went through yet, of `owner`, who is the process itself or
  // has handed the file on to it, under another number, if it `fits`. False: there is none.
  template <typename Fits>
  bool move_here(Key key, std::uint32_t owner, const OpenFile& like, Fits fits);
  // A file like that of `owner` which nothing went through yet, if it is one that `wanted` wants.
  template <typename Wanted>
  std::optional<OpenFile> take_untouched(std::uint32_t owner, const OpenFile& like, Wanted wanted);

  bool are_many() const { return files_.size() > kMost || waiting_.size() > kWaitingMost; }
  // Hands those to `print` that have waited long enough, or are too many; returns when the next one will have, or 0.
  template <typename Print>
  std::uint64_t take_due(std::uint64_t now, Print print) {
    while (!waiting_.empty()) {
      const Waiting oldest = waiting_.front();
      const auto at = entry_of(oldest);
      const bool is_there = at != files_.end();
      if (is_there && oldest.since + kLongest > now && !are_many()) return oldest.since + kLongest;
      waiting_.pop_front();
      if (is_there) print(remove(at));
    }
    return 0;
  }
  // Those of a process that has ended.
  template <typename Print>
  void take_all(std::uint32_t pid, Print print) {
    std::vector<Key> keys;
    for (auto at = files_.lower_bound({pid, 0}); at != files_.end() && at->first.first == pid; ++at)
      keys.push_back(at->first);
    take_keys(keys, print);
  }
  // Those that were changed, and `path` names: something else is told of that file now, and this was before it.
  template <typename Print>
  void take_changed(const std::string& path, Print print) {
    std::vector<Key> keys;
    for (auto at = changed_.lower_bound({path, {}}); at != changed_.end() && at->first == path; ++at)
      keys.push_back(at->second);
    take_keys(keys, print);
  }

 private:
  static constexpr std::size_t kWaitingMost = 1u << 16;
  static constexpr std::uint64_t kNoDescriptor = std::uint64_t{1} << 63;  // no number of a descriptor is so high

  struct Entry {
    OpenFile file;
    std::uint64_t serial;
  };
  // Whose, and which file: by its path where that is all that is known.
  using Untouched = std::set<std::tuple<std::uint32_t, std::optional<FileId>, std::string_view, Key>>;
  using Changed = std::set<std::pair<std::string_view, Key>>;  // by path
  using Files = std::map<Key, Entry>;
  struct Waiting {
    Key key;
    std::uint64_t serial;
    std::uint64_t since = 0;
  };
  // In the order of their times.
  template <typename Print>
  void take_keys(const std::vector<Key>& keys, Print print) {
    std::vector<OpenFile> taken;
    for (const Key& key : keys) taken.push_back(take(key));
    std::sort(taken.begin(), taken.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    for (const OpenFile& file : taken) print(file);
  }
  OpenFile remove(Files::iterator at) {
    leave(at);
    return std::move(files_.extract(at).mapped().file);
  }
  static Untouched::key_type untouched_key(std::uint32_t owner, const OpenFile& file, Key key) {
    return {owner, file.id, file.id ? std::string_view() : std::string_view(file.path), key};
  }
  // Into the indices that it belongs to, whose keys lie in `file`, and out of them.
  void enter(Files::iterator at);
  void leave(Files::iterator at);
  static Key aside(const Waiting& waiting) { return {waiting.key.first, kNoDescriptor | waiting.serial}; }
  Files::iterator entry_of(const Waiting& waiting) {
    auto at = files_.find(waiting.key);
    if (at == files_.end() || at->second.serial != waiting.serial) at = files_.find(aside(waiting));
    return at != files_.end() && at->second.serial == waiting.serial ? at : files_.end();
  }

  Files files_;
  Untouched untouched_;
  Changed changed_;
  std::deque<Waiting> waiting_;  // in the order of their times; also those that wait no more
  std::uint64_t serial_ = 0;
};

inline void OpenFiles::enter(Files::iterator at) {
  const OpenFile& file = at->second.file;
  if (file.is_untouched()) untouched_.insert(untouched_key(at->first.first, file, at->first));
  if (file.is_changed()) changed_.emplace(file.path, at->first);
}

inline void OpenFiles::leave(Files::iterator at) {
  const OpenFile& file = at->second.file;
  if (file.is_untouched()) untouched_.erase(untouched_key(at->first.first, file, at->first));
  if (file.is_changed()) changed_.erase({file.path, at->first});
}

inline OpenFile& OpenFiles::add(Key key, OpenFile file, std::uint64_t time) {
  waiting_.push_back({key, ++serial_, time});
  const auto at = files_.try_emplace(key, Entry{std::move(file), serial_}).first;
  enter(at);
  return at->second.file;
}

template <typename Change>
void OpenFiles::change(Key key, Change change) {
  const auto at = files_.find(key);
  leave(at);
  change(at->second.file);
  enter(at);
}

inline void OpenFiles::set_aside(Key key) {
  const auto at = files_.find(key);
  if (at == files_.end()) return;
  leave(at);
  auto node = files_.extract(at);
  node.key() = aside({key, node.mapped().serial});
  enter(files_.insert(std::move(node)).position);
}

template <typename Fits>
bool OpenFiles::move_here(Key key, std::uint32_t owner, const OpenFile& like, Fits fits) {
  auto moved = take_untouched(owner, like, fits);
  if (!moved) return false;
  const std::uint64_t time = moved->time;
  add(key, std::move(*moved), time);
  return true;
}

template <typename Wanted>
std::optional<OpenFile> OpenFiles::take_untouched(std::uint32_t owner, const OpenFile& like, Wanted wanted) {
  const auto of_file = [](const Untouched::key_type& key) {
    return std::tie(std::get<0>(key), std::get<1>(key), std::get<2>(key));
  };
  const auto sought = untouched_key(owner, like, {});
  const auto found = untouched_.lower_bound(sought);
  if (found == untouched_.end() || of_file(*found) != of_file(sought)) return {};
  const auto at = files_.find(std::get<Key>(*found));
  if (!wanted(at->second.file)) return {};
  return remove(at);
}

inline OpenFile OpenFiles::take(Key key) { return remove(files_.find(key)); }

}  // namespace aa
