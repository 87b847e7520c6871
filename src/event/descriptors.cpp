// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/descriptors.hpp"

#include <limits>

namespace aa {
namespace {

aa_totals difference(const aa_totals& now, const aa_totals& before) {
  return {.reads = now.reads - before.reads,
          .read_bytes = now.read_bytes - before.read_bytes,
          .writes = now.writes - before.writes,
          .written_bytes = now.written_bytes - before.written_bytes};
}

bool any(const aa_totals& totals) { return totals.reads || totals.writes; }

Text with_bytes(Text text, const std::string& bytes) {
  text.bytes = bytes;
  return text;
}

}  // namespace

Descriptors::Key Descriptors::key_of(const Event& event) {
  return {.pid = event.pid,
          .fd = event.file.fd.value_or(0),
          .table = event.io.table,
          .orphan = event.io.orphan ? event.io.generation : 0};
}

std::pair<Descriptors::Opens::iterator, Descriptors::Opens::iterator> Descriptors::of(std::uint32_t pid) {
  const auto end = pid == std::numeric_limits<std::uint32_t>::max() ? open_.end() : open_.lower_bound({.pid = pid + 1});
  return {open_.lower_bound({.pid = pid}), end};
}

Descriptors::Speaker Descriptors::speaker_of(const Event& event) {
  return {.tid = event.tid, .ppid = event.ppid, .uid = event.uid, .gid = event.gid, .comm = std::string(event.comm)};
}

void Descriptors::begin(const Event& event) {
  add(key_of(event), Open{.generation = event.io.generation,
                          .start = event.start,
                          .speaker = speaker_of(event),
                          .path = std::string(event.file.path.bytes),
                          .text = event.file.path,
                          .id = event.file.id,
                          .printed = {}});
}

void Descriptors::add(const Key& key, Open open) {
  bytes_ += open.path.size();
  oldest_.emplace_back(key, open.generation);
  const auto [at, is_new] = open_.try_emplace(key);
  if (!is_new) bytes_ -= at->second.path.size();
  at->second = std::move(open);
  while (open_.size() > kMost || bytes_ > kBytesMost) {
    if (const auto oldest = open_of(oldest_.front()); oldest != open_.end()) drop(oldest);
    oldest_.pop_front();
  }
  if (oldest_.size() > 2 * open_.size() + 1024)
    std::erase_if(oldest_, [this](const Begun& begun) { return open_of(begun) == open_.end(); });
}

Descriptors::Opens::iterator Descriptors::open_of(const Begun& begun) {
  const auto at = open_.find(begun.first);
  return at != open_.end() && at->second.generation == begun.second ? at : open_.end();
}

void Descriptors::drop(Opens::iterator at) {
  bytes_ -= at->second.path.size();
  open_.erase(at);
}

void Descriptors::rename(const Event& event) {
  const auto [first, last] = of(event.pid);
  for (auto at = first; at != last; ++at) at->second.speaker = speaker_of(event);
}

void Descriptors::end(Event& event) {
  const auto found = open_.find(key_of(event));
  const bool closed_meanwhile = event.io.late && !event.io.generation;
  const bool known = found != open_.end() && (closed_meanwhile || found->second.generation == event.io.generation);
  if (!known) {
    event.file.path = Text::unreadable();
    return;
  }
  event.file.id = found->second.id;
  if (event.io.late) {
    event.file.path = with_bytes(found->second.text, found->second.path);
    return;
  }
  bytes_ -= found->second.path.size();
  ended_ = std::move(found->second);
  open_.erase(found);
  event.file.path = with_bytes(ended_.text, ended_.path);
  event.io.totals = difference(event.io.totals, ended_.printed);
}

std::set<std::uint64_t> Descriptors::tables(std::uint32_t pid) {
  std::set<std::uint64_t> tables;
  const auto [first, last] = of(pid);
  for (auto at = first; at != last; ++at)
    if (!at->first.orphan) tables.insert(at->first.table);
  for (auto at = noted_.lower_bound({pid, 0}); at != noted_.end() && at->first == pid; ++at) tables.insert(at->second);
  return tables;
}

void Descriptors::forget(std::uint32_t pid) {
  const auto [first, last] = of(pid);
  for (auto at = first; at != last;) drop(at++);
  noted_.erase(noted_.lower_bound({pid, 0}), noted_.upper_bound({pid, std::numeric_limits<std::uint64_t>::max()}));
}

bool Descriptors::fill(const Key& key, Open& open, const TotalsReader& totals, bool last, Event& event) {
  const auto now = totals.read_totals({.pid = key.pid, .fd = key.fd, .table = key.table});
  if (!now || now->generation != open.generation) return false;
  event.io.totals = difference(now->totals, open.printed);
  if (!any(event.io.totals) && !last) return false;
  open.printed = now->totals;
  event.kind = AA_IO;
  event.pid = key.pid;
  event.file.fd = key.fd;
  event.start = open.start;
  event.tid = open.speaker.tid;
  event.ppid = open.speaker.ppid;
  event.uid = open.speaker.uid;
  event.gid = open.speaker.gid;
  event.comm = open.speaker.comm;
  event.file.path = with_bytes(open.text, open.path);
  event.file.id = open.id;
  event.io.closed = last;
  event.file.unverified = now->unverified;
  return true;
}

}  // namespace aa
