// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The truth about names, where hooks of the kernel tell what it resolved (see hooks.hpp).
#pragma once

#include "kernel/event.hpp"
#include "kernel/workload.hpp"

namespace aa::test {

// The fact of a call on a name, with what the event must have if a hook told its names. A name that is longer than a
// hook keeps, or a call that failed before it, remains as it is.
Fact as_resolved(const Fact& call, const Event& event);

// The path, or new_path, that the event of a call has as far as that can be known without it: resolved if the call
// succeeded. What the call does with a link is in the fact (`follows`).
std::string told_path(const Fact& call, const std::string& key);

// A path of an event as the kernel writes it: " (deleted)" behind what has no name any more.
std::string kernel_path(const Event& event, const std::string& key);

}  // namespace aa::test
