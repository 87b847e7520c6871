// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which events change something, and which only look.
#pragma once

#include "event/event.hpp"

namespace aa {

// Did the event change a file, or may it have? What nothing tells the result of may have succeeded: io_uring can be
// told to keep quiet about just that. So may an open have been one for writing if its flags could not be read.
bool may_change(const Event& event);
// Does a change have a path that could not be read, so that nobody knows what a rule would say?
bool changes_unreadable(const Event& event);
// Is it an event of a file that certainly neither changed anything nor, where it failed, was meant to?
bool only_reads(const Event& event);

}  // namespace aa
