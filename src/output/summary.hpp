// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a trace was about, in a few lines at its end.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.hpp"

namespace aa {

class Summary {
 public:
  static constexpr std::size_t kMostWritten = 10;
  // Files that are counted exactly; of more, those with the least are forgotten.
  static constexpr std::size_t kFilesMax = 16384;

  // `totals`: `io` events are reported too, and single writes are not counted a second time.
  explicit Summary(bool totals) : totals_(totals) {}

  void add(const Event& event);

  // "3 exec, 3 exit, 120 open"
  std::string events_text() const;
  struct Written {
    std::string path;
    std::uint64_t bytes;
    bool at_least;  // more may have been written before the file was forgotten
  };
  // The files to which most was written, at most kMostWritten.
  std::vector<Written> most_written() const;

 private:
  struct File {
    std::uint64_t bytes = 0;
    bool at_least = false;
  };
  void forget_half();

  bool totals_;
  std::array<std::uint64_t, AA_KINDS> events_{};
  std::unordered_map<std::string, File> files_;
  bool forgot_ = false;
};

}  // namespace aa
