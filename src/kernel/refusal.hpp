// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Why a kernel refuses programs.
#pragma once

#include <string>

namespace aa {

// Does the kernel load a program that reads its memory? In lockdown's confidentiality mode the function is unknown
// (bpf_tracing_func_proto() in kernel/trace/bpf_trace.c).
bool reads_kernel_memory();

// Why the kernel refused to load programs with this errno, and what to do about it, as far as the system tells. Empty:
// nothing to add.
std::string refusal_hint(int error);

}  // namespace aa
