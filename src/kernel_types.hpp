// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The running kernel's type information (BTF): which functions and tracepoints it has.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "result.hpp"

struct btf;
struct btf_type;

namespace aa {

class KernelTypes {
 public:
  static Result<KernelTypes> read();

  // The number under which programs are attached to a function; 0: there is none of this name.
  unsigned function(std::string_view name) const;
  // The number of its prototype: functions that are declared alike share one. 0: there is none of this name.
  unsigned prototype(std::string_view function) const;
  // -1: there is none of this name.
  int function_parameters(std::string_view name) const;
  // Without the first one, which is the tracing core's own. -1: there is none of this name.
  int tracepoint_parameters(std::string_view name) const;

 private:
  struct Free {
    void operator()(btf* types) const;
  };
  explicit KernelTypes(btf* types) : types_(types) {}
  const btf_type* type(unsigned id) const;

  std::unique_ptr<btf, Free> types_;
  // Filled when the first one is asked for: libbpf looks through all types for each name, milliseconds.
  mutable std::unordered_map<std::string_view, unsigned> functions_;
};

}  // namespace aa
