// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Targets add up: what is watched with several is what is watched with each, in every combination.
#include "kernel/expect.hpp"
#include "kernel/targets/pty.hpp"

#include <doctest/doctest.h>

#include <bitset>
#include <filesystem>
#include <set>

namespace aa::test {

namespace {

enum Target : unsigned { kPid = 1, kBare = 2, kTty = 4, kAll = 8, kCommand = 16, kEnd = 32 };
constexpr const char* kNames[] = {"pid", "bare", "tty", "all", "COMMAND"};

std::string name_of(unsigned targets) {
  std::string name;
  for (unsigned i = 0; i < std::size(kNames); i++)
    if (targets & 1u << i) name += (name.empty() ? "" : ", ") + std::string(kNames[i]);
  return name;
}

// All sets of that many targets.
std::vector<unsigned> sets_of(std::initializer_list<std::size_t> sizes) {
  std::vector<unsigned> sets;
  for (unsigned targets = 1; targets < kEnd; targets++)
    for (const std::size_t size : sizes)
      if (std::bitset<8>(targets).count() == size) sets.push_back(targets);
  return sets;
}

// Pids that nobody has, far from where the kernel is counting.
std::vector<long long> free_pids(std::size_t count) {
  std::vector<long long> pids;
  const long long limit = std::stoll(read_file("/proc/sys/kernel/pid_max"));
  for (long long pid = limit - 100; pid > limit / 2 && pids.size() < count; pid--)
    if (!std::filesystem::exists("/proc/" + std::to_string(pid))) pids.push_back(pid);
  REQUIRE(pids.size() == count);
  return pids;
}

// A process for each kind of target, and one that is none. Each executes in a child, then otherwise.
class World {
 public:
  explicit World(const TempDir& directory)
      : pid_(directory, "child_then_self", {"pid"}),
        bare_(directory, "child_then_self", {"bare"}),
        session_(directory, "tty_session", {"first", pty_.path()}),
        stranger_(directory, "child_then_self", {"stranger"}) {
    for (Workload* workload : all()) workload->await_ready();
  }

  // `overlapping`: the pid is that of the process on the terminal.
  std::vector<std::string> options(unsigned targets, bool overlapping) const {
    std::vector<std::string> words;
    if (targets & kPid) words.insert(words.end(), {"-p", std::to_string((overlapping ? session_ : pid_).pid())});
    if (targets & kBare) words.push_back(std::to_string(bare_.pid()));
    if (targets & kTty) words.insert(words.end(), {"--tty", pty_.path()});
    if (targets & kAll) words.push_back("--all");
    if (targets & kCommand) words.insert(words.end(), {"--as-root", "--", workload_path("print_self"), "command"});
    return words;
  }

  // Lets all of them act, to their end.
  void act() {
    for (Workload* workload : all()) workload->go();
    pid_truth = pid_.finish(), bare_truth = bare_.finish(), session_truth = session_.finish(),
    stranger_truth = stranger_.finish();
  }

  Truth pid_truth, bare_truth, session_truth, stranger_truth;

 private:
  std::vector<Workload*> all() { return {&pid_, &bare_, &session_, &stranger_}; }

  Pty pty_;
  Workload pid_, bare_, session_, stranger_;
};

struct Watched {
  const Truth& truth;
  bool root;      // the process itself
  bool children;  // those that it makes
};

// Who executed, as the workloads say, is in the trace if it is watched, else not.
void check_execs(const Report& report, const Watched& watched, pid_t root) {
  for (const Fact& call : watched.truth.of("call")) {
    const bool is_root = call.number("pid") == root;
    const std::vector<Event> execs = report.of("exec", call.number("pid"));
    CAPTURE(call.line());
    // a process that execs several times tells all of them
    std::size_t found = 0;
    for (const Event& exec : execs) found += exec.texts("argv") == call.list("arg");
    CHECK(found == ((is_root ? watched.root : watched.children) ? 1 : 0));
  }
}

struct Mode {
  std::vector<std::string> options;
  bool overlapping = false;
  bool children = true;
};

void check_sum(unsigned targets, const Mode& mode) {
  INFO(name_of(targets));
  const TempDir directory;
  World world(directory);
  std::vector<std::string> words{"-e", "exec,exit"};
  words.insert(words.end(), mode.options.begin(), mode.options.end());
  const std::vector<std::string> chosen = world.options(targets, mode.overlapping);
  words.insert(words.end(), chosen.begin(), chosen.end());
  // with --all, COMMAND's end ends the trace: what the others do is not in it
  const bool ends_at_once = targets & kCommand && targets & kAll;
  const bool ends = !(targets & (kTty | kAll)) || targets & kCommand;
  Trace trace(directory, words);
  trace.await_start();
  world.act();
  if (!ends) trace.interrupt();
  Report report = trace.finish();
  CHECK_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  if (targets & kCommand) {
    CHECK(check_calls(report) == 0);  // what COMMAND said is its own: it was called by aa-trace
    const Fact self = report.truth.only("self");
    CHECK(report.only("exec", self.number("pid")).texts("argv") == self.list("arg"));
    CHECK(report.only("exit", self.number("pid")).number("code") == 0);
  }
  if (ends_at_once) return;
  const bool all = targets & kAll;
  const auto root_of = [](const Truth& truth) { return static_cast<pid_t>(truth.only("ready").number("pid")); };
  const auto check = [&](const Truth& truth, bool named) {
    check_execs(report, {truth, all || named, all || (named && mode.children)}, root_of(truth));
  };
  check(world.pid_truth, targets & kPid && !mode.overlapping);
  check(world.bare_truth, targets & kBare);
  check(world.stranger_truth, false);
  // what is still on the terminal is watched by itself
  const bool tty = targets & kTty, overlaps = targets & kPid && mode.overlapping;
  if (mode.children || all) check(world.session_truth, tty || overlaps);
  else if (tty) CHECK(report.of("exec", world.session_truth.only("call", "case", "inside").number("pid")).size() == 1);
}

}  // namespace

TEST_CASE("targets: one, two and three of every kind add up") {
  for (const unsigned targets : sets_of({1, 2, 3})) check_sum(targets, {});
}

TEST_CASE("targets: a process is named that another target watches too") {
  for (const unsigned targets : {kPid | kTty, kPid | kTty | kCommand, kPid | kTty | kAll, kPid | kTty | kBare})
    check_sum(targets, {.options = {}, .overlapping = true});
}

TEST_CASE("targets: two of every kind without their children") {
  for (const unsigned targets : sets_of({2}))
    check_sum(targets, {.options = {"--no-watch-children"}, .overlapping = false, .children = false});
}

TEST_CASE("targets: with one process that does not exist, each such one is named, whatever else there is") {
  const std::vector<long long> missing = free_pids(2);
  const std::string list = std::to_string(missing[0]) + " " + std::to_string(missing[1]);
  const TempDir directory;
  World world(directory);
  for (const unsigned targets : sets_of({1, 2, 3})) {
    INFO(name_of(targets));
    std::vector<std::string> words = aa_trace_command();
    words.insert(words.end(), {"-o", directory.file("none"), "-p", list});
    const std::vector<std::string> others = world.options(targets, false);
    words.insert(words.end(), others.begin(), others.end());
    Child child(words, directory.path(), "aa-trace." + std::to_string(targets));
    const std::optional<int> status = child.wait();
    REQUIRE(status.has_value());
    CHECK(WEXITSTATUS(*status) == 1);
    CHECK(child.err() == "aa-trace: no process " + std::to_string(missing[0]) + "\naa-trace: no process " +
                             std::to_string(missing[1]) + "\n");
    CHECK(child.out().empty());  // COMMAND did not run
  }
  world.act();
}

TEST_CASE("targets: with --wait, one that comes later adds to every pair") {
  for (const unsigned targets : sets_of({1, 2})) {
    INFO(name_of(targets));
    const TempDir directory;
    World world(directory);
    const std::string awaited = std::to_string(free_pids(1).front());
    std::vector<std::string> words{"-e", "exec,exit", "--wait", "-p", awaited};
    const std::vector<std::string> others = world.options(targets, false);
    words.insert(words.end(), others.begin(), others.end());
    Trace trace(directory, words);
    trace.await_start();
    world.act();
    if (targets & kAll && targets & kCommand) {
      CHECK(trace.finish().code == 0);
      continue;
    }
    // the others have ended, one of them came to a terminal: the trace goes on until the last target has come
    Workload maker(directory, "reused_pid", {awaited, workload_path("print_self"), "late"});
    const Truth truth = maker.finish();
    if (targets & (kTty | kAll) && !(targets & kCommand)) trace.interrupt();
    const Report report = trace.finish();
    CHECK_MESSAGE(report.code == 0, report.errors);
    const Fact self = truth.only("self");
    CHECK(report.only("exec", self.number("pid")).texts("argv") == self.list("arg"));
    CHECK(report.only("exit", self.number("pid")).number("code") == 0);
  }
}

TEST_CASE("--wait: the process that comes is one that is watched anyway") {
  const TempDir directory;
  const std::string awaited = std::to_string(free_pids(1).front());
  std::vector<std::string> words{"-e", "exec,exit", "--wait", "-p", awaited};
  bool children = true;
  SUBCASE("as a descendant") {}
  SUBCASE("without descendants") {
    children = false;
    words.push_back("--no-watch-children");
  }
  words.insert(words.end(),
               {"--as-root", "--", workload_path("reused_pid"), awaited, workload_path("print_self"), "x"});
  Trace trace(directory, words);
  // it ends by itself: everyone has come, and ended
  const Report report = trace.finish();
  CHECK_MESSAGE(report.code == 0, report.errors);
  CHECK(check_calls(report) == 1);
  CHECK(check_exits(report) == 1);
  CHECK(report.of("exec").size() == 2);
  const Event exec = report.only("exec", report.truth.only("self").number("pid"));
  CHECK(exec.texts("lineage").empty() != children);
}

}  // namespace aa::test
