// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/change.hpp"

#include <fcntl.h>

#include "event/kinds.hpp"

namespace aa {
namespace {

bool opens_for_change(const Event& event) {
  if (event.file.flags_unreadable) return true;
  if (event.file.flags & O_PATH) return false;
  return (event.file.flags & O_ACCMODE) != O_RDONLY || event.file.flags & O_TRUNC || event.file.created ||
         event.file.flags_truncated;
}

}  // namespace

bool may_change(const Event& event) {
  if (event.error) return event.kind == AA_OPEN && event.file.created;  // the file is there all the same
  if (event.kind == AA_OPEN) return opens_for_change(event);
  if (event.kind == AA_IO) return event.io.totals.writes;
  return has_trait(event.kind, AA_KIND_CHANGES);
}

bool changes_unreadable(const Event& event) {
  return may_change(event) && (!event.file.path.present() || event.file.new_path.state == Text::State::kUnreadable);
}

bool only_reads(const Event& event) {
  if (event.kind == AA_OPEN) {
    // of a file that is there, O_CREAT makes none; a failed call would have made one
    const bool would_create = event.error && !(event.file.flags & O_PATH) && event.file.flags & O_CREAT;
    return !opens_for_change(event) && !would_create && !event.file.doubtful;
  }
  if (event.kind == AA_IO) return !event.io.totals.writes;
  return event.kind == AA_READ || event.kind == AA_CLOSE;
}

}  // namespace aa
