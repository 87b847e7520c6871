// SPDX-License-Identifier: MIT OR Apache-2.0
#include "descriptors.hpp"

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
          .fd = event.fd.value_or(0),
          .table = event.table,
          .orphan = event.orphan ? event.generation : 0};
}

std::pair<Descriptors::Opens::iterator, Descriptors::Opens::iterator> Descriptors::of(std::uint32_t pid) {
  const auto end = pid == std::numeric_limits<std::uint32_t>::max() ? open_.end() : open_.lower_bound({.pid = pid + 1});
  return {open_.lower_bound({.pid = pid}), end};
}

Descriptors::Speaker Descriptors::speaker_of(const Event& event) {
  return {.tid = event.tid, .ppid = event.ppid, .uid = event.uid, .gid = event.gid, .comm = std::string(event.comm)};
}

void Descriptors::begin(const Event& event) {
  open_.insert_or_assign(key_of(event), Open{.generation = event.generation,
                                             .start = event.start,
                                             .speaker = speaker_of(event),
                                             .path = std::string(event.path.bytes),
                                             .text = event.path,
                                             .printed = {}});
}

void Descriptors::rename(const Event& event) {
  const auto [first, last] = of(event.pid);
  for (auto at = first; at != last; ++at) at->second.speaker = speaker_of(event);
}

void Descriptors::end(Event& event) {
  const auto found = open_.find(key_of(event));
  const bool closed_meanwhile = event.late && !event.generation;
  const bool known = found != open_.end() && (closed_meanwhile || found->second.generation == event.generation);
  if (!known) {
    event.path = Text::unreadable();
    return;
  }
  if (event.late) {
    event.path = with_bytes(found->second.text, found->second.path);
    return;
  }
  ended_ = std::move(found->second);
  open_.erase(found);
  event.path = with_bytes(ended_.text, ended_.path);
  event.totals = difference(event.totals, ended_.printed);
}

std::set<std::uint64_t> Descriptors::tables(std::uint32_t pid) {
  std::set<std::uint64_t> tables;
  const auto [first, last] = of(pid);
  for (auto at = first; at != last; ++at)
    if (!at->first.orphan) tables.insert(at->first.table);
  return tables;
}

void Descriptors::forget(std::uint32_t pid) {
  const auto [first, last] = of(pid);
  open_.erase(first, last);
}

bool Descriptors::fill(const Key& key, Open& open, const TotalsReader& totals, bool last, Event& event) {
  const auto now = totals.read_totals({.pid = key.pid, .fd = key.fd, .table = key.table});
  if (!now || now->generation != open.generation) return false;
  event.totals = difference(now->totals, open.printed);
  if (!any(event.totals) && !last) return false;
  open.printed = now->totals;
  event.kind = AA_IO;
  event.pid = key.pid;
  event.fd = key.fd;
  event.start = open.start;
  event.tid = open.speaker.tid;
  event.ppid = open.speaker.ppid;
  event.uid = open.speaker.uid;
  event.gid = open.speaker.gid;
  event.comm = open.speaker.comm;
  event.path = with_bytes(open.text, open.path);
  event.closed = last;
  event.unverified = now->unverified;
  return true;
}

}  // namespace aa
