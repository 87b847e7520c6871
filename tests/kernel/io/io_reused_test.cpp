// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the kernel side has of a descriptor goes with it, and its memory becomes another's while other processors may
// still be adding to it.
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("a descriptor that is closed while others read through it: no bytes of theirs in the next one") {
  const int rounds = scaled(40000, 2000);
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "io", "--io-interval", "0", "--buffer", "128M"}, "io_reused",
                                      {std::to_string(rounds)});
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  const Fact read = report.truth.only("total", "path", directory.file("read"));
  const Fact written = report.truth.only("total", "path", directory.file("written"));
  Totals of_read, of_written;
  int lines = 0, wrong = 0;
  for (const Event& event : report.of("io", read.number("pid"))) {
    const Totals totals = totals_of(event);
    if (event.has("path") && event.text("path") == directory.file("written")) {
      lines++;
      if (totals != Totals{0, 0, 1, 7} && ++wrong <= 3) FAIL_CHECK(event.line());
      of_written += totals;
    } else if (!event.has("path") || event.text("path") == directory.file("read")) {
      // a call may end when nothing is known of its descriptor any more
      of_read += totals;
    }
  }
  CHECK(lines == rounds);
  CHECK(wrong == 0);
  CHECK(of_written == totals_of(written));
  CHECK(of_read == totals_of(read));
  MESSAGE(wrong << " of " << lines << " wrong; " << of_read.reads << " reads");
}

}  // namespace aa::test
