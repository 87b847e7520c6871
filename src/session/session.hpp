// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The BPF side as user space owns it: programs, links, ring buffer. Opened, loaded, attached and then seeded, in this
// order, so that nothing is lost between what was alive before and what comes after.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "config.h"
#include "event/descriptors.hpp"
#include "event/process_tree.hpp"
#include "kernel/features.hpp"
#include "kernel/kernel_types.hpp"
#include "kernel/pid_namespace.hpp"
#include "plan/hook_plan.hpp"
#include "session/function_links.hpp"
#include "targets/targets.hpp"

struct aa_trace_bpf;
struct ring_buffer;

namespace aa {

struct SessionSettings {
  Targets targets;
  PidNamespace pid_namespace;
  bool leave_out_own_group = false;  // the other members of our process group
  Selection selection;
  unsigned fd_types = AA_FD_FILE;
  bool has_rules = false;  // install_rules() will be called
  std::uint64_t buffer_bytes = 0;
  bool reads_env = false;          // execs have their environment
  bool counts_work = false;        // for tests: Session::work()
  bool counts_suppressed = false;  // Session::suppressed()
};

class RecordHandler {
 public:
  virtual ~RecordHandler() = default;
  // False: stop consuming. The record is valid during the call.
  virtual bool on_record(std::span<const std::byte> record) = 0;
};

// What a look into the ring buffer found.
struct Consumed {
  bool any = false;      // there were records
  bool emptied = false;  // there are none left
};

class Session : public TotalsReader {
 public:
  // Loads and attaches. Errors: what the kernel refuses, with the reason where it is known.
  static Result<Session> start(const SessionSettings& settings, const KernelFeatures& features, const HookPlan& plan,
                               const KernelTypes& types, Log& log);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) = delete;
  ~Session() override;

  // Maps the ring buffers; before consume(). Whatever the programs wrote until then waits there.
  Status begin_reading();
  // Marks what is alive and belongs to the targets; returns the watched processes. Call it once.
  Result<std::vector<Seed>> seed();
  // Target pids under which no process was found so far.
  std::vector<std::uint32_t> unclaimed_pids() const;

  // Hands over the records that are in the ring buffer, until it is empty, the handler says stop or the time is over.
  Consumed consume(RecordHandler& handler, std::chrono::milliseconds longest);
  // Borrowed; readable, edge-triggered only, when the kernel side wakes the reader.
  int bell_fd() const;
  // Tells the kernel side what the reader will do next. One that is to be woken by a record looks into the ring buffer
  // once more between this and its sleep: what came before wakes nobody.
  void announce(aa_reader reader);

  // Watched processes that are alive.
  std::int64_t live() const;
  // Target pids under which a process was found so far.
  std::uint64_t claimed() const;
  std::uint64_t lost(aa_loss reason) const;
  // Events that the rules left out in the kernel, where the settings have them counted.
  std::uint64_t suppressed() const;
  // Records lost that only the process tree wanted.
  std::uint64_t unseen() const;
  // How much of this the programs have done. 0 unless the settings ask for it.
  std::uint64_t work(aa_work kind) const;
  // The longest run of a program so far, ns; as above.
  std::uint64_t longest(aa_timed program) const;

  std::optional<aa_descriptor> read_totals(aa_descriptor_key key) const override;
  // Descriptors whose totals are being counted, and reported.
  std::size_t descriptors() const;
  // Takes what is counted for a table of a process that has ended, or of a thread of it, out of the kernel's maps,
  // suppressed or not. `start`: of the process.
  std::vector<CountedDescriptor> take_table(std::uint32_t pid, std::uint64_t start, std::uint64_t table);

  // From now on the kernel drops what these rules allow, and what those before allowed no more. `map`: of
  // make_rule_map(); -1: nothing is dropped. Borrowed.
  Status install_rules(int map);

  // From now on user space changes no map (but its memory, and the rules if they `change`): not through a descriptor
  // that somebody else came by either. Needs CAP_BPF; call it when all is filled and seeded.
  Status seal(bool rules_change);

  // No event after this. Returns when programs that were running have ended.
  void detach();

 private:
  struct SkeletonDeleter {
    void operator()(aa_trace_bpf* skeleton) const;
  };
  struct RingDeleter {
    void operator()(ring_buffer* ring) const;
  };
  struct Consumption;
  struct Skipped {
    std::uint64_t count = 0;
    std::chrono::steady_clock::time_point next;  // when to ask again
  };

  Session();
  Status load(const SessionSettings& settings, const KernelFeatures& features, const HookPlan& plan);
  Status fill_maps(const SessionSettings& settings);
  Status attach(const HookPlan& plan, const KernelTypes& types);
  Status attach_functions(const HookPlan& plan, const KernelTypes& types);
  Status seed_pass(int iterator_fd, std::vector<Seed>& seeds);
  std::uint64_t skipped() const;
  aa_state& state() const;

  std::unique_ptr<aa_trace_bpf, SkeletonDeleter> skeleton_;
  std::unique_ptr<ring_buffer, RingDeleter> ring_;  // uses the skeleton's map: must go first
  std::unique_ptr<ring_buffer, RingDeleter> bell_;  // so does this
  std::unique_ptr<Consumption> consumption_;        // the ring's callback context
  FunctionLinks function_links_;                    // of the skeleton's programs
  std::vector<int> counted_fds_;                    // programs whose skipped runs are lost events; borrowed
  mutable Skipped skipped_;
};

// Session::start() where libbpf finds the kernel's types.
Result<Session> start_session(const SessionSettings& settings, const KernelFeatures& features, const HookPlan& plan,
                              const KernelTypes& types, Log& log);

// The same, with as much of the plan as the kernel takes, which is put into `plan`. Warns if that is not all.
Result<Session> start_best_session(const SessionSettings& settings, const KernelFeatures& features, HookPlan& plan,
                                   Engine asked, const KernelTypes& types, Log& log);

// "ring_full": the `reason` of lost events.
std::string_view loss_name(aa_loss reason);

}  // namespace aa
