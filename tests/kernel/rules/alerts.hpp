// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "kernel/event.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace aa::test {

struct Alert {
  std::string alert;
  std::string level;
  std::string rule;

  bool operator==(const Alert&) const = default;
};
using Alerts = std::vector<Alert>;

std::ostream& operator<<(std::ostream& out, const Alerts& alerts);

// All alerts of an event, none if it has none. Checks that `alert`, `level` and `rule` are those of the first one.
Alerts alerts_of(const Event& event);

}  // namespace aa::test
