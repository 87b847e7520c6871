// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A format of the output. It appends whole lines to a buffer; who writes the buffer is not its business.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clock.hpp"
#include "event.hpp"

namespace aa {

struct TraceStart {
  std::string version, kernel;
  std::vector<std::string> targets;
  std::vector<std::string_view> events;
};

struct TraceEnd {
  std::uint64_t events = 0;
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
  virtual void end(std::string& out, const TraceEnd& end) = 0;
};

// The clock must outlive the sink.
std::unique_ptr<Sink> make_text_sink(TraceClock& clock, bool color);
std::unique_ptr<Sink> make_json_sink(TraceClock& clock);

}  // namespace aa
