// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/process_tree.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/path_text.hpp"

namespace aa {
namespace {

using Name = std::shared_ptr<const std::string>;

Name make_name(std::string_view text) { return std::make_shared<const std::string>(text); }

}  // namespace

struct ProcessTree::Node {
  ProcessKey key;
  std::uint32_t depth = 0;
  NodePtr parent;  // null: a root of the watch, unless one of the flags below is set
  Name name;       // as lineage shows it; null: not known
  Name exe;        // null: not known
  bool exe_deleted = false;
  std::uint32_t exec_id = 0;  // that `name` and `exe` belong to
  bool lost = false;          // its fork was not seen: its ancestors are not known
  bool forgotten = false;     // its ancestors were, to bound the memory
  std::list<Node*>* exited_list = nullptr;
  std::list<Node*>::iterator exited_at;

  ~Node() {
    if (exited_list) exited_list->erase(exited_at);
    // chains of exited parents can be long: release them one by one, not by recursion
    for (NodePtr next = std::move(parent); next && next.use_count() == 1;) next = std::exchange(next->parent, nullptr);
  }
};

ProcessTree::NodePtr ProcessTree::find(ProcessKey key) const {
  const auto it = live_.find(key.pid);
  return it != live_.end() && it->second->key == key ? it->second : nullptr;
}

ProcessTree::NodePtr ProcessTree::add(ProcessKey key, NodePtr parent) {
  auto node = std::make_shared<Node>();
  node->key = key;
  node->depth = parent ? parent->depth + 1 : 0;
  node->parent = std::move(parent);
  remove(key.pid);  // the exit of a process that had this pid was lost
  live_.emplace(key.pid, node);
  return node;
}

void ProcessTree::seed(const std::vector<Seed>& seeds) {
  for (const Seed& seed : seeds) {
    const NodePtr node = add(seed.key, nullptr);
    node->exec_id = seed.exec_id;
    node->name = make_name(seed.comm);
    if (!seed.exe.empty()) node->exe = make_name(seed.exe);
    node->exe_deleted = seed.exe_deleted;
  }
  for (const Seed& seed : seeds) {
    if (seed.parent == seed.key) continue;
    if (const NodePtr node = find(seed.key)) node->parent = find(seed.parent);
  }
  for (const Seed& seed : seeds) {
    const NodePtr node = find(seed.key);
    for (const Node* ancestor = node ? node->parent.get() : nullptr; ancestor; ancestor = ancestor->parent.get())
      node->depth++;
  }
}

// The node of the event's process. One that the tree has not heard of: its fork was lost. Its present parent may be
// another one than it had, so nothing is made of that.
ProcessTree::NodePtr ProcessTree::known(const Event& event) {
  const ProcessKey key{event.pid, event.start};
  if (NodePtr node = find(key)) return node;
  // of a process that had this pid before: what it left is told when the next one comes upon it
  const auto living = live_.find(key.pid);
  const bool outlived = living != live_.end() && living->second->key.start > key.start;
  NodePtr node = outlived ? std::make_shared<Node>() : add(key, nullptr);
  node->key = key;
  node->lost = true;
  node->exec_id = event.exec_id;
  return node;
}

void ProcessTree::fork(const Event& event, const NodePtr& parent) {
  const ProcessKey key{event.process.child_pid, event.process.child_start};
  if (!with_children_ || find(key)) return;
  const NodePtr child = add(key, parent);
  child->exec_id = event.exec_id;
  child->name = parent->name;
  child->exe = parent->exe;
  child->exe_deleted = parent->exe_deleted;
}

void ProcessTree::exec(const Event& event, Node& node) {
  std::string_view name = base_name(event.exec.filename.bytes);
  if (name.empty()) name = base_name(event.exe.bytes);
  node.exec_id = event.exec_id;
  node.name = event.exec.filename.present() ? make_name(name) : nullptr;
  node.exe = event.exe.present() ? make_name(event.exe.bytes) : nullptr;
  node.exe_deleted = event.exe.deleted;
}

void ProcessTree::remove(std::uint32_t pid) {
  last_removed_ = nullptr;
  auto entry = live_.extract(pid);
  if (!entry) return;
  NodePtr node = std::move(entry.mapped());
  if (node.use_count() == 1) {
    last_removed_ = std::move(node);
    return;
  }
  node->exited_at = exited_.insert(exited_.end(), node.get());
  node->exited_list = &exited_;
  if (exited_.size() > kExitedMax) forget_ancestors(*exited_.front());
}

// The node itself stays while something descends from it; what only it held goes.
void ProcessTree::forget_ancestors(Node& oldest) {
  oldest.forgotten = true;
  oldest.exited_list = nullptr;
  exited_.pop_front();
  oldest.parent = nullptr;
}

void ProcessTree::fill_exe(const Node& node, Event& event) {
  event.exe = node.exe ? Text::of(*node.exe) : Text::unreadable();
  event.exe.deleted = node.exe && node.exe_deleted;
}

void ProcessTree::fill_lineage(const Node& node, Event& event) {
  Lineage& lineage = event.exec.lineage;
  lineage.names.clear();
  bool known = !node.lost;
  lineage.truncated = node.forgotten;
  for (const Node* ancestor = node.parent.get(); ancestor; ancestor = ancestor->parent.get()) {
    if (lineage.names.size() == kLineageMax) {
      lineage.truncated = true;
      break;
    }
    known = known && ancestor->name && !ancestor->lost;
    lineage.truncated = ancestor->forgotten;
    if (ancestor->name) lineage.names.push_back(*ancestor->name);
  }
  std::reverse(lineage.names.begin(), lineage.names.end());
  lineage.state = known ? Text::State::kPresent : Text::State::kUnreadable;
}

void ProcessTree::describe(Event& event) const {
  const NodePtr node = find({event.pid, event.start});
  event.depth = node ? node->depth : 0;
  if (node) fill_exe(*node, event);
  else event.exe = Text::unreadable();
}

void ProcessTree::apply(Event& event) {
  if (event.kind == AA_JOIN) {
    const NodePtr node = add({event.process.child_pid, event.process.child_start}, nullptr);
    node->exec_id = event.exec_id;
    node->name = make_name(event.comm);
    return;
  }
  NodePtr node = known(event);
  event.depth = node->depth;
  const bool executed = event.kind == AA_EXEC && !event.error;
  if (!executed && node->exec_id != event.exec_id) {
    // an exec in between was lost
    node->exec_id = event.exec_id;
    node->name = nullptr;
    node->exe = nullptr;
  }
  if (executed) exec(event, *node);
  else fill_exe(*node, event);
  if (event.kind == AA_EXEC) fill_lineage(*node, event);
  if (event.kind == AA_FORK) fork(event, node);
  if (event.kind == AA_EXIT) {
    const bool lives = find(node->key) == node;
    node = nullptr;
    if (lives) remove(event.pid);
  }
}

}  // namespace aa
