// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the rules say about an event: nothing, an alert, or that it is not worth a line.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event/alert.hpp"
#include "event/event.hpp"
#include "rules/outside_root.hpp"
#include "rules/rule_set.hpp"

namespace aa {

class Judge {
 public:
  struct Count {
    std::string alert, rule;
    Level level;
    std::uint64_t events;
  };

  // Alerts below `least` are none. The rules must not have any below it either.
  Judge(std::shared_ptr<const RuleSet> rules, OutsideRoot outside, Level least)
      : rules_(std::move(rules)), outside_(std::move(outside)), least_(least) {}

  // From the next event on.
  void use(std::shared_ptr<const RuleSet> rules) { rules_ = std::move(rules); }
  // False: the event is not told: allowed, or hidden. Otherwise it has its alerts, the most important first; they are
  // valid until the next call, or use().
  bool judge(Event& event);
  // Counts the alerts of an event that is reported.
  void count(const Event& event);

  // Events that were hidden: as far as the kernel did not drop them.
  std::uint64_t hidden() const { return hidden_; }
  // By importance, then frequency.
  std::vector<Count> counts() const;
  // Of what was counted; none: nothing was.
  std::optional<Level> highest() const { return highest_; }

 private:
  // Of all paths of an event so far.
  struct Silence {
    bool allowed = true;
    bool left_out = true;  // the one or the other, of each path
  };
  bool judge_paths(const Event& event);
  void judge_path(const Event& event, const Text& path, Silence& silence);
  void judge_target(const Event& event);
  void judge_unreadable(const Event& event);
  void judge_program(const Event& event);
  void add(std::string_view name, Level level, std::string_view rule);
  void sort_alerts();

  std::shared_ptr<const RuleSet> rules_;
  OutsideRoot outside_;
  Level least_;
  std::vector<Alert> alerts_;
  std::vector<std::uint32_t> matched_;
  std::string target_;
  std::map<std::pair<std::string, std::string>, std::pair<Level, std::uint64_t>> counts_;  // by alert and rule
  std::optional<Level> highest_;
  std::uint64_t hidden_ = 0;
};

}  // namespace aa
