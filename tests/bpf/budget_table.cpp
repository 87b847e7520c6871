// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Instructions and bytes of stack, the highest of all settings, as "load: the verifier takes every program" prints
// them. A number that has to grow is written anew here, with the change that made it grow.
#include "bpf/budget.hpp"

namespace aa::test {

const std::vector<KnownEffort> kKnownEfforts = {
    {"6.18", "process_exec", {6592, 536}},    {"6.18", "process_exit", {22719, 360}},
    {"6.18", "process_fork", {2778, 216}},    {"6.18", "seed_tasks", {1559, 200}},
    {"6.18", "syscall_enter", {22016, 536}},  {"6.18", "syscall_exit", {62381, 1032}},
    {"6.18", "uring_complete", {60749, 760}}, {"6.18", "uring_fail_link", {61216, 720}},
    {"6.18", "uring_overflow", {421, 48}},    {"6.18", "uring_refused", {14281, 584}},
    {"6.18", "uring_submit", {35388, 600}},
};

}  // namespace aa::test
