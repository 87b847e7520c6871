// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bpf/rules_probe.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "bpf/rules_probe.h"
#include "config.h"
#include "rules/kernel_rules.hpp"

#include "tests/bpf/rules_probe.skel.h"  // needs the types of both

namespace aa::test {
namespace {

constexpr int kRuns = 7;  // of which the fastest counts

void run(const bpf_program* program) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  REQUIRE(bpf_prog_test_run_opts(bpf_program__fd(program), &options) == 0);
}

// The others are large, and no program here knows them.
void leave_out_maps(const rules_probe_bpf& skeleton) {
  const std::set<std::string> needed = {"scratches", "rule_sets"};
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton.obj) {
    const bool is_global = bpf_map__is_internal(map);
    bpf_map__set_autocreate(map, is_global || needed.contains(bpf_map__name(map)));
  }
}

}  // namespace

RulesProbe::RulesProbe() : skeleton_(rules_probe_bpf__open(), rules_probe_bpf__destroy) {
  libbpf_set_print(nullptr);
  REQUIRE(skeleton_);
  leave_out_maps(*skeleton_);
  REQUIRE(rules_probe_bpf__load(skeleton_.get()) == 0);
}

RulesProbe::~RulesProbe() = default;

void RulesProbe::install(const RuleSet& rules) {
  const int sets = bpf_map__fd(skeleton_->maps.rule_sets);
  const std::uint32_t in_force = 0;
  const auto nodes = kernel_rules(rules);
  if (nodes.empty()) {
    bpf_map_delete_elem(sets, &in_force);
    return;
  }
  const auto map = make_rule_map(nodes);
  REQUIRE(bool(map));
  const int fd = map->get();
  REQUIRE(bpf_map_update_elem(sets, &in_force, &fd, BPF_ANY) == 0);
}

void RulesProbe::put(std::size_t index, const Bytes& record) {
  REQUIRE(record.size() <= AA_PROBE_RECORD);
  std::memcpy(skeleton_->bss->probes[index].record, record.data(), record.size());
}

std::vector<bool> RulesProbe::drops(const std::vector<Bytes>& records) {
  std::vector<bool> dropped;
  for (std::size_t first = 0; first < records.size(); first += AA_PROBES) {
    const std::size_t count = std::min<std::size_t>(records.size() - first, AA_PROBES);
    for (std::size_t i = 0; i < count; i++) put(i, records[first + i]);
    skeleton_->bss->probe_count = static_cast<__u32>(count);
    run(skeleton_->progs.judge_all);
    for (std::size_t i = 0; i < count; i++) dropped.push_back(skeleton_->bss->probes[i].allowed);
  }
  return dropped;
}

RulesProbe::Cost RulesProbe::cost(const Bytes& record) {
  std::uint64_t look = ~0ULL, look_up = ~0ULL;
  put(0, record);
  for (int i = 0; i < kRuns; i++) {
    skeleton_->bss->lookup_ns = 0;
    run(skeleton_->progs.judge_for_long);
    REQUIRE(skeleton_->bss->lookup_ns > 0);
    look = std::min<std::uint64_t>(look, skeleton_->bss->probe_ns);
    look_up = std::min<std::uint64_t>(look_up, skeleton_->bss->lookup_ns);
  }
  return {.ns = static_cast<double>(look) / AA_PROBE_ROUNDS,
          .look_ups = static_cast<double>(look) / static_cast<double>(look_up)};
}

}  // namespace aa::test
