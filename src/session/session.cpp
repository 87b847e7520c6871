// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session/session.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "aa_trace.skel.h"
#include "base/format.hpp"
#include "kernel/libbpf_log.hpp"
#include "kernel/machine_limits.hpp"
#include "kernel/refusal.hpp"
#include "plan/syscalls.hpp"
#include "session/executable.hpp"
#include "session/load_plan.hpp"
#include "session/used_numbers.hpp"

namespace aa {
namespace {

// A napping reader is woken when the ring buffer is this full.
constexpr std::uint64_t kWakeDivisor = 4;
// Looking at the clock costs a tenth of a record; once for this many records is enough.
constexpr unsigned kClockEvery = 256;
// The kernel counts skipped programs one by one: asking costs a system call each.
constexpr std::chrono::seconds kSkippedEvery{1};
// The passes of the seeding end when one finds nothing new; a fork bomb must not keep them going for ever. Each finds
// at least AA_ANCESTORS_MAX more of a chain whose pids go down.
constexpr int kSeedPassesMax = 16;

Error refused(const char* what, int error) {
  std::string message = fmt::format("cannot {} the BPF programs: {}", what, errno_text(error));
  const std::string hint = refusal_hint(error);
  message += hint.empty() ? " (-v shows what the kernel says)" : "; " + hint;
  return {message};
}

// Types that the kernel itself does not have, libbpf looks for in its modules, which takes CAP_SYS_ADMIN. Version 1.1
// gives up without that capability instead of going on, but it tries only once: here, where nothing depends on it.
void get_over_modules(bpf_program* program) { bpf_program__set_attach_target(program, 0, "in_no_kernel"); }

}  // namespace

struct Session::Consumption {
  RecordHandler* handler = nullptr;
  std::chrono::steady_clock::time_point deadline;
  unsigned records = 0;

  static int on_record(void* context, void* data, size_t size) {
    auto& self = *static_cast<Consumption*>(context);
    if (!self.handler->on_record({static_cast<const std::byte*>(data), size})) return -EINTR;
    const bool look = ++self.records % kClockEvery == 0;
    return look && std::chrono::steady_clock::now() > self.deadline ? -ETIME : 0;
  }
  static int on_bell(void*, void*, size_t) { return 0; }
};

void Session::SkeletonDeleter::operator()(aa_trace_bpf* skeleton) const { aa_trace_bpf__destroy(skeleton); }
void Session::RingDeleter::operator()(ring_buffer* ring) const { ring_buffer__free(ring); }

Session::Session() : consumption_(std::make_unique<Consumption>()) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;

aa_state& Session::state() const { return skeleton_->bss->state; }

Result<Session> Session::start(const SessionSettings& settings, const KernelFeatures& features, const HookPlan& plan,
                               const KernelTypes& types, Log& log) {
  send_libbpf_messages_to(log);
  Session session;
  if (Status status = session.load(settings, features, plan); !status) return status.error();
  if (Status status = session.fill_maps(settings); !status) return status.error();
  if (Status status = session.attach(plan, types); !status) return status.error();
  return session;
}

Status Session::load(const SessionSettings& settings, const KernelFeatures& features, const HookPlan& plan) {
  skeleton_.reset(aa_trace_bpf__open());
  if (!skeleton_) return refused("open", errno);
  aa_config& cfg = skeleton_->rodata->cfg;
  cfg.ring_bytes = settings.buffer_bytes;
  cfg.wake_bytes = settings.buffer_bytes / kWakeDivisor;
  cfg.kinds = settings.selection.kinds;
  cfg.outcomes = settings.selection.outcomes;
  cfg.fd_types = static_cast<__u8>(settings.fd_types);
  cfg.cpus = end_of_possible_cpus();  // one that is not among them uses spare slots
  cfg.own_group = settings.leave_out_own_group ? settings.pid_namespace.group : 0;
  cfg.pid_level = settings.pid_namespace.level;
  cfg.pid_namespace = settings.pid_namespace.address;
  cfg.watch_all = settings.targets.all;
  cfg.watch_children = settings.targets.children;
  cfg.await_pids = settings.targets.await_pids;
  cfg.watch_ttys = !settings.targets.ttys.empty();
  cfg.typed_loads = features.typed_loads;
  cfg.exit_tells_last = features.exit_tells_last;
  cfg.completes_cqe = features.uring_completes_cqe;
  cfg.uring_creds_bit = features.uring_creds_bit;
  cfg.has_rules = settings.has_rules;
  cfg.resolves = !plan.name_hooks.empty();
  cfg.reads_env = settings.reads_env;
  cfg.counts_work = settings.counts_work;
  cfg.counts_suppressed = settings.counts_suppressed;
  skeleton_->bss->state.seeding = 1;
  skeleton_->bss->state.rules = 1;
  bpf_map__set_max_entries(skeleton_->maps.scratches, cfg.cpus + AA_SPARE_SLOTS);
  bpf_map__set_max_entries(skeleton_->maps.processes, process_limit());
  bpf_map__set_max_entries(skeleton_->maps.gone, process_limit());
  bpf_map__set_max_entries(skeleton_->maps.events, static_cast<__u32>(settings.buffer_bytes));
  get_over_modules(skeleton_->progs.uring_submit);
  choose_programs(*skeleton_, settings.selection, features, plan);
  if (const int error = aa_trace_bpf__load(skeleton_.get())) return refused("load", -error);
  return Done{};
}

Status Session::begin_reading() {
  ring_.reset(
      ring_buffer__new(bpf_map__fd(skeleton_->maps.events), Consumption::on_record, consumption_.get(), nullptr));
  bell_.reset(ring_buffer__new(bpf_map__fd(skeleton_->maps.bell), Consumption::on_bell, nullptr, nullptr));
  if (!ring_ || !bell_) return refused("read from", errno);
  return Done{};
}

Status Session::fill_maps(const SessionSettings& settings) {
  const auto put = [](const bpf_map* map, const auto& key, const auto& value) {
    return bpf_map_update_elem(bpf_map__fd(map), &key, &value, BPF_ANY) == 0;
  };
  bool done = true;
  for (const std::uint32_t pid : settings.targets.pids)
    done = done && put(skeleton_->maps.target_pids, pid, std::uint64_t{0});
  for (const Tty& tty : settings.targets.ttys)
    done = done && put(skeleton_->maps.target_ttys, tty.device, std::uint8_t{1});
  for (const SyscallRow& row : syscall_rows(kThisMachine)) {
    const std::uint32_t index = row.abi * AA_SYSCALLS_MAX + row.number;
    if (!needs_call(settings.selection, row.call)) continue;
    done = done && put(skeleton_->maps.calls, index, row.call);
  }
  if (!done) return Error{fmt::format("cannot fill a BPF map: {}", errno_text(errno))};
  return Done{};
}

Status Session::attach_functions(const HookPlan& plan, const KernelTypes& types) {
  for (const SharedCalls& calls : shared_calls(*skeleton_, plan.functions)) {
    if (calls.functions->empty()) continue;
    const std::uint32_t first = 0;
    const int shared = bpf_program__fd(calls.shared);
    if (bpf_map_update_elem(bpf_map__fd(calls.way), &first, &shared, BPF_ANY) != 0) return refused("join", errno);
    if (Status status = function_links_.attach_copies(calls.copied, *calls.functions, types); !status) return status;
  }
  for (const bpf_program* program : compat_programs(*skeleton_, plan.functions))
    if (Status status = function_links_.attach(program, kCompatFunction); !status) return status;
  return Done{};
}

Status Session::attach(const HookPlan& plan, const KernelTypes& types) {
  // exits before forks: a child that the fork program counted must not end unseen
  skeleton_->links.process_exit = bpf_program__attach(skeleton_->progs.process_exit);
  if (!skeleton_->links.process_exit) return refused("attach", errno);
  if (const int error = aa_trace_bpf__attach(skeleton_.get())) return refused("attach", -error);
  if (plan.engine.engine == Engine::kFexit)
    if (Status status = attach_functions(plan, types); !status) return status;
  counted_fds_ = counted_programs(*skeleton_, plan);
  for (const int copy : function_links_.copies()) counted_fds_.push_back(copy);
  // last: what they leave, the end of the call takes away
  for (const NameHook& hook : plan.name_hooks) {
    const bpf_program* program = bpf_object__find_program_by_name(skeleton_->obj, hook.program);
    if (Status status = function_links_.attach(program, hook_name(hook)); !status) return status;
  }
  return Done{};
}

Status Session::seed_pass(int iterator_fd, std::vector<Seed>& seeds) {
  alignas(aa_seed) char buffer[256 * sizeof(aa_seed)];
  std::size_t filled = 0;
  while (true) {
    const ssize_t n = read(iterator_fd, buffer + filled, sizeof buffer - filled);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return Error{fmt::format("cannot list the processes: {}", errno_text(errno))};
    if (n == 0) return Done{};
    filled += static_cast<std::size_t>(n);
    std::size_t at = 0;
    for (; at + sizeof(aa_seed) <= filled; at += sizeof(aa_seed)) {
      aa_seed raw;
      memcpy(&raw, buffer + at, sizeof raw);
      seeds.push_back({.key = {raw.pid, raw.start},
                       .parent = {raw.ppid, raw.parent_start},
                       .exec_id = raw.exec_id,
                       .comm = std::string(raw.comm, strnlen(raw.comm, sizeof raw.comm)),
                       .exe = ""});
    }
    memmove(buffer, buffer + at, filled - at);
    filled -= at;
  }
}

// The executable is read between two passes: it is the one of a process that has not exec'ed from one to the other.
Result<std::vector<Seed>> Session::seed() {
  struct Executable {
    std::uint64_t start;
    std::uint32_t exec_id;
    ProgramFile program;
  };
  std::map<std::uint32_t, Executable> executables;
  std::vector<Seed> seeds;
  bool settled = false;
  for (int pass = 0; pass < kSeedPassesMax && !settled; pass++) {
    const std::uint64_t found_before = state().found;
    const Fd iterator(bpf_iter_create(bpf_link__fd(skeleton_->links.seed_tasks)));
    if (!iterator) return Error{fmt::format("cannot list the processes: {}", errno_text(errno))};
    seeds.clear();
    if (Status status = seed_pass(iterator.get(), seeds); !status) return status.error();
    for (Seed& seed : seeds) {
      const auto known = executables.find(seed.key.pid);
      if (known != executables.end() && known->second.start == seed.key.start && known->second.exec_id == seed.exec_id)
        std::tie(seed.exe, seed.exe_deleted) = std::tie(known->second.program.path, known->second.program.deleted);
      else executables[seed.key.pid] = {seed.key.start, seed.exec_id, executable_of(seed.key.pid)};
    }
    settled = pass > 0 && state().found == found_before;
  }
  if (!settled) std::atomic_ref(state().lost[AA_LOST_UNWATCHED]).fetch_add(1);
  std::atomic_ref(state().seeding).store(0);
  return seeds;
}

std::vector<std::uint32_t> Session::unclaimed_pids() const {
  const int fd = bpf_map__fd(skeleton_->maps.target_pids);
  std::vector<std::uint32_t> pids;
  std::uint32_t key = 0, next = 0;
  std::uint64_t start = 0;
  for (const std::uint32_t* previous = nullptr; bpf_map_get_next_key(fd, previous, &next) == 0; previous = &key) {
    key = next;
    if (bpf_map_lookup_elem(fd, &key, &start) == 0 && start == 0) pids.push_back(key);
  }
  return pids;
}

Consumed Session::consume(RecordHandler& handler, std::chrono::milliseconds longest) {
  consumption_->handler = &handler;
  consumption_->records = 0;
  consumption_->deadline = std::chrono::steady_clock::now() + longest;
  const int result = ring_buffer__consume(ring_.get());
  return {.any = consumption_->records > 0, .emptied = result >= 0};
}

int Session::bell_fd() const { return bpf_map__fd(skeleton_->maps.bell); }

// The bell is emptied before, never between this and the sleep: it may be rung for a record that lies behind one that
// is not committed yet, and whose producer then sees the reader woken already. The full barrier stands between this and
// the reader's look at the ring: either it sees a record, or the record's producer sees what is announced.
// tests/model/wakeup.pml is about this.
void Session::announce(aa_reader reader) {
  ring_buffer__consume(bell_.get());
  std::atomic_ref(state().reader).store(reader, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

std::int64_t Session::live() const { return std::atomic_ref(state().live).load(); }

std::uint64_t Session::claimed() const { return std::atomic_ref(state().claimed).load(); }

std::uint64_t Session::lost(aa_loss reason) const {
  return reason == AA_LOST_SKIPPED ? skipped() : std::atomic_ref(state().lost[reason]).load();
}

std::uint64_t Session::skipped() const {
  const auto now = std::chrono::steady_clock::now();
  if (now >= skipped_.next) skipped_ = {skipped_runs(counted_fds_), now + kSkippedEvery};
  return skipped_.count;
}

std::uint64_t Session::suppressed() const { return std::atomic_ref(state().suppressed).load(); }

std::uint64_t Session::unseen() const { return std::atomic_ref(state().unseen).load(); }

std::uint64_t Session::longest(aa_timed program) const {
  return std::atomic_ref(skeleton_->bss->longest[program]).load();
}

std::uint64_t Session::work(aa_work kind) const { return std::atomic_ref(skeleton_->bss->work[kind]).load(); }

std::optional<aa_descriptor> Session::read_totals(aa_descriptor_key key) const {
  aa_descriptor descriptor;
  if (bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.descriptors), &key, &descriptor) != 0) return std::nullopt;
  aa_totals& totals = descriptor.totals;
  if ((totals.reads | totals.read_bytes | totals.writes | totals.written_bytes) & AA_ENDED) return std::nullopt;
  for (__u64* total : {&totals.reads, &totals.read_bytes, &totals.writes, &totals.written_bytes}) *total &= AA_COUNT;
  return descriptor;
}

std::vector<CountedDescriptor> Session::take_table(std::uint32_t pid, std::uint64_t start, std::uint64_t table) {
  std::vector<CountedDescriptor> taken;
  for (const std::uint32_t number : take_numbers(*skeleton_, pid, table)) {
    const aa_descriptor_key key{.pid = pid, .fd = table ? number : number | AA_FD_FIXED, .table = table};
    const auto entry = read_totals(key);
    // of one that has the pid by now
    if (entry && entry->start != start) continue;
    if (bpf_map_delete_elem(bpf_map__fd(skeleton_->maps.descriptors), &key) == 0 && entry)
      taken.push_back({key, *entry});
  }
  return taken;
}

std::size_t Session::descriptors() const {
  const int fd = bpf_map__fd(skeleton_->maps.descriptors);
  std::size_t count = 0;
  aa_descriptor_key key{}, next{};
  for (const aa_descriptor_key* previous = nullptr; bpf_map_get_next_key(fd, previous, &next) == 0; previous = &key) {
    key = next;
    aa_descriptor value{};
    count += bpf_map_lookup_elem(fd, &key, &value) == 0 && !value.suppressed_by;
  }
  return count;
}

Status Session::install_rules(int map) {
  const int sets = bpf_map__fd(skeleton_->maps.rule_sets);
  const std::uint32_t in_force = 0;
  const int failed =
      map >= 0 ? bpf_map_update_elem(sets, &in_force, &map, BPF_ANY) : bpf_map_delete_elem(sets, &in_force);
  if (failed && !(map < 0 && errno == ENOENT))
    return Error{fmt::format("cannot give the rules to the kernel: {}", errno_text(errno))};
  // after it: what is judged in between will be judged again
  std::atomic_ref(state().rules).fetch_add(1);
  return Done{};
}

Status Session::seal(bool rules_change) {
  bpf_map* map;
  std::size_t size;
  bpf_object__for_each_map(map, skeleton_->obj) {
    // mapped to be written to, which no map can be that is frozen (map_freeze() in kernel/bpf/syscall.c), or constants,
    // which are frozen already
    const bool is_memory = bpf_map__initial_value(map, &size) || bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF;
    // what a process left at its end is taken out by user space (take_table())
    const auto& maps = skeleton_->maps;
    const bool is_taken_from = map == maps.descriptors || map == maps.descriptor_users || map == maps.used_nodes;
    if (is_memory || is_taken_from || (rules_change && map == maps.rule_sets)) continue;
    if (bpf_map_freeze(bpf_map__fd(map)) != 0)
      return Error{fmt::format("cannot freeze the BPF map {}: {}", bpf_map__name(map), errno_text(errno))};
  }
  return Done{};
}

void Session::detach() {
  std::atomic_ref(state().ended).store(1);
  skipped_ = {skipped_runs(counted_fds_), std::chrono::steady_clock::time_point::max()};
  function_links_.let_go();
  aa_trace_bpf__detach(skeleton_.get());
  // programs run without preemption or under RCU: after a grace period none of them is in the middle of a record
  syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

Result<Session> start_session(const SessionSettings& settings, const KernelFeatures& features, const HookPlan& plan,
                              const KernelTypes& types, Log& log) {
  std::optional<Result<Session>> session;
  const Status found = types.visible_to([&] { session.emplace(Session::start(settings, features, plan, types, log)); });
  if (!found) return found.error();
  return std::move(*session);
}

Result<Session> start_best_session(const SessionSettings& settings, const KernelFeatures& features, HookPlan& plan,
                                   Engine asked, const KernelTypes& types, Log& log) {
  auto session = start_session(settings, features, plan, types, log);
  if (session) return session;
  for (HookPlan& easier : easier_plans(plan, asked, session.error().message)) {
    auto next = start_session(settings, features, easier, types, log);
    if (!next) continue;
    log.warn(fmt::format("{}: going on with {}", session.error().message, plan_text(easier)));
    plan = std::move(easier);
    return next;
  }
  return session;
}

std::string_view loss_name(aa_loss reason) {
  switch (reason) {
    case AA_LOST_RING_FULL: return "ring_full";
    case AA_LOST_TOO_BIG: return "too_big";
    case AA_LOST_NO_SCRATCH: return "no_scratch";
    case AA_LOST_UNWATCHED: return "unwatched";
    case AA_LOST_MAP_FULL: return "map_full";
    case AA_LOST_NO_RESULT: return "no_result";
    case AA_LOST_SKIPPED: return "skipped";
    case AA_LOST_TOO_MANY: return "too_many";
    default: return "unknown";
  }
}

}  // namespace aa
