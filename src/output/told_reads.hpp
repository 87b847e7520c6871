// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which process was told to have read which file, of the format for people: a file that it opens and
// reads again, and that nobody has changed since, is no news.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "event/event.hpp"
#include "event/process_key.hpp"

namespace aa {

class ToldReads {
 public:
  static constexpr std::size_t kMost = 8192;           // then everything is news again
  static constexpr std::size_t kBytesMost = 4u << 20;  // of paths, likewise

  using Reader = std::pair<ProcessKey, std::uint32_t>;  // and which program it runs: its exec_id

  // False: it was told before. `path`: as it is shown. `id`: which file it was, if that is known: another one under the
  // same path is news.
  bool is_news(const Reader& reader, const std::string& path, std::optional<FileId> id) {
    if (count_ >= kMost || bytes_ >= kBytesMost) clear();
    const auto [files, is_new_path] = by_path_.try_emplace(path);
    if (is_new_path) bytes_ += path.size();
    const auto [readers, is_new_file] = files->second.try_emplace(id);
    if (is_new_file && id) paths_.emplace(*id, path);
    const bool is_new = readers->second.insert(reader).second;
    count_ += is_new;
    return is_new;
  }
  // What is called that has changed.
  void forget(const std::string& path) {
    const auto files = by_path_.find(path);
    if (files == by_path_.end()) return;
    for (const auto& [id, readers] : files->second) {
      count_ -= readers.size();
      if (id) forget_path(*id, path);
    }
    bytes_ -= path.size();
    by_path_.erase(files);
  }
  // The file has changed, under whatever names it was read.
  void forget(const FileId& id) {
    for (auto at = paths_.find(id); at != paths_.end(); at = paths_.find(id)) forget(std::string(at->second));
  }

 private:
  using Readers = std::set<Reader>;

  void forget_path(const FileId& id, const std::string& path) {
    for (auto [at, end] = paths_.equal_range(id); at != end; ++at)
      if (at->second == path) return void(paths_.erase(at));
  }
  void clear() {
    by_path_.clear();
    paths_.clear();
    count_ = bytes_ = 0;
  }

  std::map<std::string, std::map<std::optional<FileId>, Readers>> by_path_;
  std::multimap<FileId, std::string> paths_;
  std::size_t count_ = 0, bytes_ = 0;
};

}  // namespace aa
