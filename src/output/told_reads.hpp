// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which process was told to have read which file, of the format for people: a file that it opens and
// reads again, and that nobody has changed since, is no news.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "event/process_key.hpp"

namespace aa {

class ToldReads {
 public:
  static constexpr std::size_t kMost = 8192;           // then everything is news again
  static constexpr std::size_t kBytesMost = 4u << 20;  // of paths, likewise

  // False: it was told before.
  bool is_news(ProcessKey reader, const std::string& path) {
    if (count_ >= kMost || bytes_ >= kBytesMost) {
      readers_.clear();
      count_ = bytes_ = 0;
    }
    const auto [readers, is_new_path] = readers_.try_emplace(path);
    if (is_new_path) bytes_ += path.size();
    const bool is_new = readers->second.insert(reader).second;
    count_ += is_new;
    return is_new;
  }
  void forget(const std::string& path) {
    const auto readers = readers_.find(path);
    if (readers == readers_.end()) return;
    count_ -= readers->second.size();
    bytes_ -= path.size();
    readers_.erase(readers);
  }

 private:
  std::map<std::string, std::set<ProcessKey>> readers_;  // by path, as it is shown
  std::size_t count_ = 0, bytes_ = 0;
};

}  // namespace aa
