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

Descriptors::Speaker Descriptors::speaker_of(const Event& event) {
  return {.tid = event.tid, .ppid = event.ppid, .uid = event.uid, .gid = event.gid, .comm = std::string(event.comm)};
}

void Descriptors::begin(const Event& event) {
  open_.insert_or_assign(Key{event.pid, event.fd.value_or(0)}, Open{.generation = event.generation,
                                                                    .start = event.start,
                                                                    .speaker = speaker_of(event),
                                                                    .path = std::string(event.path.bytes),
                                                                    .text = event.path,
                                                                    .printed = {}});
}

void Descriptors::rename(const Event& event) {
  const auto last = open_.upper_bound({event.pid, std::numeric_limits<std::uint32_t>::max()});
  for (auto at = open_.lower_bound({event.pid, 0}); at != last; ++at) at->second.speaker = speaker_of(event);
}

void Descriptors::end(Event& event) {
  const auto found = open_.find({event.pid, event.fd.value_or(0)});
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

void Descriptors::forget(std::uint32_t pid) {
  open_.erase(open_.lower_bound({pid, 0}), open_.upper_bound({pid, std::numeric_limits<std::uint32_t>::max()}));
}

bool Descriptors::fill(const Key& key, Open& open, const TotalsReader& totals, bool last, Event& event) {
  const auto now = totals.read_totals({.pid = key.first, .fd = key.second});
  if (!now || now->generation != open.generation) return false;
  event.totals = difference(now->totals, open.printed);
  if (!any(event.totals) && !last) return false;
  open.printed = now->totals;
  event.kind = AA_IO;
  event.pid = key.first;
  event.fd = key.second;
  event.start = open.start;
  event.tid = open.speaker.tid;
  event.ppid = open.speaker.ppid;
  event.uid = open.speaker.uid;
  event.gid = open.speaker.gid;
  event.comm = open.speaker.comm;
  event.path = with_bytes(open.text, open.path);
  event.closed = last;
  return true;
}

}  // namespace aa
