// SPDX-License-Identifier: MIT OR Apache-2.0
#include <doctest/doctest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "targets/targets.hpp"

namespace aa::test {
namespace {

TEST_CASE("targets: a thread stands for its process, and what is not there is named") {
  const auto self = static_cast<std::uint32_t>(getpid());
  CHECK(process_of(self) == self);
  CHECK(process_of(static_cast<std::uint32_t>(gettid())) == self);
  CHECK(process_of(4'194'304) == 0);
  NamedTargets named;
  named.pids = {self, 2'147'483'647};
  const auto targets = Targets::find(named);
  REQUIRE(bool(targets));
  CHECK(targets->pids == std::vector<std::uint32_t>{self, 2'147'483'647});
  CHECK(targets->missing == std::vector<std::uint32_t>{2'147'483'647});
  CHECK(targets->names.front() == "pid " + std::to_string(self));
}

}  // namespace
}  // namespace aa::test
