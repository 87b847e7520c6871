// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs on functions of the kernel, and their links. To take one away the kernel waits for all of its tasks, for
// tens of milliseconds each: so a process of its own is left to wait for that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "kernel/kernel_types.hpp"

struct bpf_program;

namespace aa {

class FunctionLinks {
 public:
  FunctionLinks() = default;
  FunctionLinks(FunctionLinks&&) noexcept = default;
  FunctionLinks& operator=(FunctionLinks&&) = delete;
  ~FunctionLinks();

  // Attaches a loaded program to the function that it was loaded for. Borrowed: it must stay.
  Status attach(const bpf_program* program, const std::string& function);
  // Attaches copies of a loaded program to these functions, which must all have the prototype of its own.
  Status attach_copies(const bpf_program* program, const std::vector<std::string>& functions, const KernelTypes& types);

  // The copies; borrowed.
  std::vector<int> copies() const;

  // Gives the links away, to a process that ends when they are gone. Returns at once.
  void let_go();

 private:
  Status link(int program_fd, const std::string& function);

  std::vector<Fd> copies_;
  std::vector<Fd> links_;
};

}  // namespace aa
