// SPDX-License-Identifier: MIT OR Apache-2.0
//
// --root: is anything changed outside of the directories that a job was given?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "event/event.hpp"

namespace aa {

class OutsideRoot {
 public:
  // Relative ones begin at the current directory. Errors: what is no directory.
  static Result<OutsideRoot> of(const std::vector<std::string>& directories);
  OutsideRoot() = default;  // everything is inside

  // Did the event change a file that is outside, as far as its paths could be read? Devices that keep nothing,
  // terminals, pipes, sockets and what the process has in /proc are inside.
  bool is_left_by(const Event& event) const;
  bool has_directories() const { return !directories_.empty(); }
  // The directories as given.
  const std::string& text() const { return text_; }

 private:
  bool is_inside(const Text& path, const Text& name, const Event& event) const;

  std::vector<std::string> directories_;  // resolved
  std::string text_;
};

}  // namespace aa
