// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The watched processes and their ancestors: who is whose child, what each one runs. A process is a pid and its start
// time, so a reused pid is another process. Survives lost records: what is not known is unreadable, never guessed.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.hpp"
#include "event/process_key.hpp"

namespace aa {

// What is known of a watched process that was alive before the trace began.
struct Seed {
  ProcessKey key;
  ProcessKey parent;
  std::uint32_t exec_id = 0;
  std::string comm;  // of its main thread
  std::string exe;   // empty: not known
  bool exe_deleted = false;
};

class ProcessTree {
 public:
  // Names in a lineage; those farthest from the process are left out beyond.
  static constexpr std::size_t kLineageMax = 64;
  // Exited processes that are kept because something descends from them; beyond, the oldest are forgotten.
  static constexpr std::size_t kExitedMax = 16384;

  // Without `with_children` the child of a fork is not watched and not kept.
  explicit ProcessTree(bool with_children) : with_children_(with_children) {}

  void seed(const std::vector<Seed>& seeds);
  // Updates the tree from the event and completes the event from the tree (exe, lineage). The strings that the event
  // gets are valid until the next call.
  void apply(Event& event);
  // Completes an event that was made here and not in the kernel; it changes nothing in the tree.
  void describe(Event& event) const;

  std::size_t live() const { return live_.size(); }
  std::size_t exited() const { return exited_.size(); }

 private:
  struct Node;
  using NodePtr = std::shared_ptr<Node>;

  NodePtr find(ProcessKey key) const;
  NodePtr add(ProcessKey key, NodePtr parent);
  NodePtr known(const Event& event);
  void fork(const Event& event, const NodePtr& parent);
  void exec(const Event& event, Node& node);
  void remove(std::uint32_t pid);
  void forget_ancestors(Node& oldest);
  static void fill_lineage(const Node& node, Event& event);
  static void fill_exe(const Node& node, Event& event);

  bool with_children_;
  // Exited nodes in the order of their exits. A node takes itself off when its last descendant has gone: it must
  // outlive `live_`.
  std::list<Node*> exited_;
  std::unordered_map<std::uint32_t, NodePtr> live_;  // by pid
  NodePtr last_removed_;                             // what the last event's strings point into
};

}  // namespace aa
