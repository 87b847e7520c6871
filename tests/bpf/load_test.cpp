// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Does the verifier take every program with every setting, and at what cost?
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bpf/budget.hpp"
#include "bpf/trace.hpp"
#include "session/load_plan.hpp"
#include "session/session.hpp"

#include "aa_trace.skel.h"  // needs the types of session.hpp

namespace aa::test {
namespace {

constexpr KindSet kProcess = kind_bit(AA_FORK) | kind_bit(AA_EXEC) | kind_bit(AA_EXIT);
constexpr KindSet kAll = ~KindSet{0};

// Every program that there is. One that is missing here has not been thought of.
const std::set<std::string> kPrograms = {
    "process_exec",   "process_exit",      "process_fork",     "seed_tasks",       "syscall_enter",   "syscall_exit",
    "return_gate",    "return_body",       "weak_return_gate", "weak_return_body", "entry_gate",      "entry_body",
    "compat_return",  "compat_entry",      "uring_submit",     "uring_complete",   "uring_fail_link", "uring_overflow",
    "uring_refused",  "path_unlink",       "path_rmdir",       "path_mkdir",       "path_mknod",      "path_symlink",
    "path_link",      "path_rename",       "path_chmod",       "path_chown",       "path_truncate",   "path_utimes",
    "inode_setxattr", "inode_removexattr", "inode_set_acl",    "inode_remove_acl", "mount_to_write",  "file_open"};

struct Setting {
  std::string name;
  KindSet kinds;
  unsigned outcomes;
  bool all, children, await, tty;
  unsigned own_group;
  unsigned fd_types = AA_FD_FILE;
  bool rules = false;
  unsigned pid_level = 0;
};

constexpr unsigned kBoth = AA_SUCCEEDED | AA_FAILED;

const Setting kSettings[] = {
    {"usual", default_kinds(), kBoth, false, true, false, false, 0},
    {"everything on", kAll, kBoth, true, true, true, true, 77, AA_FD_ALL, true},
    {"usual with rules", default_kinds(), kBoth, false, true, false, false, 0, AA_FD_FILE, true},
    {"everything on in a pid namespace", kAll, kBoth, true, true, true, true, 77, AA_FD_ALL, true, 2},
    {"usual in a pid namespace", default_kinds(), kBoth, false, true, false, false, 0, AA_FD_FILE, false, 1},
    {"all events", kAll, kBoth, false, true, false, false, 0, AA_FD_PIPE | AA_FD_TTY},
    {"only io", kind_bit(AA_IO), kBoth, false, true, false, false, 0},
    {"only open", kind_bit(AA_OPEN), kBoth, false, true, false, false, 0},
    {"only calls", kind_bit(AA_READ) | kind_bit(AA_WRITE) | kind_bit(AA_CLOSE), kBoth, false, true, false, false, 0},
    {"everything off", 0, 0, false, false, false, false, 0},
    {"all", kProcess, kBoth, true, true, false, false, 0},
    {"tty", kProcess, kBoth, false, true, false, true, 0},
    {"tty of its own", kProcess, kBoth, false, true, false, true, 77},
    {"await", kProcess, kBoth, false, true, true, false, 0},
    {"await a tty without children", kProcess, kBoth, false, false, true, true, 0},
    {"no children", kProcess, kBoth, false, false, false, false, 0},
    {"only fork", kind_bit(AA_FORK), kBoth, false, true, false, false, 0},
    {"only exec", kind_bit(AA_EXEC), kBoth, false, true, false, false, 0},
    {"only exit", kind_bit(AA_EXIT), kBoth, false, true, false, false, 0},
    {"only failed", kProcess, AA_FAILED, false, true, false, false, 0},
    {"only succeeded", kProcess, AA_SUCCEEDED, false, true, false, false, 0},
};

struct Destroy {
  void operator()(aa_trace_bpf* skeleton) const { aa_trace_bpf__destroy(skeleton); }
};
using Skeleton = std::unique_ptr<aa_trace_bpf, Destroy>;

void configure(aa_trace_bpf& skeleton, const KernelFeatures& features, const Setting& setting) {
  aa_config& cfg = skeleton.rodata->cfg;
  cfg.ring_bytes = 1 << 20;
  cfg.wake_bytes = cfg.ring_bytes / 4;
  cfg.cpus = static_cast<__u32>(libbpf_num_possible_cpus());
  cfg.kinds = setting.kinds;
  cfg.outcomes = setting.outcomes;
  cfg.watch_all = setting.all;
  cfg.watch_children = setting.children;
  cfg.await_pids = setting.await;
  cfg.watch_ttys = setting.tty;
  cfg.own_group = setting.own_group;
  cfg.pid_level = setting.pid_level;
  cfg.pid_namespace = setting.pid_level ? ~0ULL << 12 : 0;
  cfg.fd_types = static_cast<__u8>(setting.fd_types);
  cfg.has_rules = setting.rules;
  cfg.typed_loads = features.typed_loads;
  cfg.exit_tells_last = features.exit_tells_last;
  cfg.completes_cqe = features.uring_completes_cqe;
  cfg.uring_creds_bit = features.uring_creds_bit;
  cfg.resolves = true;
  cfg.reads_env = setting.kinds == kAll;
  bpf_map__set_max_entries(skeleton.maps.scratches, cfg.cpus + AA_SPARE_SLOTS);
  bpf_map__set_max_entries(skeleton.maps.events, static_cast<__u32>(cfg.ring_bytes));
}

TEST_CASE("load: the table has every program") {
  const Skeleton skeleton(aa_trace_bpf__open());
  REQUIRE(skeleton);
  std::set<std::string> found;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) found.insert(bpf_program__name(program));
  CHECK(found == kPrograms);
}

// Every hook that there can be here: with either engine, where there are two.
std::vector<HookPlan> loadable_plans() {
  constexpr Selection kEverything{.kinds = ~KindSet{0}};
  std::vector<HookPlan> plans;
  for (const Engine engine : {Engine::kTracepoint, Engine::kFexit})
    if (auto plan = plan_hooks(kEverything, engine, kernel_types(), 0); plan) plans.push_back(std::move(*plan));
  return plans;
}

// What libbpf warned of.
std::string& warnings() {
  static std::string text;
  return text;
}

int take_warning(libbpf_print_level level, const char* format, va_list arguments) {
  char line[1000] = "";
  if (level != LIBBPF_WARN) return 0;
  std::vsnprintf(line, sizeof line, format, arguments);
  warnings() += line;
  return 0;
}

// Loads with all settings, or with two that between them come close to the most instructions and the most stack.
Budget load_all(bool all_settings, const std::function<Skeleton()>& open) {
  static const std::set<std::string> kCostly = {"everything on in a pid namespace", "usual with rules"};
  Budget budget;
  libbpf_set_print(take_warning);
  for (const NamedFeatures& row : loadable_features())
    for (const HookPlan& plan : loadable_plans())
      for (const Setting& setting : kSettings) {
        if (!all_settings && !kCostly.contains(setting.name)) continue;
        const Skeleton skeleton = open();
        REQUIRE(skeleton);
        configure(*skeleton, row.features, setting);
        choose_programs(*skeleton, {.kinds = kAll}, row.features, plan);
        budget.watch(skeleton->obj);
        CAPTURE(row.name);
        CAPTURE(setting.name);
        warnings().clear();
        REQUIRE_MESSAGE(aa_trace_bpf__load(skeleton.get()) == 0, budget.refusal() << warnings());
        budget.take(skeleton->obj);
      }
  return budget;
}

TEST_CASE("load: the verifier takes every program with every setting, within its budget") {
  // an emulated machine would need minutes for all
  const bool all_settings = !std::getenv("AA_TEST_SCALE");
  load_all(all_settings, [] { return Skeleton(aa_trace_bpf__open()); }).check();
}

TEST_CASE("load: no program walks a whole map") {
  for (const HookPlan& plan : loadable_plans()) {
    const NamedFeatures row = loadable_features().front();
    const Skeleton skeleton(aa_trace_bpf__open());
    configure(*skeleton, row.features, kSettings[1]);
    choose_programs(*skeleton, {.kinds = kAll}, row.features, plan);
    REQUIRE(aa_trace_bpf__load(skeleton.get()) == 0);
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, skeleton->obj) {
      const bpf_insn* code = bpf_program__insns(program);
      const auto walks = [](const bpf_insn& insn) {
        return insn.code == (BPF_JMP | BPF_CALL) && !insn.src_reg && insn.imm == BPF_FUNC_for_each_map_elem;
      };
      INFO(std::string(bpf_program__name(program)));
      CHECK(std::none_of(code, code + bpf_program__insn_cnt(program), walks));
    }
  }
}

// The programs as another compiler made them, in place of those that are built in.
Skeleton open_instead(std::vector<char>& object) {
  Skeleton skeleton(static_cast<aa_trace_bpf*>(std::calloc(1, sizeof(aa_trace_bpf))));
  REQUIRE(aa_trace_bpf__create_skeleton(skeleton.get()) == 0);
  skeleton->skeleton->data = object.data();
  skeleton->skeleton->data_sz = object.size();
  REQUIRE(bpf_object__open_skeleton(skeleton->skeleton, nullptr) == 0);
  return skeleton;
}

TEST_CASE("load: the verifier takes the programs as other compilers make them") {
  const auto build = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
  for (const std::string compiler : {"clang-16", "clang-19"}) {
    CAPTURE(compiler);
    std::ifstream file(build / compiler / "aa_trace.bpf.o", std::ios::binary);
    std::vector<char> object((std::istreambuf_iterator<char>(file)), {});
    REQUIRE_FALSE(object.empty());
    load_all(false, [&object] { return open_instead(object); }).check_limits();
  }
}

// A process that does nothing, to be a target.
class Idler {
 public:
  Idler() : pid_(fork()) {
    if (pid_ != 0) return;
    alarm(60);
    while (true) pause();
  }
  Idler(const Idler&) = delete;
  Idler& operator=(const Idler&) = delete;
  ~Idler() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }

 private:
  pid_t pid_;
};

TEST_CASE("load: a session starts, seeds and ends") {
  const Idler idler;
  for (const NamedFeatures& row : loadable_features())
    for (const Setting& setting : kSettings) {
      // a load takes a while, and the ones between differ little here
      if (!std::set<std::string>{"usual", "everything on", "everything off", "tty"}.contains(setting.name)) continue;
      SessionSettings settings;
      settings.targets.pids = {idler.pid()};
      if (setting.tty) settings.targets.ttys = {{"pts/4000", 136u << 20 | 4000}};
      settings.targets.all = setting.all;
      settings.targets.children = setting.children;
      settings.targets.await_pids = setting.await;
      settings.pid_namespace.group = setting.own_group;
      settings.leave_out_own_group = setting.own_group;
      settings.selection = {.kinds = setting.kinds, .outcomes = setting.outcomes};
      settings.fd_types = setting.fd_types;
      settings.buffer_bytes = 1 << 20;
      CAPTURE(row.name);
      CAPTURE(setting.name);
      auto session = start_session(settings, row.features);
      if (!session) FAIL(session.error().message);
      const auto seeds = session->seed();
      REQUIRE(bool(seeds));
      CHECK(session->unclaimed_pids().empty());
      CHECK(session->claimed() == 1);
      if (setting.all) CHECK(seeds->size() > 1);
      else CHECK(seeds->size() == 1);
      session->detach();
    }
}

TEST_CASE("load: targets that nobody is remain unclaimed") {
  const Idler idler;
  SessionSettings settings;
  settings.targets.pids = {idler.pid(), 4'194'303};
  settings.selection = {.kinds = kProcess, .outcomes = kBoth};
  settings.buffer_bytes = 1 << 20;
  settings.targets.children = false;
  auto session = start_session(settings, loadable_features().front().features);
  REQUIRE(bool(session));
  const auto seeds = session->seed();
  REQUIRE(bool(seeds));
  REQUIRE(seeds->size() == 1);
  CHECK(seeds->front().key.pid == idler.pid());
  CHECK(seeds->front().parent.pid == static_cast<std::uint32_t>(getpid()));
  CHECK(seeds->front().exe == std::filesystem::canonical("/proc/self/exe"));
  CHECK(session->unclaimed_pids() == std::vector<std::uint32_t>{4'194'303});
}

}  // namespace
}  // namespace aa::test
