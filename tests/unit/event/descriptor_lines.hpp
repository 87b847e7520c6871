// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Descriptors that begin and end without a kernel, and the lines that are made of them.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "event/descriptors.hpp"

namespace aa::test {

constexpr aa_totals kNothing{};

inline bool same(const aa_totals& a, const aa_totals& b) {
  return a.reads == b.reads && a.read_bytes == b.read_bytes && a.writes == b.writes &&
         a.written_bytes == b.written_bytes;
}

inline aa_totals sum(const aa_totals& a, const aa_totals& b) {
  return {a.reads + b.reads, a.read_bytes + b.read_bytes, a.writes + b.writes, a.written_bytes + b.written_bytes};
}

// The kernel side: what is being counted.
class Counters : public TotalsReader {
 public:
  void set(std::uint32_t pid, std::uint32_t fd, std::uint64_t generation, const aa_totals& totals) {
    entries_[{pid, fd}] = {.generation = generation, .totals = totals};
  }
  void close(std::uint32_t pid, std::uint32_t fd) { entries_.erase({pid, fd}); }
  std::optional<aa_descriptor> read_totals(aa_descriptor_key key) const override {
    reads++;
    const auto found = entries_.find({key.pid, key.fd});
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
  }

  mutable std::size_t reads = 0;  // each is a system call

 private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, aa_descriptor> entries_;
};

// A line, and its strings kept beyond the event.
struct Line {
  explicit Line(const Event& it) : event(it), comm(it.comm), path(it.file.path.bytes) {
    CHECK(it.kind == AA_IO);
    CHECK(it.asked);
  }
  const aa_totals& totals() const { return event.io.totals; }

  Event event;
  std::string comm, path;
};

// Numbers that belong to a descriptor, so that a mix-up shows.
inline void begin(Descriptors& descriptors, std::uint32_t pid, std::uint32_t fd, std::uint64_t generation,
                  std::string path = "/f", bool orphan = false) {
  std::string comm = "comm" + std::to_string(pid);
  Event event;
  event.kind = AA_DESCRIPTOR;
  event.asked = false;
  event.pid = pid;
  event.file.fd = fd;
  event.io.generation = generation;
  event.io.orphan = orphan;
  event.start = pid + 1000;
  event.tid = pid + 1;
  event.ppid = pid + 2;
  event.uid = pid + 3;
  event.gid = pid + 4;
  event.comm = comm;
  event.file.path = Text::of(path);
  descriptors.begin(event);
  // nothing may point to these any more
  path.assign(path.size(), '#');
  comm.assign(comm.size(), '#');
}

inline Line end(Descriptors& descriptors, std::uint32_t pid, std::uint32_t fd, std::uint64_t generation,
                const aa_totals& totals, bool late = false, bool orphan = false) {
  Event event;
  event.kind = AA_IO;
  event.pid = pid;
  event.file.fd = fd;
  event.io.generation = generation;
  event.io.totals = totals;
  event.io.closed = true;
  event.io.late = late;
  event.io.orphan = orphan;
  descriptors.end(event);
  return Line(event);
}

inline std::vector<Line> report(Descriptors& descriptors, const Counters& counters, bool last = false) {
  std::vector<Line> lines;
  descriptors.report(counters, last, [&lines](const Event& event) { lines.emplace_back(event); });
  return lines;
}

}  // namespace aa::test
