// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The path rules of the kernel alone: what they say of records that a test has made.
#pragma once

#include <memory>
#include <vector>

#include "rules/rule_set.hpp"
#include "unit/event/records.hpp"

struct rules_probe_bpf;

namespace aa::test {

class RulesProbe {
 public:
  RulesProbe();
  RulesProbe(const RulesProbe&) = delete;
  RulesProbe& operator=(const RulesProbe&) = delete;
  ~RulesProbe();

  // From now on these are in force.
  void install(const RuleSet& rules);
  // Of each record: would the kernel drop it?
  std::vector<bool> drops(const std::vector<Bytes>& records);
  // Of one look at a record, of the fastest of several runs, since the machine has other things to do; and how many
  // look-ups in the map of rules would have taken as long, measured between the same runs. Rules must be in force.
  struct Cost {
    double ns;
    double look_ups;
  };
  Cost cost(const Bytes& record);

 private:
  void put(std::size_t index, const Bytes& record);

  std::unique_ptr<rules_probe_bpf, void (*)(rules_probe_bpf*)> skeleton_;
};

}  // namespace aa::test
