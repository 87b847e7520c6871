// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel_types.hpp"

#include <bpf/btf.h>
#include <fmt/format.h>

#include <cerrno>
#include <string>

namespace aa {
namespace {

constexpr char kBtfPath[] = "/sys/kernel/btf/vmlinux";

}  // namespace

void KernelTypes::Free::operator()(btf* types) const { btf__free(types); }

Result<KernelTypes> KernelTypes::read() {
  btf* types = btf__parse(kBtfPath, nullptr);
  if (!types) return Error{fmt::format("cannot read {}: {}", kBtfPath, errno_text(errno))};
  return KernelTypes(types);
}

const btf_type* KernelTypes::type(unsigned id) const { return btf__type_by_id(types_.get(), id); }

unsigned KernelTypes::function(std::string_view name) const {
  if (functions_.empty()) {
    const unsigned types = btf__type_cnt(types_.get());
    functions_.reserve(types / 2);
    for (unsigned id = 1; id < types; id++)
      if (btf_is_func(type(id))) functions_.emplace(btf__name_by_offset(types_.get(), type(id)->name_off), id);
  }
  const auto found = functions_.find(name);
  return found == functions_.end() ? 0 : found->second;
}

unsigned KernelTypes::prototype(std::string_view name) const {
  const unsigned id = function(name);
  return id ? type(id)->type : 0;
}

int KernelTypes::function_parameters(std::string_view name) const {
  const unsigned id = prototype(name);
  const btf_type* declared = id ? type(id) : nullptr;
  return declared && btf_is_func_proto(declared) ? btf_vlen(declared) : -1;
}

int KernelTypes::tracepoint_parameters(std::string_view name) const {
  const int id = btf__find_by_name_kind(types_.get(), fmt::format("btf_trace_{}", name).c_str(), BTF_KIND_TYPEDEF);
  const btf_type* pointer = id > 0 ? type(type(static_cast<unsigned>(id))->type) : nullptr;
  const btf_type* prototype = pointer ? type(pointer->type) : nullptr;
  return prototype && btf_is_func_proto(prototype) ? btf_vlen(prototype) - 1 : -1;
}

}  // namespace aa
