// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("names of more than 255 bytes: whole, or the path is cut in front of them and says so") {
  const TempDir directory;
  // only what succeeded: kernels before 6.16 refuse the longest
  const Report report = trace_command(directory, {"-z", "-e", "open,io", "--io-interval", "0"}, "long_names");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  CHECK(report.lost() == 0);
  const std::vector<Fact> used = report.truth.of("used");
  REQUIRE(used.size() >= 8);
  for (const char* kind : {"open", "io"}) {
    std::vector<Event> told;
    for (const Event& event : report.of(kind))
      if (event.has("path") && event.text("path").find("/mount/") != std::string::npos) told.push_back(event);
    // the directory is opened too, as a place alone
    if (kind == std::string("open"))
      std::erase_if(
          told, [](const Event& event) { return event.text("path").ends_with('d') && !event.has("path_truncated"); });
    REQUIRE(told.size() == used.size());
    for (size_t i = 0; i < used.size(); i++) {
      INFO(std::string(kind) << " " << i << ", " << used[i].text("path").size() << " bytes");
      CHECK(told[i].text("path") == used[i].text("path"));
      CHECK(told[i].has("path_truncated") == (used[i].number("cut") == 1));
    }
  }
}

}  // namespace aa::test
