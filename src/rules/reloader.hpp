// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reading the rules again while a trace runs.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "base/fd.hpp"
#include "rules/rule_source.hpp"

namespace aa {

// The same rules for both sides.
struct LoadedRules {
  std::shared_ptr<const RuleSet> rules;
  Fd map;  // for Session::install_rules(); none: nothing can be dropped in the kernel
};

// Loads the rules in a thread of its own: the events of the meantime must not wait.
class RuleReloader {
 public:
  explicit RuleReloader(const RuleSource& source) : work_(std::make_shared<Work>(source)) {}
  // Waits for a thread that runs, but not for one that a file holds up: that is left to the end of the program.
  ~RuleReloader();
  RuleReloader(const RuleReloader&) = delete;
  RuleReloader& operator=(const RuleReloader&) = delete;

  // Once more after the one that runs, if there is one.
  void start();
  // Readable when take() has something. Borrowed.
  int ready_fd() const { return work_->ready.get(); }
  // The new rules, or what is wrong with them, once for each start() that was carried out.
  std::optional<Result<LoadedRules>> take();

 private:
  // The thread's and ours.
  struct Work {
    explicit Work(RuleSource from);
    void run();
    void hand_over(Result<LoadedRules> result);

    RuleSource source;
    Fd ready;
    std::atomic<bool> done{false};
    std::optional<Result<LoadedRules>> loaded;  // the thread's until it is done
  };

  std::shared_ptr<Work> work_;
  bool again_ = false;
  std::thread thread_;
};

}  // namespace aa
