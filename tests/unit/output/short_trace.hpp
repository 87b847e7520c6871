// SPDX-License-Identifier: MIT OR Apache-2.0
//
// For tests of the format for people: events, and the lines that they come to.
#pragma once

#include <fcntl.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "output/sink.hpp"
#include "unit/output/golden.hpp"
#include "unit/output/lines.hpp"

namespace aa::test {

inline constexpr std::uint64_t kMs = 1'000'000;

struct Short {
  TraceClock clock{kBegan};
  std::unique_ptr<Sink> sink;
  std::string out;

  explicit Short(ShortStyle style = {.directory = "/place", .home = "/home/me"})
      : sink(make_short_sink(clock, std::move(style))) {}

  // What it comes to now.
  std::string operator()(const Event& event) {
    sink->event(out, event);
    return std::exchange(out, "");
  }
  std::string after(std::uint64_t ns) {
    next = sink->flush_due(out, ns);
    return std::exchange(out, "");
  }
  std::uint64_t next = 0;
};

inline Event file_event(aa_kind kind, const char* path) {
  Event event = some_event(kind);
  event.file.path = Text::of(path);
  return event;
}

inline Event open_event(const char* path, std::uint32_t fd, std::uint32_t flags = O_RDONLY, bool created = false) {
  Event event = file_event(AA_OPEN, path);
  event.file.fd = fd;
  event.file.flags = flags;
  event.file.created = created;
  return event;
}

inline Event io_event(const char* path, std::uint32_t fd, std::uint64_t read, std::uint64_t written,
                      bool closed = true) {
  Event event = file_event(AA_IO, path);
  event.file.fd = fd;
  event.io.totals = {
      .reads = read ? 1u : 0u, .read_bytes = read, .writes = written ? 1u : 0u, .written_bytes = written};
  event.io.closed = closed;
  return event;
}

inline Event exec_event(std::vector<std::string_view> argv, const char* filename, int error = 0) {
  Event event = some_event(AA_EXEC);
  event.exec.argv.arguments = std::move(argv);
  event.exec.argv.state = Text::State::kPresent;
  event.exec.filename = Text::of(filename);
  event.error = error;
  return event;
}

inline Event exit_event(int code, int signal = 0) {
  Event event = some_event(AA_EXIT);
  event.process.code = code;
  event.process.signal = signal;
  return event;
}

// A line without its head, and with the size at its right end two blanks away.
inline std::string line(const std::string& rest) { return "   0.001   4242 " + rest + "\n"; }
inline std::string sized(const std::string& rest, const std::string& size) {
  const std::string head = "   0.001   4242 " + rest;
  return head + std::string(80 - head.size() - size.size(), ' ') + size + "\n";
}

}  // namespace aa::test
