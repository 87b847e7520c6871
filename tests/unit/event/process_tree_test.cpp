// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/process_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace aa::test {
namespace {

// A process of the tests: its start follows from the pid unless it is said.
Event event_of(aa_kind kind, std::uint32_t pid, std::uint32_t exec_id = 1, std::uint64_t start = 0) {
  Event event;
  event.kind = kind;
  event.pid = event.tid = pid;
  event.start = start ? start : pid * 1000;
  event.exec_id = exec_id;
  event.comm = "comm";
  return event;
}

Event fork_of(std::uint32_t parent, std::uint32_t child, std::uint32_t exec_id = 1) {
  Event event = event_of(AA_FORK, parent, exec_id);
  event.process.child_pid = child;
  event.process.child_start = child * 1000;
  return event;
}

Seed seed_of(std::uint32_t pid, std::uint32_t parent, std::string comm, std::string exe = "") {
  return {.key = {pid, pid * 1000}, .parent = {parent, parent * 1000}, .exec_id = 1, .comm = comm, .exe = exe};
}

class Tree {
 public:
  explicit Tree(bool with_children = true) : tree_(with_children) {}

  Tree& seed(const std::vector<Seed>& seeds) {
    tree_.seed(seeds);
    return *this;
  }
  Event apply(Event event) {
    tree_.apply(event);
    return event;
  }
  void fork(std::uint32_t parent, std::uint32_t child, std::uint32_t exec_id = 1) {
    apply(fork_of(parent, child, exec_id));
  }
  // A successful exec. Its lineage as one string, "?" where it is not known; "+" in front where names are left out.
  std::string exec(std::uint32_t pid, std::string_view filename, std::uint32_t exec_id = 2, std::uint64_t start = 0) {
    Event event = event_of(AA_EXEC, pid, exec_id, start);
    event.exec.filename = Text::of(filename);
    event.exe = Text::of("/exe/of/it");
    return lineage(apply(event));
  }
  std::string failed_exec(std::uint32_t pid, std::uint32_t exec_id = 1, std::uint64_t start = 0) {
    Event event = event_of(AA_EXEC, pid, exec_id, start);
    event.error = 2;
    event.exec.filename = Text::of("/missing");
    return lineage(apply(event));
  }
  Event exit(std::uint32_t pid, std::uint32_t exec_id = 1, std::uint64_t start = 0) {
    return apply(event_of(AA_EXIT, pid, exec_id, start));
  }
  const ProcessTree& get() const { return tree_; }

 private:
  static std::string lineage(const Event& event) {
    if (event.exec.lineage.state == Text::State::kUnreadable) return "?";
    std::string names;
    for (const std::string_view name : event.exec.lineage.names) names.append(names.empty() ? "" : ">").append(name);
    return event.exec.lineage.truncated ? "+" + names : names;
  }

  ProcessTree tree_;
};

TEST_CASE("tree: a root has an empty lineage, its child has it in it") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash")});
  CHECK(tree.exec(10, "/bin/zsh") == "");
  tree.fork(10, 11, 2);
  CHECK(tree.exec(11, "/usr/bin/make", 3) == "zsh");
  tree.fork(11, 12, 3);
  CHECK(tree.exec(12, "cc", 4) == "zsh>make");
}

TEST_CASE("tree: forks without exec have the name that they inherited") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash", "/bin/bash")});
  tree.fork(10, 11);
  tree.fork(11, 12);
  tree.fork(12, 13);
  CHECK(tree.exec(13, "/bin/ls") == "bash>bash>bash");
}

TEST_CASE("tree: a later exec renames for those who come after, an earlier child keeps its exec") {
  Tree tree;
  tree.seed({seed_of(10, 1, "sh")});
  tree.fork(10, 11);
  CHECK(tree.exec(10, "/usr/bin/python3") == "");
  CHECK(tree.exec(11, "/bin/ls") == "python3");
}

TEST_CASE("tree: the asked-for name counts, not the binary behind it; without one, the binary") {
  Tree tree;
  tree.seed({seed_of(10, 1, "x")});
  tree.exec(10, "/bin/sh");
  tree.fork(10, 11, 2);
  CHECK(tree.exec(11, "ls", 3) == "sh");
  tree.exec(10, "", 3);  // fexecve: no name beside the descriptor
  tree.fork(10, 12, 3);
  CHECK(tree.exec(12, "ls", 4) == "it");
}

TEST_CASE("tree: a parent that has exited stays in the lineage") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash")});
  tree.fork(10, 11);
  tree.exec(11, "/bin/middle");
  tree.fork(11, 12, 2);
  tree.exit(11, 2);
  CHECK(tree.exec(12, "ls", 3) == "bash>middle");
  CHECK(tree.get().live() == 2);
  CHECK(tree.get().exited() == 1);
  tree.exit(12, 3);
  tree.exit(10);  // what an event points to is kept until the next one
  CHECK(tree.get().exited() == 0);
  CHECK(tree.get().live() == 0);
}

TEST_CASE("tree: the strings of an exit are valid after it") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash", "/bin/bash-with-a-name-that-is-not-short")});
  const Event event = tree.exit(10);
  CHECK(event.exe.bytes == "/bin/bash-with-a-name-that-is-not-short");
}

TEST_CASE("tree: exe of events that are no exec") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash", "/bin/bash"), seed_of(20, 1, "kworker")});
  CHECK(tree.apply(fork_of(10, 11)).exe.bytes == "/bin/bash");
  CHECK(tree.exit(11).exe.bytes == "/bin/bash");
  CHECK(tree.apply(fork_of(20, 21)).exe.state == Text::State::kUnreadable);
  tree.exec(10, "/bin/sh");
  CHECK(tree.exit(10, 2).exe.bytes == "/exe/of/it");
}

TEST_CASE("tree: a failed exec changes nothing") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash")});
  tree.fork(10, 11);
  CHECK(tree.failed_exec(11) == "bash");
  tree.fork(11, 12);
  CHECK(tree.exec(12, "ls") == "bash>bash");
}

TEST_CASE("tree: a reused pid is another process") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash")});
  tree.fork(10, 11);
  tree.exec(11, "/bin/first");
  tree.fork(11, 12, 2);
  tree.exit(11, 2);
  Event again = fork_of(10, 11);
  again.process.child_start = 99'000;
  tree.apply(again);
  CHECK(tree.exec(11, "/bin/second", 2, 99'000) == "bash");
  CHECK(tree.exec(12, "ls", 3) == "bash>first");
}

TEST_CASE("tree: the exit was lost and the pid is in use again") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash")});
  tree.fork(10, 11);
  tree.exec(11, "/bin/first");
  Event again = fork_of(10, 11);
  again.process.child_start = 99'000;
  tree.apply(again);
  CHECK(tree.exec(11, "/bin/second", 2, 99'000) == "bash");
  CHECK(tree.get().live() == 2);
}

TEST_CASE("tree: the fork was lost, so the ancestors are not known") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash")});
  CHECK(tree.exec(50, "/bin/orphan") == "?");
  tree.fork(50, 51, 2);
  CHECK(tree.exec(51, "ls", 3) == "?");
  CHECK(tree.exit(60).exe.state == Text::State::kUnreadable);
  // the same, where the pid was known as another process
  CHECK(tree.failed_exec(10, 1, 77'000) == "?");
}

TEST_CASE("tree: an exec was lost, so name and binary are not known until the next one") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash"), seed_of(11, 10, "make", "/usr/bin/make")});
  const Event fork = tree.apply(fork_of(11, 12, 7));
  CHECK(fork.exe.state == Text::State::kUnreadable);
  CHECK(tree.exec(12, "ls", 8) == "?");
  CHECK(tree.exec(11, "/bin/known", 9) == "bash");
  CHECK(tree.exec(12, "ls", 10) == "bash>known");
}

TEST_CASE("tree: an exec whose name could not be read has none in the lineage") {
  Tree tree;
  tree.seed({seed_of(10, 1, "bash")});
  Event event = event_of(AA_EXEC, 10, 2);
  event.exec.filename = Text::unreadable();
  event.exe = Text::unreadable();
  tree.apply(event);
  tree.fork(10, 11, 2);
  CHECK(tree.exec(11, "ls", 3) == "?");
}

TEST_CASE("tree: seeds in any order") {
  std::vector<Seed> seeds = {seed_of(10, 1, "a"), seed_of(11, 10, "b"), seed_of(12, 11, "c"), seed_of(13, 12, "d")};
  std::ranges::sort(seeds, {}, &Seed::comm);
  int orders = 0;
  do {
    Tree tree;
    tree.seed(seeds);
    CHECK(tree.exec(13, "ls") == "a>b>c");
    orders++;
  } while (std::ranges::next_permutation(seeds, {}, &Seed::comm).found);
  CHECK(orders == 24);
}

TEST_CASE("tree: a seed that is its own parent, one whose parent has gone, one whose parent's pid is another's") {
  Tree tree;
  tree.seed({seed_of(1, 1, "init"), seed_of(10, 999, "a")});
  CHECK(tree.exec(1, "x") == "");
  CHECK(tree.exec(10, "x") == "");
  Seed child = seed_of(11, 10, "b");
  child.parent.start = 5;
  tree.seed({child});
  CHECK(tree.exec(11, "x") == "");
}

TEST_CASE("tree: a process that joins is a root with a name") {
  Tree tree;
  Event join = event_of(AA_JOIN, 30);
  join.process.child_pid = 30;
  join.process.child_start = 30'000;
  join.comm = "login";
  tree.apply(join);
  tree.fork(30, 31);
  CHECK(tree.exec(31, "ls") == "login");
  CHECK(tree.exec(30, "/bin/bash") == "");
  CHECK(tree.exec(31, "ls", 3) == "bash");
}

TEST_CASE("tree: a child that joins is not its parent's") {
  Tree tree;
  Event join = event_of(AA_JOIN, 30);
  join.process.child_pid = 31;
  join.process.child_start = 31'000;
  tree.apply(join);
  CHECK(tree.exec(31, "ls") == "");
  CHECK(tree.get().live() == 1);
}

TEST_CASE("tree: at most 64 names, the nearest ones") {
  for (const unsigned ancestors : {16u, 63u, 64u, 65u, 200u}) {
    Tree tree;
    tree.seed({seed_of(1000, 1, "n1000")});
    for (unsigned i = 1; i <= ancestors; i++) {
      tree.fork(999 + i, 1000 + i, i == 1 ? 1 : 2);
      if (i < ancestors) tree.exec(1000 + i, "n" + std::to_string(1000 + i));
    }
    Event event = event_of(AA_EXEC, 1000 + ancestors, 3);
    event.exec.filename = Text::of("x");
    event = tree.apply(event);
    CAPTURE(ancestors);
    REQUIRE(event.exec.lineage.state == Text::State::kPresent);
    CHECK(event.exec.lineage.truncated == (ancestors > ProcessTree::kLineageMax));
    CHECK(event.exec.lineage.names.size() == std::min<std::size_t>(ancestors, ProcessTree::kLineageMax));
    CHECK(event.exec.lineage.names.back() == "n" + std::to_string(999 + ancestors));
  }
}

TEST_CASE("tree: without children only what was named is kept") {
  Tree tree(false);
  tree.seed({seed_of(10, 1, "bash")});
  tree.fork(10, 11);
  CHECK(tree.get().live() == 1);
  CHECK(tree.exec(10, "ls") == "");
}

// Each process forks the next one and exits.
void run_chain(Tree& tree, std::uint32_t first, std::uint32_t last) {
  std::size_t most = 0;
  for (std::uint32_t pid = first; pid < last; pid++) {
    tree.fork(pid, pid + 1);
    tree.exit(pid);
    most = std::max(most, tree.get().exited());
  }
  CHECK(most <= ProcessTree::kExitedMax);
  CHECK(tree.get().live() == 1);
}

TEST_CASE("tree: a chain of 100,000 that exited is bounded, and goes without recursion") {
  Tree tree;
  tree.seed({seed_of(1, 0, "init")});
  run_chain(tree, 1, 100'001);
  CHECK(tree.get().exited() == ProcessTree::kExitedMax);
  CHECK(tree.failed_exec(100'001).starts_with("+init>init"));
  tree.exit(100'001);
  tree.exit(1);  // what an event points to is kept until the next one
  CHECK(tree.get().exited() == 0);
  CHECK(tree.get().live() == 0);
}

TEST_CASE("tree: a lineage that ends where ancestors were forgotten says so") {
  Tree tree;
  tree.seed({seed_of(1, 0, "init")});
  tree.fork(1, 2);
  tree.fork(2, 3);
  tree.exit(1);
  tree.exit(2);
  CHECK(tree.failed_exec(3) == "init>init");
  // 20,000 others that exit and have a child each
  for (std::uint32_t i = 0; i < 20'000; i++) {
    tree.fork(3, 10'000 + i);
    tree.fork(10'000 + i, 50'000 + i);
    tree.exit(10'000 + i);
  }
  CHECK(tree.get().exited() <= ProcessTree::kExitedMax);
  const std::string left = tree.failed_exec(3);
  CHECK(left.starts_with("+"));
  for (std::uint32_t i = 0; i < 20'000; i++) tree.exit(50'000 + i);
  tree.exit(3);
  CHECK(tree.get().live() == 0);
  CHECK(tree.get().exited() == 0);
}

TEST_CASE("tree: a chain that is still whole when the tree goes") {
  Tree tree;
  tree.seed({seed_of(1, 0, "init")});
  for (std::uint32_t pid = 1; pid <= 100'000; pid++) tree.fork(pid, pid + 1);
  CHECK(tree.get().live() == 100'001);
}

TEST_CASE("tree: 100,000 processes come and go") {
  Tree tree;
  tree.seed({seed_of(1, 0, "init")});
  for (std::uint32_t i = 0; i < 100'000; i++) {
    const std::uint32_t pid = 2 + i % 30'000;
    Event fork = fork_of(1, pid);
    fork.process.child_start = 1'000'000 + i;
    tree.apply(fork);
    tree.exec(pid, "ls", 2, fork.process.child_start);
    tree.exit(pid, 2, fork.process.child_start);
  }
  CHECK(tree.get().live() == 1);
  CHECK(tree.get().exited() == 0);
}

TEST_CASE("tree: random histories with losses") {
  std::mt19937 random(7);
  Tree tree;
  for (int i = 0; i < 50'000; i++) {
    const std::uint32_t pid = 1 + random() % 50, other = 1 + random() % 50;
    switch (random() % 4) {
      case 0: tree.fork(pid, other, 1 + random() % 3); break;
      case 1: tree.exec(pid, "x", 1 + random() % 3, 1 + random() % 2); break;
      case 2: tree.exit(pid, 1 + random() % 3); break;
      default: tree.failed_exec(pid, 1 + random() % 3); break;
    }
  }
  CHECK(tree.get().live() <= 50);
  CHECK(tree.get().exited() <= ProcessTree::kExitedMax);
}

TEST_CASE("tree: what a dead process left behind does not take the place of the one that has its pid now") {
  Tree tree;
  tree.seed({seed_of(1, 0, "root", "/bin/root")});
  tree.fork(1, 50);
  CHECK(tree.exec(50, "/bin/new") == "root");
  Event left = event_of(AA_IO, 50, 1, 49'000);
  CHECK(tree.apply(left).exe.state == Text::State::kUnreadable);
  CHECK(tree.apply(event_of(AA_OPEN, 50, 2)).exe.bytes == "/exe/of/it");
  CHECK(tree.failed_exec(50, 2) == "root");
  // nor does its late end
  tree.apply(event_of(AA_EXIT, 50, 1, 49'000));
  CHECK(tree.failed_exec(50, 2) == "root");
}

}  // namespace
}  // namespace aa::test
