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

#include "event/decode.hpp"
#include "event/descriptors.hpp"
#include "event/process_tree.hpp"
#include "event/uring_pairs.hpp"
#include "output/environment.hpp"
#include "output/output.hpp"
#include "output/secrets.hpp"
#include "output/sink.hpp"
#include "output/summary.hpp"
#include "rules/glob.hpp"
#include "rules/judge.hpp"
#include "rules/reloader.hpp"
#include "session/session.hpp"
#include "targets/command.hpp"
#include "targets/signals.hpp"
#include "targets/targets.hpp"

namespace aa {

// What comes between an event and its line. All of it is borrowed and must outlive the tracer.
struct TracerFilter {
  const std::vector<Glob>* paths = nullptr;  // file events: those with a path that matches one of them; empty: all
  KindSet only_changes = 0;                  // of these kinds, what changed something
  Judge* judge = nullptr;
  SecretMask* secrets = nullptr;       // null: arguments are printed as they are
  Environment* environment = nullptr;  // null: there is none
  Summary* summary = nullptr;
  RuleReloader* reloader = nullptr;  // null: SIGHUP is ignored
  std::function<void(const Status&)> reloaded;
  std::function<void(const Error&)> troubled;        // the output goes on, but not as it should
  std::function<void(std::uint64_t bytes)> waiting;  // the trace has ended, the reader has still to take these
};

struct TracerLimits {
  std::optional<std::chrono::nanoseconds> duration;
  std::optional<std::uint64_t> count;
  bool with_command = false;               // ends when COMMAND has, whatever else is left
  std::chrono::nanoseconds io_interval{};  // between two lines of a descriptor; 0: only at its end
};

class Tracer : private RecordHandler {
 public:
  enum class Reason { kRunning, kEnded, kInterrupted, kDuration, kCount, kReaderGone, kFailed };

  // All of these are borrowed and must outlive the tracer. `command` may be null.
  Tracer(Session& session, const Targets& targets, ProcessTree tree, TraceClock& clock, Sink& sink, Output& output,
         Command* command, const StopSignals& signals, TracerFilter filter, TracerLimits limits);

  // Prints `start`, then events until something ends the trace, then `end`.
  Reason run(const TraceStart& start);

  std::uint64_t events() const { return events_; }
  std::uint64_t lost() const { return lost_ + unread_; }
  // Records lost that no event was asked of: parts of the process tree are missing.
  std::uint64_t unseen() const { return session_.unseen(); }
  // "lost" by reason: "12 ring_full, 3 too_big".
  std::string loss_text() const;
  // Watched processes that were there when the trace ended.
  std::int64_t left() const { return left_; }
  std::uint64_t duration() const { return (stop_after_ ? stop_after_ : clock_.now()) - clock_.began(); }  // ns
  static std::string_view reason_name(Reason reason);

 private:
  bool on_record(std::span<const std::byte> record) override;
  bool complete(Event& event);
  void end_thread(const Event& event);
  void end_table(const Event& end, std::uint64_t table);
  void end_descriptors(const Event& exit);
  bool matches(const Event& event) const;
  void print(Event& event);
  void watch_reload();
  void take_new_rules();
  void report_totals_of(Event& event);
  void report_totals_in_time();
  void report_last_totals();
  bool drain();
  void report_losses();
  void report_lost(std::uint64_t count, std::string_view reason);
  void flush();
  bool is_cut_off() const;
  void wait_for_reader(const std::function<bool()>& enough);
  void watch_signals();
  bool nothing_left() const;
  int sleep_ms(bool idle) const;
  void wait(bool idle);
  void sleep(bool idle);
  void sleep_until_room();
  void finish();

  static constexpr std::size_t kLatestPlaces = 4096;

  Session& session_;
  const Targets& targets_;
  ProcessTree tree_;
  TraceClock& clock_;
  Sink& sink_;
  Output& output_;
  Command* command_;
  const StopSignals& signals_;
  TracerFilter filter_;
  TracerLimits limits_;

  Fd epoll_;
  Decoder decoder_;
  Descriptors descriptors_;
  UringPairs uring_pairs_;
  Event event_;
  Reason reason_ = Reason::kRunning;
  std::uint64_t events_ = 0;
  std::uint64_t lost_ = 0;
  std::int64_t left_ = 0;
  std::uint64_t malformed_ = 0;  // records that decode() refused: counted as lost
  bool room_ = true;             // the output takes more
  bool told_waiting_ = false;
  std::uint64_t unread_ = 0;   // lines that were given up
  std::uint64_t no_room_ = 0;  // events that went because what is kept here had reached its bound
  // CLOCK_BOOTTIME, ns: of the last event of a thread; those whose ids end alike share a place
  std::vector<std::uint64_t> latest_ = std::vector<std::uint64_t>(kLatestPlaces);
  std::uint64_t drained_ = 0;      // CLOCK_BOOTTIME, ns: what was in the ring then has been taken from it
  std::uint64_t next_lines_ = 0;   // CLOCK_BOOTTIME, ns: when a line of the sink has waited long enough; 0: none waits
  std::uint64_t next_totals_ = 0;  // CLOCK_BOOTTIME, ns: when the totals are looked at again
  bool reporting_totals_ = false;  // some are still to be looked at
  std::uint64_t reported_loss_[AA_LOSSES] = {};
  std::uint64_t stop_after_ = 0;                   // events later than this are not reported; 0: none yet
  std::optional<std::uint64_t> command_deadline_;  // CLOCK_BOOTTIME, ns: until when a signalled COMMAND is waited for
};

}  // namespace aa
