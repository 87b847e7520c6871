// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/summary.hpp"

#include <algorithm>
#include <iterator>

#include "base/format.hpp"
#include "event/kinds.hpp"

namespace aa {
namespace {

bool writes_more(const Summary::Written& a, const Summary::Written& b) {
  return a.bytes != b.bytes ? a.bytes > b.bytes : a.path < b.path;
}

}  // namespace

void Summary::add(const Event& event) {
  events_[event.kind]++;
  std::uint64_t bytes = 0;
  if (event.kind == AA_IO) bytes = event.io.totals.written_bytes;
  else if (event.kind == AA_WRITE && !totals_ && !event.error) bytes = static_cast<std::uint64_t>(event.file.size);
  if (!bytes || !event.file.path.present() || !event.file.path.bytes.starts_with('/')) return;
  if (files_.size() >= kFilesMax) forget_half();
  const auto [file, is_new] = files_.try_emplace(std::string(event.file.path.bytes));
  if (is_new) file->second.at_least = forgot_;
  file->second.bytes += bytes;
}

void Summary::forget_half() {
  std::vector<std::uint64_t> sizes;
  for (const auto& [path, file] : files_) sizes.push_back(file.bytes);
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  std::size_t left = sizes.size() / 2;
  left -= std::erase_if(files_, [&](const auto& entry) { return entry.second.bytes < *middle; });
  std::erase_if(files_, [&](const auto& entry) { return entry.second.bytes == *middle && left && left--; });
  forgot_ = true;
}

std::string Summary::events_text() const {
  std::string text;
  for (const aa_kind kind : kinds_in(~KindSet{0}))
    if (events_[kind])
      fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ", events_[kind], event_name(kind));
  return text;
}

std::vector<Summary::Written> Summary::most_written() const {
  std::vector<Written> list;
  for (const auto& [path, file] : files_) list.push_back({path, file.bytes, file.at_least});
  const auto end = list.begin() + static_cast<std::ptrdiff_t>(std::min(list.size(), kMostWritten));
  std::partial_sort(list.begin(), end, list.end(), writes_more);
  list.erase(end, list.end());
  return list;
}

}  // namespace aa
