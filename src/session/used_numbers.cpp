// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session/used_numbers.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <bit>
#include <optional>

#include "aa_trace.skel.h"

namespace aa {
namespace {

class Tree {
 public:
  Tree(aa_trace_bpf& skeleton, std::uint32_t pid, std::uint64_t table)
      : users_(bpf_map__fd(skeleton.maps.descriptor_users)),
        nodes_(bpf_map__fd(skeleton.maps.used_nodes)),
        key_{.table = table, .pid = pid} {}

  std::vector<std::uint32_t> take() {
    aa_used used{};
    if (bpf_map_lookup_elem(users_, &key_, &used) != 0) return {};
    take_numbers(used.low, 0);
    take_blocks(used.blocks, 1, 0);
    for (std::uint32_t i = 0; used.far && i < AA_FAR_NODES; i++)
      if (const auto node = take_node(2, i)) take_blocks(*node, 2, i);
    bpf_map_delete_elem(users_, &key_);
    return std::move(numbers_);
  }

 private:
  std::optional<aa_node> take_node(std::uint32_t level, std::uint32_t index) {
    aa_table_key key = key_;
    key.place = level << AA_LEVEL_SHIFT | index;
    aa_node node{};
    if (bpf_map_lookup_elem(nodes_, &key, &node) != 0) return std::nullopt;
    bpf_map_delete_elem(nodes_, &key);
    return node;
  }

  template <typename Use>
  static void for_each_bit(const aa_node& node, Use use) {
    for (std::uint32_t i = 0; i < AA_NODE_NUMBERS / 64; i++)
      for (__u64 word = node.words[i]; word; word &= word - 1)
        use(i * 64 + static_cast<std::uint32_t>(std::countr_zero(word)));
  }

  void take_numbers(const aa_node& node, std::uint32_t index) {
    for_each_bit(node, [&](std::uint32_t bit) { numbers_.push_back(index * AA_NODE_NUMBERS + bit); });
  }

  void take_blocks(const aa_node& node, std::uint32_t level, std::uint32_t index) {
    for_each_bit(node, [&](std::uint32_t bit) {
      const std::uint32_t below = index * AA_NODE_NUMBERS + bit;
      const auto block = take_node(level - 1, below);
      if (!block) return;
      if (level == 1) take_numbers(*block, below);
      else take_blocks(*block, level - 1, below);
    });
  }

  int users_, nodes_;  // borrowed
  aa_table_key key_;
  std::vector<std::uint32_t> numbers_;
};

}  // namespace

std::vector<std::uint32_t> take_numbers(aa_trace_bpf& skeleton, std::uint32_t pid, std::uint64_t table) {
  return Tree(skeleton, pid, table).take();
}

}  // namespace aa
