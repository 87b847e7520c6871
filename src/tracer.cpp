// SPDX-License-Identifier: MIT OR Apache-2.0
#include "tracer.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "base/format.hpp"
#include "event/change.hpp"

namespace aa {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDrainLongest{50};  // then what came is shown, however much there is
constexpr int kNapMs = 10;                 // between two looks at a busy ring
constexpr int kIdleMs = 1000;              // for what no record announces: the last thread of a lost exit
constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kRecordLongest = 10 * kMs;      // from the time in a record to its place in the ring, at most
constexpr std::uint64_t kReaderPatience = 1'000 * kMs;  // of a trace that has ended, until it says what it waits for
constexpr std::uint64_t kCommandGrace = 2'000 * kMs;    // for a COMMAND to end after a signal

constexpr std::size_t kTotalsAtOnce = 1000;  // open descriptors looked at between two looks at the ring: 1 ms

constexpr std::string_view kMalformed = "malformed";
constexpr std::string_view kNoRoom = "no_room";
constexpr std::string_view kUnread = "unread";

Fd make_epoll(const Session& session, const Output& output, const StopSignals& signals, const Command* command) {
  Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  const auto add = [&epoll](int fd, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    // a regular file cannot be polled: it never goes away
    epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
  };
  add(session.bell_fd(), EPOLLIN | EPOLLET);
  add(signals.wakeup_fd(), EPOLLIN | EPOLLET);
  add(output.borrowed_fd(), EPOLLET);  // EPOLLERR: the reader has gone
  if (output.progress_fd() >= 0) add(output.progress_fd(), EPOLLIN | EPOLLET);
  if (command) add(command->ended_fd(), EPOLLIN | EPOLLET);
  return epoll;
}

}  // namespace

Tracer::Tracer(Session& session, const Targets& targets, ProcessTree tree, TraceClock& clock, Sink& sink,
               Output& output, Command* command, const StopSignals& signals, TracerFilter filter, TracerLimits limits)
    : session_(session),
      targets_(targets),
      tree_(std::move(tree)),
      clock_(clock),
      sink_(sink),
      output_(output),
      command_(command),
      signals_(signals),
      filter_(std::move(filter)),
      limits_(limits),
      epoll_(make_epoll(session, output, signals, command)) {
  if (!filter_.reloader) return;
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = filter_.reloader->ready_fd()}};
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, filter_.reloader->ready_fd(), &event);
}

std::string_view Tracer::reason_name(Reason reason) {
  switch (reason) {
    case Reason::kEnded: return "ended";
    case Reason::kInterrupted: return "interrupted";
    case Reason::kDuration: return "duration";
    case Reason::kCount: return "count";
    case Reason::kReaderGone: return "reader_gone";
    default: return "error";
  }
}

bool Tracer::on_record(std::span<const std::byte> record) {
  const auto whole = uring_pairs_.put_together(record);
  if (!whole) return true;
  if (!decoder_.decode(*whole, event_)) {
    malformed_++;
    report_lost(1, kMalformed);
    return true;
  }
  tree_.apply(event_);
  latest_[event_.tid % kLatestPlaces] = event_.time;
  const bool too_late = stop_after_ && event_.time > stop_after_ && event_.kind != AA_IO;
  const bool in_trace = event_.time >= clock_.began() && !too_late;
  // descriptors that go while the hooks are being detached: most of their totals are from before, and what is still
  // open then has its line at the end of the trace too
  if (stop_after_) event_.time = std::min(event_.time, stop_after_);
  if (!complete(event_) || !event_.asked || !in_trace) return true;
  print(event_);
  return room_ && (reason_ == Reason::kRunning || stop_after_);
}

// From what is known of descriptors; false: the event was only for that.
bool Tracer::complete(Event& event) {
  if (event.kind == AA_DESCRIPTOR) descriptors_.begin(event);
  if (event.kind == AA_IO) descriptors_.end(event);
  if (event.kind == AA_EXEC && !event.error) descriptors_.rename(event);
  if (event.kind == AA_TABLE) end_thread(event);
  if (event.kind == AA_EXIT) end_descriptors(event);
  // COMMAND has run since it was let go
  if (event.kind == AA_EXIT && command_ && event.pid == static_cast<std::uint32_t>(command_->pid()))
    event.process.began = std::max(event.start, command_->released_at());
  return event.kind != AA_DESCRIPTOR && event.kind != AA_TABLE;
}

// Of a table that is gone with `end`, a process or thread: what that had no time for.
// A thread that had a table of its own, or shared one that is not its process's.
void Tracer::end_thread(const Event& event) {
  if (event.process.left & AA_LEFT_SHARED) return descriptors_.note_table(event.pid, event.process.table);
  end_table(event, event.process.table);
  descriptors_.forget_table(event.pid, event.process.table);
}

void Tracer::end_table(const Event& end, std::uint64_t table) {
  for (const CountedDescriptor& counted : session_.take_table(end.pid, end.start, table)) {
    Event io = end;
    io.kind = AA_IO;
    io.asked = true;
    io.file.fd = counted.key.fd;
    io.io.table = table;
    io.io.generation = counted.entry.generation;
    io.io.totals = counted.entry.totals;
    io.file.unverified = counted.entry.unverified;
    io.io.closed = true;
    descriptors_.end(io);
    if (!counted.entry.suppressed_by && io.time >= clock_.began()) print(io);
  }
}

// Also those of tables that the process shared with another one.
void Tracer::end_descriptors(const Event& exit) {
  std::set<std::uint64_t> tables = descriptors_.tables(exit.pid);
  if (exit.process.left & AA_LEFT_TABLE) tables.insert(exit.process.table);
  if (exit.process.left & AA_LEFT_FIXED) tables.insert(0);
  for (const std::uint64_t table : tables) end_table(exit, table);
  descriptors_.forget(exit.pid);
}

bool Tracer::matches(const Event& event) const {
  if (filter_.only_changes & kind_bit(event.kind) && !may_change(event)) return false;
  if (filter_.paths->empty() || !(file_kinds() & kind_bit(event.kind))) return true;
  return std::any_of(filter_.paths->begin(), filter_.paths->end(), [&event](const Glob& glob) {
    return (event.file.path.present() && glob.matches(event.file.path.bytes)) ||
           (event.file.new_path.present() && glob.matches(event.file.new_path.bytes));
  });
}

void Tracer::print(Event& event) {
  // one record can bring many lines
  if (limits_.count && events_ >= *limits_.count) return;
  if (!matches(event) || !filter_.judge->judge(event)) return;
  if (filter_.secrets && event.kind == AA_EXEC)
    event.exec.argv.redacted = filter_.secrets->mask(event.exec.argv.arguments);
  if (event.kind == AA_EXEC && filter_.environment) filter_.environment->choose_and_mask(event.exec.env);
  filter_.judge->count(event);
  filter_.summary->add(event);
  sink_.event(output_.buffer(), event);
  events_++;
  if (output_.is_full()) flush();
  if (limits_.count && events_ == *limits_.count) reason_ = Reason::kCount;
}

// What went through a descriptor that is still open. The line belongs after the last one of its thread, and not after
// what the thread did since, which is still in the ring.
void Tracer::report_totals_of(Event& event) {
  const std::uint64_t before = std::max(clock_.began(), drained_ - std::min(drained_, kRecordLongest));
  event.time = event.io.closed ? clock_.now() : std::max(before, latest_[event.tid % kLatestPlaces]);
  if (stop_after_) event.time = std::min(event.time, stop_after_);
  tree_.describe(event);
  print(event);
}

void Tracer::report_last_totals() {
  std::size_t known = 0;
  descriptors_.report(session_, true, [this, &known](Event& event) {
    known++;
    report_totals_of(event);
  });
  // those without the record of their descriptor: nothing says whose they are
  const std::size_t all = session_.descriptors();
  if (all <= known) return;
  reported_loss_[AA_LOST_RING_FULL] += all - known;
  report_lost(all - known, loss_name(AA_LOST_RING_FULL));
}

// Of few at a time: the ring must not wait for all of them.
void Tracer::report_totals_in_time() {
  if (!limits_.io_interval.count() || (!reporting_totals_ && clock_.now() < next_totals_)) return;
  reporting_totals_ =
      !descriptors_.report_some(session_, kTotalsAtOnce, [this](Event& event) { report_totals_of(event); });
  if (!reporting_totals_) next_totals_ = clock_.now() + static_cast<std::uint64_t>(limits_.io_interval.count());
}

// Hands on what is in the ring, as far as the output takes it, and says whether there was anything.
bool Tracer::drain() {
  room_ = true;
  const std::uint64_t now = clock_.now();
  const Consumed consumed = session_.consume(*this, kDrainLongest);
  if (consumed.emptied) drained_ = now;
  report_losses();
  flush();
  return consumed.any;
}

void Tracer::report_losses() {
  for (int i = 0; i < AA_LOSSES; i++) {
    const auto reason = static_cast<aa_loss>(i);
    const std::uint64_t all = session_.lost(reason);
    if (all <= reported_loss_[i]) continue;
    report_lost(all - reported_loss_[i], loss_name(reason));
    reported_loss_[i] = all;
  }
  if (const std::uint64_t all = uring_pairs_.lost(); all > no_room_) {
    report_lost(all - no_room_, kNoRoom);
    no_room_ = all;
  }
}

void Tracer::report_lost(std::uint64_t count, std::string_view reason) {
  lost_ += count;
  sink_.lost(output_.buffer(), stop_after_ ? stop_after_ : clock_.now(), count, reason);
}

void Tracer::flush() {
  switch (output_.flush()) {
    case Output::Written::kAll: break;
    case Output::Written::kReaderGone: reason_ = Reason::kReaderGone; return;
    case Output::Written::kFailed: reason_ = Reason::kFailed; return;
  }
  room_ = output_.has_room();
  if (const auto trouble = output_.take_trouble()) filter_.troubled(*trouble);
  if (stop_after_ && !room_) wait_for_reader([this] { return output_.has_room(); });
}

bool Tracer::is_cut_off() const { return reason_ == Reason::kReaderGone || reason_ == Reason::kFailed; }

// When the trace has ended: then nothing else has to be done meanwhile. A second signal ends it.
void Tracer::wait_for_reader(const std::function<bool()>& enough) {
  while (!is_cut_off() && !enough()) {
    if (signals_.came_again()) return output_.give_up();
    output_.want_progress();
    if (enough()) return;
    const std::uint64_t waited = clock_.now() - stop_after_;
    if (waited >= kReaderPatience && !std::exchange(told_waiting_, true)) filter_.waiting(output_.unwritten());
    epoll_event events[4];
    const auto left = (kReaderPatience - std::min(waited, kReaderPatience)) / kMs + 1;
    const int n = epoll_wait(epoll_.get(), events, std::size(events), told_waiting_ ? -1 : static_cast<int>(left));
    if (n > 0 && output_.flush() != Output::Written::kAll)
      reason_ = output_.reader_is_gone() ? Reason::kReaderGone : Reason::kFailed;
  }
}

// A signal ends the trace; with a COMMAND it ends when COMMAND has, which gets the signal too.
void Tracer::watch_signals() {
  const int signal = signals_.received();
  if (!signal) return;
  const bool command_runs = command_ && !command_->exit_code();
  if (command_runs && !command_deadline_) {
    if (!signals_.came_to_group()) command_->send_signal(signal);
    command_deadline_ = clock_.now() + kCommandGrace;
  } else if (!command_runs || clock_.now() > *command_deadline_) {
    reason_ = Reason::kInterrupted;
  }
}

// SIGHUP: the file that the output has been moved from is left, and the rules are read again.
void Tracer::watch_reload() {
  if (!signals_.take_reload()) return;
  flush();
  if (const Status status = output_.reopen(); !status) filter_.troubled(status.error());
  if (filter_.reloader) filter_.reloader->start();
}

// What was in the ring before is judged by the new rules too: each event by one set as a whole.
void Tracer::take_new_rules() {
  if (!filter_.reloader) return;
  auto loaded = filter_.reloader->take();
  if (!loaded) return;
  Status status = *loaded ? session_.install_rules((*loaded)->map.get()) : Status((*loaded).error());
  if (status) filter_.judge->use((*loaded)->rules);
  filter_.reloaded(status);
}

bool Tracer::nothing_left() const {
  if (command_ ? !command_->exit_code() : targets_.never_end()) return false;
  if (command_ && (targets_.all || limits_.with_command)) return true;
  return session_.live() <= 0 && session_.claimed() >= targets_.pids.size();
}

// Totals are looked at where the output has room for them.
int Tracer::sleep_ms(bool idle) const {
  if (room_ && reporting_totals_) return 0;
  std::int64_t ms = idle ? kIdleMs : kNapMs;
  const auto until = [this, &ms](std::uint64_t deadline) {
    const auto left = static_cast<std::int64_t>(deadline - clock_.now());
    ms = std::clamp<std::int64_t>(left / static_cast<std::int64_t>(kMs) + 1, 0, ms);
  };
  if (limits_.duration) until(clock_.began() + static_cast<std::uint64_t>(limits_.duration->count()));
  if (command_deadline_) until(*command_deadline_);
  if (room_ && descriptors_.size() && limits_.io_interval.count()) until(next_totals_);
  if (next_lines_) until(next_lines_);
  return static_cast<int>(ms);
}

void Tracer::wait(bool idle) {
  epoll_event events[4];
  const int n = epoll_wait(epoll_.get(), events, std::size(events), sleep_ms(idle));
  for (int i = 0; i < n; i++)
    if (events[i].data.fd == output_.borrowed_fd() && events[i].events & EPOLLERR) reason_ = Reason::kReaderGone;
}

void Tracer::sleep(bool idle) {
  session_.announce(idle ? AA_READER_IDLE : AA_READER_NAPPING);
  // what came before the announcement wakes nobody
  if (idle && drain()) idle = false;
  if (reason_ == Reason::kRunning) wait(idle);
  session_.announce(AA_READER_BUSY);
}

// No record wakes it: there is no place for one. What does not find one in the ring is counted as lost.
void Tracer::sleep_until_room() {
  output_.want_progress();
  room_ = output_.has_room();
  if (!room_) wait(true);
}

Tracer::Reason Tracer::run(const TraceStart& start) {
  sink_.start(output_.buffer(), start);
  flush();
  next_totals_ = clock_.now() + static_cast<std::uint64_t>(limits_.io_interval.count());
  while (reason_ == Reason::kRunning) {
    // looked at before the ring: what the last process did is then in it
    const bool was_last = nothing_left();
    const bool room = output_.has_room();
    bool idle = !(room && drain());
    if (reason_ != Reason::kRunning) break;
    if (room) report_totals_in_time();
    next_lines_ = sink_.flush_due(output_.buffer(), clock_.now());
    flush();
    watch_signals();
    watch_reload();
    take_new_rules();
    if (limits_.duration && clock_.elapsed(clock_.now()) >= static_cast<std::uint64_t>(limits_.duration->count()))
      reason_ = Reason::kDuration;
    if (was_last) reason_ = Reason::kEnded;
    if (reason_ != Reason::kRunning) break;
    if (room) sleep(idle);
    else sleep_until_room();
    clock_.follow();
  }
  finish();
  return reason_;
}

// Everything that happened before the end, and nothing after it. Nobody who is watched waits for the reader.
void Tracer::finish() {
  if (is_cut_off()) return;
  signals_.await_second();
  left_ = session_.live();
  stop_after_ = clock_.now();
  session_.detach();
  if (reason_ != Reason::kCount)
    while (drain() && !is_cut_off()) {
    }
  if (is_cut_off()) return;
  report_losses();
  if (reason_ != Reason::kCount) report_last_totals();
  sink_.flush_due(output_.buffer(), std::numeric_limits<std::uint64_t>::max());
  flush();
  sink_.end(output_.buffer(),
            {.count = events_, .lost = lost_, .duration = duration(), .reason = reason_name(reason_)});
  const bool has_last_line = !output_.buffer().empty();
  flush();
  wait_for_reader([this] { return output_.unwritten() == 0; });
  // the last line is no event
  unread_ = output_.dropped_lines() - (output_.dropped_lines() && has_last_line);
}

std::string Tracer::loss_text() const {
  std::string text;
  const auto add = [&text](std::uint64_t count, std::string_view reason) {
    if (count) fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ", count, reason);
  };
  for (int i = 0; i < AA_LOSSES; i++) add(reported_loss_[i], loss_name(static_cast<aa_loss>(i)));
  add(malformed_, kMalformed);
  add(no_room_, kNoRoom);
  add(unread_, kUnread);
  return text;
}

}  // namespace aa
