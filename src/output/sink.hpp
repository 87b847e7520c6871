// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A format of the output. It appends whole lines to a buffer; who writes the buffer is not its business.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "event/event.hpp"
#include "output/short_style.hpp"

namespace aa {

struct TraceStart {
  std::string version, kernel;
  std::string host, boot_id, cwd;  // empty: not known
  Argv command;
  std::vector<std::string> targets;
  std::vector<std::string_view> events;
};

struct TraceEnd {
  std::uint64_t count = 0;  // of events
  std::uint64_t lost = 0;
  std::uint64_t duration = 0;  // ns
  std::string_view reason;
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void start(std::string& out, const TraceStart& start) = 0;
  virtual void event(std::string& out, const Event& event) = 0;
  // `time`: CLOCK_BOOTTIME, ns.
  virtual void lost(std::string& out, std::uint64_t time, std::uint64_t count, std::string_view reason) = 0;
  // What is no event; before it, flush_due() of all that waits.
  virtual void end(std::string& out, const TraceEnd& end) = 0;
  // For a format that lets lines wait: appends those that have waited long enough, and returns when the next one will
  // have. CLOCK_BOOTTIME, ns; 0: none waits.
  virtual std::uint64_t flush_due(std::string&, std::uint64_t) { return 0; }
};

// The clock must outlive the sink.
std::unique_ptr<Sink> make_text_sink(TraceClock& clock, bool color, TimeStyle time = TimeStyle::kElapsed);
std::unique_ptr<Sink> make_short_sink(TraceClock& clock, ShortStyle style);
std::unique_ptr<Sink> make_json_sink(TraceClock& clock);

}  // namespace aa
