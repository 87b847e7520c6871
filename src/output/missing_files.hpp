// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Opens that found no file, of the format for people. A compiler looks for a header in one directory after the other: a
// name that the process finds in the end is no line, and one that it does not is one, wherever it looked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace aa {

struct MissingFile {
  std::string path;   // where it was looked for first, as it is shown
  std::string notes;  // behind it
  int error = 0;      // of the first look
  unsigned places = 1;
  std::uint32_t pid = 0;
  std::uint32_t depth = 0;
  std::uint64_t time = 0;  // of the first look, CLOCK_BOOTTIME, ns
};

class MissingFiles {
 public:
  static constexpr std::uint64_t kLongest = 1'000'000'000;  // ns that a line waits
  static constexpr std::size_t kMost = 4096;                // then the oldest does not wait any longer

  // `name`: the last component. `file.path` again is no other place.
  void add(std::string_view name, MissingFile file) {
    const Key key{file.pid, std::string(name)};
    const auto at = files_.find(key);
    if (at == files_.end()) {
      waiting_.push_back({key, file.time});
      last_ = file.path;
      files_.emplace(key, std::move(file));
    } else if (file.path != at->second.path && file.path != last_) {
      at->second.places++;
      last_ = std::move(file.path);
    }
  }
  // The process has found a file of that name.
  void found(std::uint32_t pid, std::string_view name) {
    if (!files_.empty()) files_.erase({pid, std::string(name)});
  }

  bool are_many() const { return waiting_.size() > kMost; }
  // Hands those to `print` that have waited long enough, or are too many; returns when the next one will have, or 0.
  template <typename Print>
  std::uint64_t take_due(std::uint64_t now, Print print) {
    while (!waiting_.empty()) {
      const auto at = files_.find(waiting_.front().first);
      const std::uint64_t since = waiting_.front().second;
      const bool is_there = at != files_.end() && at->second.time == since;
      if (is_there && since + kLongest > now && !are_many()) return since + kLongest;
      if (is_there) print(files_.extract(at).mapped());
      waiting_.pop_front();
    }
    return 0;
  }
  // Those of a process that went on to something else, or has ended.
  template <typename Print>
  void take_all(std::uint32_t pid, Print print) {
    std::vector<MissingFile> all;
    for (auto at = files_.lower_bound({pid, {}}); at != files_.end() && at->first.first == pid; at = files_.erase(at))
      all.push_back(std::move(at->second));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    for (const MissingFile& file : all) print(file);
  }

 private:
  using Key = std::pair<std::uint32_t, std::string>;  // pid and name

  std::map<Key, MissingFile> files_;
  std::deque<std::pair<Key, std::uint64_t>> waiting_;  // in the order of their times; also those that wait no more
  std::string last_;                                   // the place that was looked at last
};

}  // namespace aa
