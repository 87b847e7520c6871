// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The running kernel's type information (BTF): which functions and tracepoints it has, and by what programs are
// attached to them. Some megabytes: not to be kept longer than needed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/result.hpp"

struct btf;
struct btf_type;

namespace aa {

class KernelTypes {
 public:
  // From /sys/kernel/btf/vmlinux; where that is not visible, from the kernel itself, which takes CAP_SYS_ADMIN. `file`
  // (--btf) names a copy, raw or in an ELF file, which must be the same; empty: none. What is used is the kernel's own:
  // programs are attached by numbers in it. The error says what to do.
  static Result<KernelTypes> find(const std::string& file, Log& log);

  // The number under which programs are attached to a function; 0: there is none of this name.
  unsigned function(std::string_view name) const;
  // The number of its prototype: functions that are declared alike share one. 0: there is none of this name.
  unsigned prototype(std::string_view function) const;
  // -1: there is none of this name.
  int function_parameters(std::string_view name) const;
  // Without the first one, which is the tracing core's own. -1: there is none of this name.
  int tracepoint_parameters(std::string_view name) const;

  // The value of an enumerator in the enumeration without a name that begins with `first`: those cannot be relocated
  // (CO-RE goes by name). Nothing: there is none.
  std::optional<std::int32_t> enumerator(std::string_view first, std::string_view name) const;

  // Runs `body` where libbpf finds the types. It looks only at fixed places: where there is nothing, `body` runs in a
  // thread that has mounts of its own, and nobody else sees them. The error: `body` did not run.
  Status visible_to(const std::function<void()>& body) const;

 private:
  struct Free {
    void operator()(btf* types) const;
  };
  using Btf = std::unique_ptr<btf, Free>;

  KernelTypes(Btf types, Fd copy) : types_(std::move(types)), copy_(std::move(copy)) {}
  static Btf parse(const std::string& path);
  static Result<Btf> ask_kernel();

  const btf_type* type(unsigned id) const;

  Btf types_;
  // Filled when the first one is asked for: libbpf looks through all types for each name, milliseconds.
  mutable std::unordered_map<std::string_view, unsigned> functions_;
  Fd copy_;  // in memory, for libbpf; none: it finds them by itself
};

}  // namespace aa
