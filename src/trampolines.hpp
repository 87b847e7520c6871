// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs on functions of the kernel, and their links. To take one away the kernel waits for all of its tasks, for
// tens of milliseconds each: so a process of its own is left to wait for that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "handles.hpp"
#include "kernel.hpp"
#include "kernel_types.hpp"
#include "result.hpp"

struct bpf_program;

namespace aa {

class Trampolines {
 public:
  Trampolines() = default;
  Trampolines(Trampolines&&) noexcept = default;
  Trampolines& operator=(Trampolines&&) = delete;
  ~Trampolines();

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

// Pure. In a pid namespace of its own: if that ends while a process in it takes hooks away, each waits for the other,
// and all later hooks of the machine for both. Seen on Debian's 6.1, not on 6.12; 28319d6dc5e2 in 6.3 and 1612160b9127
// in 6.10 ("rcu-tasks: Eliminate deadlocks involving do_exit() and RCU tasks") are about that.
bool trampolines_may_hang(const KernelRelease& release, unsigned pid_level);

// Does this kernel run programs on its functions? Tries it, with one that does nothing.
bool has_trampolines(const KernelTypes& types);

}  // namespace aa
