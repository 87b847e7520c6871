// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The way of an event in user space: record, decode, requests and descriptors, -P, tree, rules, mask, sink, output; and
// when the trace ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "child.hpp"
#include "decode.hpp"
#include "descriptors.hpp"
#include "glob.hpp"
#include "judge.hpp"
#include "output.hpp"
#include "requests.hpp"
#include "rule_book.hpp"
#include "secrets.hpp"
#include "session.hpp"
#include "signals.hpp"
#include "sink.hpp"
#include "summary.hpp"
#include "tree.hpp"

namespace aa {

// What comes between an event and its line. All of it is borrowed and must outlive the tracer.
struct TracerFilter {
  const std::vector<Glob>* paths = nullptr;  // file events: those with a path that matches one of them; empty: all
  Judge* judge = nullptr;
  SecretMask* secrets = nullptr;  // null: arguments are printed as they are
  Summary* summary = nullptr;
  RuleReloader* reloader = nullptr;  // null: SIGHUP is ignored
  std::function<void(const Status&)> reloaded;
};

struct TracerLimits {
  std::optional<std::chrono::nanoseconds> duration;
  std::optional<std::uint64_t> count;
  std::chrono::nanoseconds io_interval{};  // between two lines of a descriptor; 0: only at its end
  bool for_ever = false;                   // what is watched never ends: --all, --tty
  bool all = false;                        // with a COMMAND: ends with it, not with the last watched process
  std::uint64_t pids = 0;                  // target pids: all must have come before the trace can end
};

class Tracer : private RecordHandler {
 public:
  enum class Reason { kRunning, kEnded, kInterrupted, kDuration, kCount, kReaderGone, kFailed };

  // All of these are borrowed and must outlive the tracer. `child` may be null.
  Tracer(Session& session, ProcessTree tree, TraceClock& clock, Sink& sink, Output& output, Child* child,
         const StopSignals& signals, TracerFilter filter, TracerLimits limits);

  // Prints `start`, then events until something ends the trace, then `end`.
  Reason run(const TraceStart& start);

  std::uint64_t events() const { return events_; }
  std::uint64_t lost() const { return lost_; }
  // Records lost that no event was asked of: parts of the process tree are missing.
  std::uint64_t unseen() const { return session_.unseen(); }
  // "lost" by reason: "12 ring_full, 3 too_big".
  std::string loss_text() const;
  std::uint64_t duration() const { return clock_.now() - clock_.began(); }  // ns
  static std::string_view reason_name(Reason reason);

 private:
  bool on_record(std::span<const std::byte> record) override;
  bool complete(Event& event);
  void end_table(const Event& end, std::uint64_t table);
  void end_descriptors(const Event& exit);
  bool matches(const Event& event) const;
  void print(Event& event);
  void take_new_rules();
  void report_totals_of(Event& event);
  void report_totals_in_time();
  void report_last_totals();
  bool drain();
  void report_losses();
  void report_lost(std::uint64_t count, std::string_view reason);
  void flush();
  void watch_signals();
  bool nothing_left() const;
  int sleep_ms(bool idle) const;
  void wait(bool idle);
  void finish();

  static constexpr std::size_t kLatestPlaces = 4096;

  Session& session_;
  ProcessTree tree_;
  TraceClock& clock_;
  Sink& sink_;
  Output& output_;
  Child* child_;
  const StopSignals& signals_;
  TracerFilter filter_;
  TracerLimits limits_;

  Fd epoll_;
  Decoder decoder_;
  Descriptors descriptors_;
  Requests requests_;
  Event event_;
  Reason reason_ = Reason::kRunning;
  std::uint64_t events_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t malformed_ = 0;  // records that decode() refused: counted as lost
  std::uint64_t no_room_ = 0;    // events that went because what is kept here had reached its bound
  // CLOCK_BOOTTIME, ns: of the last event of a thread; those whose ids end alike share a place
  std::vector<std::uint64_t> latest_ = std::vector<std::uint64_t>(kLatestPlaces);
  std::uint64_t drained_ = 0;      // CLOCK_BOOTTIME, ns: what was in the ring then has been taken from it
  std::uint64_t next_totals_ = 0;  // CLOCK_BOOTTIME, ns: when the totals are looked at again
  bool reporting_totals_ = false;  // some are still to be looked at
  std::uint64_t reported_loss_[AA_LOSSES] = {};
  std::uint64_t stop_after_ = 0;                 // events later than this are not reported; 0: none yet
  std::optional<std::uint64_t> child_deadline_;  // CLOCK_BOOTTIME, ns: until when a signalled COMMAND is waited for
};

}  // namespace aa
