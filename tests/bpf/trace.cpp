// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bpf/trace.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/fd.hpp"
#include "event/decode.hpp"
#include "rules/kernel_rules.hpp"
#include "session/session.hpp"

namespace aa::test {
namespace {

constexpr unsigned kChildSeconds = 900;  // then it hangs, and the alarm ends it

Seen seen(const Text& text) { return {std::string(text.bytes), text.state, text.truncated, text.deleted}; }

class Collector : public RecordHandler {
 public:
  explicit Collector(Traced& traced) : traced_(traced) {}

  bool on_record(std::span<const std::byte> record) override {
    Event event;
    if (!decoder_.decode(record, event)) traced_.malformed++;
    else take(event);
    return true;
  }

 private:
  void take(const Event& event) {
    // those that are no events have their kinds behind the last
    if (event.kind < AA_KINDS) traced_.records[event.kind]++;
    if (event.kind == AA_FORK) traced_.forks++;
    if (event.kind == AA_EXIT)
      traced_.exit_codes.push_back(event.process.signal ? 128 + event.process.signal : event.process.code);
    if (event.kind != AA_EXEC) return;
    SeenExec exec{.error = event.error,
                  .filename = seen(event.exec.filename),
                  .exe = seen(event.exe),
                  .cwd = seen(event.exec.cwd),
                  .argv = {},
                  .argv_state = event.exec.argv.state};
    for (const std::string_view argument : event.exec.argv.arguments) exec.argv.emplace_back(argument);
    traced_.execs.push_back(std::move(exec));
  }

  Traced& traced_;
  Decoder decoder_;
};

// A child that waits until the other end of the pipe closes.
pid_t start_child(const std::function<void()>& body, Fd& gate) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid > 0) {
    close(ends[0]);
    gate.reset(ends[1]);
    return pid;
  }
  close(ends[1]);
  alarm(kChildSeconds);
  char byte;
  if (read(ends[0], &byte, 1) == 0) body();
  _exit(99);
}

class Waited {
 public:
  explicit Waited(pid_t pid) : pid_(pid) {}
  ~Waited() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    wait();
  }
  int wait() {
    int status = -1;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

}  // namespace

Log& test_log() {
  static Log log(-1);
  return log;
}

const KernelTypes& kernel_types() {
  static const auto types = KernelTypes::find("", test_log());
  REQUIRE(bool(types));
  return *types;
}

Result<Session> start_session(const SessionSettings& settings, const KernelFeatures& features) {
  return Session::start(settings, features, HookPlan{}, kernel_types(), test_log());
}

std::vector<NamedFeatures> loadable_features() {
  const KernelFeatures here = probe_features(kernel_types());
  std::vector<NamedFeatures> all;
  for (const bool typed : {true, false})
    for (const bool last : {true, false}) {
      if ((typed && !here.typed_loads) || (last && !here.exit_tells_last)) continue;
      const char* name = typed ? (last ? "typed loads, group_dead" : "typed loads, counted threads")
                               : (last ? "probe reads, group_dead" : "probe reads, counted threads");
      KernelFeatures features = here;
      features.typed_loads = typed;
      features.exit_tells_last = last;
      all.push_back({name, features});
    }
  REQUIRE_FALSE(all.empty());
  return all;
}

Traced trace_child(const KernelFeatures& features, const std::function<void()>& body) {
  Selection selection;
  selection.kinds = kind_bit(AA_FORK) | kind_bit(AA_EXEC) | kind_bit(AA_EXIT);
  selection.outcomes = AA_SUCCEEDED | AA_FAILED;
  return trace_child(features, selection, body);
}

namespace {

void install(Session& session, const RuleSet& rules) {
  const auto map = make_rule_map(kernel_rules(rules));
  REQUIRE(bool(map));
  REQUIRE(bool(session.install_rules(map->get())));
}

}  // namespace

Traced trace_child(const KernelFeatures& features, const Selection& selection, const std::function<void()>& body,
                   std::uint64_t buffer_bytes, const RuleSet* rules) {
  Fd gate;
  const pid_t pid = start_child(body, gate);
  Waited child(pid);
  SessionSettings settings;
  settings.targets.pids = {static_cast<std::uint32_t>(pid)};
  settings.selection = selection;
  settings.buffer_bytes = buffer_bytes;
  settings.counts_work = true;
  settings.has_rules = rules != nullptr;
  auto session = start_session(settings, features);
  if (!session) FAIL(session.error().message);
  if (rules) install(*session, *rules);
  REQUIRE(bool(session->begin_reading()));
  const auto seeds = session->seed();
  REQUIRE(bool(seeds));
  REQUIRE(seeds->size() == 1);
  CHECK(seeds->front().key.pid == static_cast<std::uint32_t>(pid));
  gate.reset();
  Traced traced;
  // who was waited for has passed its last hook: all of its records are in the ring
  traced.status = child.wait();
  Collector collector(traced);
  while (session->consume(collector, std::chrono::seconds(5)).any) {
  }
  for (int reason = 0; reason < AA_LOSSES; reason++) {
    traced.losses[reason] = session->lost(static_cast<aa_loss>(reason));
    traced.lost += traced.losses[reason];
  }
  for (int kind = 0; kind < AA_WORKS; kind++) traced.work[kind] = session->work(static_cast<aa_work>(kind));
  for (int timed = 0; timed < AA_TIMED_PROGRAMS; timed++)
    traced.longest[timed] = session->longest(static_cast<aa_timed>(timed));
  CHECK(session->live() == 0);
  return traced;
}

void must(bool done) {
  if (!done) _exit(98);
}

}  // namespace aa::test
