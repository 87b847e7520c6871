// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lines of descriptors: whatever is printed in between, the lines of one descriptor add up to what went through it.
#include <doctest/doctest.h>

#include <string>

#include "unit/event/descriptor_lines.hpp"

namespace aa::test {
namespace {

TEST_CASE("descriptors: one that ends before any interim line") {
  Descriptors descriptors;
  begin(descriptors, 10, 3, 77, "/the/file");
  CHECK(descriptors.size() == 1);
  const Line line = end(descriptors, 10, 3, 77, {1, 2, 3, 4});
  CHECK(line.path == "/the/file");
  CHECK(line.event.file.path.present());
  CHECK(line.event.io.closed);
  CHECK(same(line.totals(), {1, 2, 3, 4}));
  CHECK(descriptors.size() == 0);
}

TEST_CASE("descriptors: the lines add up") {
  Descriptors descriptors;
  Counters counters;
  begin(descriptors, 10, 3, 77);
  const aa_totals seen[] = {{1, 100, 0, 0}, {1, 100, 5, 50}, {7, 700, 5, 50}, {7, 700, 6, 50}};
  aa_totals together{};
  for (const aa_totals& totals : seen) {
    counters.set(10, 3, 77, totals);
    const std::vector<Line> lines = report(descriptors, counters);
    REQUIRE(lines.size() == 1);
    CHECK_FALSE(lines[0].event.io.closed);
    together = sum(together, lines[0].totals());
    CHECK(same(together, totals));
  }
  const aa_totals at_end = {8, 800, 9, 90};
  const Line line = end(descriptors, 10, 3, 77, at_end);
  CHECK(same(line.totals(), {1, 100, 3, 40}));
  CHECK(same(sum(together, line.totals()), at_end));
}

TEST_CASE("descriptors: an interim line only where something went through") {
  Descriptors descriptors;
  Counters counters;
  begin(descriptors, 10, 3, 77);
  CHECK(report(descriptors, counters).empty());
  counters.set(10, 3, 77, kNothing);
  CHECK(report(descriptors, counters).empty());
  // calls that moved no bytes are calls
  counters.set(10, 3, 77, {1, 0, 0, 0});
  CHECK(report(descriptors, counters).size() == 1);
  CHECK(report(descriptors, counters).empty());
  counters.set(10, 3, 77, {1, 0, 1, 0});
  CHECK(report(descriptors, counters).size() == 1);
  CHECK(report(descriptors, counters).empty());
  CHECK(descriptors.size() == 1);
}

TEST_CASE("descriptors: whose they are, from the record of their beginning") {
  Descriptors descriptors;
  Counters counters;
  begin(descriptors, 10, 3, 77, "/a");
  begin(descriptors, 20, 3, 88, "/b");
  begin(descriptors, 10, 4, 99, "/c");
  counters.set(10, 3, 77, {1, 0, 0, 0});
  counters.set(20, 3, 88, {2, 0, 0, 0});
  counters.set(10, 4, 99, {3, 0, 0, 0});
  const std::vector<Line> lines = report(descriptors, counters);
  REQUIRE(lines.size() == 3);
  for (const Line& line : lines) {
    CHECK(line.path == (line.event.pid == 20 ? "/b" : line.event.file.fd == 3 ? "/a" : "/c"));
    CHECK(line.totals().reads == (line.event.pid == 20 ? 2 : line.event.file.fd == 3 ? 1 : 3));
    CHECK(line.event.start == line.event.pid + 1000);
    CHECK(line.event.tid == line.event.pid + 1);
    CHECK(line.event.ppid == line.event.pid + 2);
    CHECK(line.event.uid == line.event.pid + 3);
    CHECK(line.event.gid == line.event.pid + 4);
    CHECK(line.comm == "comm" + std::to_string(line.event.pid));
  }
}

TEST_CASE("descriptors: one that nobody has told of has an unreadable path and all of its totals") {
  Descriptors descriptors;
  begin(descriptors, 10, 3, 77);
  for (const auto& [pid, fd] : {std::pair{10u, 4u}, std::pair{11u, 3u}}) {
    const Line line = end(descriptors, pid, fd, 77, {1, 2, 3, 4});
    CHECK(line.event.file.path.state == Text::State::kUnreadable);
    CHECK(line.path.empty());
    CHECK(same(line.totals(), {1, 2, 3, 4}));
  }
  CHECK(descriptors.size() == 1);
}

TEST_CASE("descriptors: another one with the same number") {
  Descriptors descriptors;
  Counters counters;
  begin(descriptors, 10, 3, 77, "/old");
  counters.set(10, 3, 77, {5, 50, 0, 0});
  CHECK(report(descriptors, counters).size() == 1);
  // the records of the old one's end and of the new one's beginning were lost
  counters.set(10, 3, 78, {9, 90, 0, 0});
  CHECK(report(descriptors, counters).empty());
  CHECK(report(descriptors, counters, true).empty());
  const Line line = end(descriptors, 10, 3, 78, {9, 90, 0, 0});
  CHECK(line.event.file.path.state == Text::State::kUnreadable);
  CHECK(same(line.totals(), {9, 90, 0, 0}));
  // a beginning that arrives takes the place of the old one, and nothing of it was printed yet
  begin(descriptors, 10, 3, 79, "/new");
  CHECK(descriptors.size() == 1);
  const Line next = end(descriptors, 10, 3, 79, {6, 60, 0, 0});
  CHECK(next.path == "/new");
  CHECK(same(next.totals(), {6, 60, 0, 0}));
  CHECK(descriptors.size() == 0);
}

TEST_CASE("descriptors: the first number and the greatest are numbers like others") {
  Descriptors descriptors;
  for (const std::uint32_t fd : {0u, 0x7FFFFFFFu, AA_FD_FIXED, 0xFFFFFFFFu}) begin(descriptors, 10, fd, 77);
  CHECK(descriptors.size() == 4);
  CHECK(end(descriptors, 10, AA_FD_FIXED, 77, {1, 1, 0, 0}).path == "/f");
  CHECK(end(descriptors, 10, 0, 77, {1, 1, 0, 0}).path == "/f");
  CHECK(descriptors.size() == 2);
}

TEST_CASE("descriptors: a call that ended after its descriptor stands for itself") {
  Descriptors descriptors;
  Counters counters;
  begin(descriptors, 10, 3, 77);
  counters.set(10, 3, 77, {5, 50, 0, 0});
  CHECK(report(descriptors, counters).size() == 1);
  // 0: on what is open under the number now; another generation is another file
  for (const std::uint64_t generation : {0ULL, 77ULL, 78ULL, AA_NO_GENERATION}) {
    CAPTURE(generation);
    const Line late = end(descriptors, 10, 3, generation, {1, 10, 0, 0}, true);
    CHECK(late.path == (generation < 78 ? "/f" : ""));
    CHECK(late.event.file.path.state == (generation < 78 ? Text::State::kPresent : Text::State::kUnreadable));
    CHECK(same(late.totals(), {1, 10, 0, 0}));
    CHECK(descriptors.size() == 1);
  }
  CHECK(same(end(descriptors, 10, 3, 77, {6, 60, 0, 0}).totals(), {1, 10, 0, 0}));
  const Line unknown = end(descriptors, 10, 3, 0, {1, 10, 0, 0}, true);
  CHECK(unknown.event.file.path.state == Text::State::kUnreadable);
  CHECK(same(unknown.totals(), {1, 10, 0, 0}));
}

TEST_CASE("descriptors: a request that outlives its process leaves the descriptor its last line") {
  Descriptors descriptors;
  begin(descriptors, 10, 3, 77);
  for (const std::uint64_t generation : {78ULL, 79ULL}) begin(descriptors, 10, 3, generation, "/orphan", true);
  for (const std::uint64_t generation : {78ULL, 79ULL}) {
    const Line orphan = end(descriptors, 10, 3, generation, {1, 10, 0, 0}, false, true);
    CHECK(orphan.path == "/orphan");
    CHECK(same(orphan.totals(), {1, 10, 0, 0}));
  }
  CHECK(descriptors.size() == 1);
  const Line line = end(descriptors, 10, 3, 77, {6, 60, 0, 0});
  CHECK(line.path == "/f");
  CHECK(same(line.totals(), {6, 60, 0, 0}));
  CHECK(descriptors.size() == 0);
}

TEST_CASE("descriptors: after an exec the lines are the new program's") {
  Descriptors descriptors;
  Counters counters;
  for (const std::uint32_t pid : {9u, 10u, 11u})
    for (const std::uint32_t fd : {0u, 0xFFFFFFFFu}) {
      begin(descriptors, pid, fd, 77, "/f" + std::to_string(fd));
      counters.set(pid, fd, 77, {1, 1, 0, 0});
    }
  std::string comm = "new";
  Event exec;
  exec.kind = AA_EXEC;
  exec.pid = 10;
  exec.tid = 501;
  exec.ppid = 502;
  exec.uid = 503;
  exec.gid = 504;
  exec.comm = comm;
  descriptors.rename(exec);
  comm = "###";
  const std::vector<Line> lines = report(descriptors, counters);
  REQUIRE(lines.size() == 6);
  for (const Line& line : lines) {
    const bool renamed = line.event.pid == 10;
    CHECK(line.comm == (renamed ? "new" : "comm" + std::to_string(line.event.pid)));
    CHECK(line.event.tid == (renamed ? 501 : line.event.pid + 1));
    CHECK(line.event.ppid == (renamed ? 502 : line.event.pid + 2));
    CHECK(line.event.uid == (renamed ? 503 : line.event.pid + 3));
    CHECK(line.event.gid == (renamed ? 504 : line.event.pid + 4));
    // the process and its descriptors stay what they are
    CHECK(line.event.start == line.event.pid + 1000);
    CHECK(line.path == "/f" + std::to_string(*line.event.file.fd));
  }
}

TEST_CASE("descriptors: what is left of a process goes with it, and nothing else") {
  Descriptors descriptors;
  for (const std::uint32_t pid : {9u, 10u, 11u})
    for (const std::uint32_t fd : {0u, 3u, 0xFFFFFFFFu}) begin(descriptors, pid, fd, 77);
  descriptors.forget(10);
  CHECK(descriptors.size() == 6);
  for (const std::uint32_t fd : {0u, 3u, 0xFFFFFFFFu}) {
    CHECK(end(descriptors, 10, fd, 77, kNothing).event.file.path.state == Text::State::kUnreadable);
    CHECK(end(descriptors, 9, fd, 77, kNothing).path == "/f");
    CHECK(end(descriptors, 11, fd, 77, kNothing).path == "/f");
  }
  descriptors.forget(10);
  descriptors.forget(4711);
  CHECK(descriptors.size() == 0);
}

TEST_CASE("descriptors: the last lines are the end of each") {
  Descriptors descriptors;
  Counters counters;
  begin(descriptors, 10, 3, 77);
  begin(descriptors, 10, 4, 78);
  begin(descriptors, 10, 5, 79);
  counters.set(10, 3, 77, {5, 50, 0, 0});
  counters.set(10, 4, 78, {6, 60, 0, 0});
  CHECK(report(descriptors, counters).size() == 2);
  counters.set(10, 4, 78, {7, 70, 1, 1});
  const std::vector<Line> lines = report(descriptors, counters, true);
  REQUIRE(lines.size() == 2);  // 5 has been closed, and its record says so
  for (const Line& line : lines) {
    CHECK(line.event.io.closed);
    CHECK(same(line.totals(), line.event.file.fd == 3 ? kNothing : aa_totals{1, 10, 1, 1}));
  }
}

TEST_CASE("descriptors: one that was closed meanwhile has its line from its record") {
  Descriptors descriptors;
  Counters counters;
  begin(descriptors, 10, 3, 77);
  counters.set(10, 3, 77, {5, 50, 0, 0});
  CHECK(report(descriptors, counters).size() == 1);
  counters.close(10, 3);
  CHECK(report(descriptors, counters).empty());
  CHECK(report(descriptors, counters, true).empty());
  CHECK(same(end(descriptors, 10, 3, 77, {6, 60, 0, 0}).totals(), {1, 10, 0, 0}));
}

TEST_CASE("descriptors: the marks of a path are those of its lines") {
  for (const bool interim : {false, true}) {
    Descriptors descriptors;
    Counters counters;
    Event event;
    event.pid = 10;
    event.file.fd = 3;
    event.file.path = Text::of("/long");
    event.file.path.truncated = true;
    descriptors.begin(event);
    event.file.fd = 4;
    event.file.path = Text::unreadable();
    descriptors.begin(event);
    counters.set(10, 3, 0, {1, 1, 0, 0});
    counters.set(10, 4, 0, {1, 1, 0, 0});
    std::vector<Line> lines;
    if (interim) lines = report(descriptors, counters);
    else lines = {end(descriptors, 10, 3, 0, {1, 1, 0, 0}), end(descriptors, 10, 4, 0, {1, 1, 0, 0})};
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].path == "/long");
    CHECK(lines[0].event.file.path.truncated);
    CHECK(lines[1].event.file.path.state == Text::State::kUnreadable);
    CHECK(lines[1].path.empty());
  }
}

TEST_CASE("descriptors: interim lines of 10,000, some at a time") {
  constexpr std::uint32_t kAll = 10'000;
  Descriptors descriptors;
  Counters counters;
  for (std::uint32_t i = 0; i < kAll; i++) {
    begin(descriptors, 10 + i % 7, i, i + 1);
    counters.set(10 + i % 7, i, i + 1, {1, 2, 3, 4});
  }
  for (const std::size_t changed : {kAll, kAll / 2}) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> lines;
    bool all = false;
    int looks = 0;
    for (; !all && looks < 1000; looks++) {
      counters.reads = 0;
      all = descriptors.report_some(counters, 1000, [&lines](const Event& event) {
        lines[{event.pid, *event.file.fd}]++;
      });
      CHECK(counters.reads <= 1000);
      // what goes and comes meanwhile
      end(descriptors, 10 + looks % 7, looks, looks + 1, {1, 2, 3, 4});
      counters.close(10 + looks % 7, looks);
      begin(descriptors, 9, kAll + looks, looks + 1);
    }
    CHECK(looks <= 12);
    CHECK(lines.size() >= changed - 24);
    for (const auto& [descriptor, count] : lines) CHECK(count == 1);
    for (std::uint32_t i = 100; i < 100 + kAll / 2; i++) counters.set(10 + i % 7, i, i + 1, {2, 3, 4, 5});
  }
}

// As where a process's last records find no room in the ring.
TEST_CASE("descriptors: what nobody takes away is bounded, and the oldest goes") {
  SUBCASE("by number") {
    Descriptors descriptors;
    for (std::uint32_t i = 0; i < Descriptors::kMost + 10; i++) begin(descriptors, 10 + i, 3, 77 + i, "/a");
    CHECK(descriptors.size() == Descriptors::kMost);
    CHECK_FALSE(end(descriptors, 19, 3, 86, {1, 2, 3, 4}).event.file.path.present());
    CHECK(end(descriptors, 20, 3, 87, {1, 2, 3, 4}).path == "/a");
  }
  SUBCASE("by the bytes of their paths") {
    Descriptors descriptors;
    const std::string path(4095, 'p');
    for (std::uint32_t i = 0; i < 20'000; i++) begin(descriptors, 10 + i, 3, 77 + i, path.c_str());
    CHECK(descriptors.bytes() <= Descriptors::kBytesMost);
    CHECK(descriptors.bytes() > Descriptors::kBytesMost - 2 * path.size());
    CHECK(descriptors.size() * path.size() == descriptors.bytes());
    CHECK_FALSE(end(descriptors, 10, 3, 77, {1, 2, 3, 4}).event.file.path.present());
    CHECK(end(descriptors, 10 + 19'999, 3, 77 + 19'999, {1, 2, 3, 4}).path == path);
  }
  SUBCASE("one that stays does not keep those that have gone") {
    Descriptors descriptors;
    begin(descriptors, 10, 3, 77, "/stays");
    for (std::uint32_t i = 0; i < 10'000; i++) {
      begin(descriptors, 11, 3, 100 + i, "/goes");
      end(descriptors, 11, 3, 100 + i, {1, 2, 3, 4});
    }
    CHECK(descriptors.size() == 1);
    CHECK(descriptors.bytes() == 6);
    begin(descriptors, 11, 3, 1, "/a");
    begin(descriptors, 11, 3, 2, "/bcd");
    CHECK(descriptors.bytes() == 10);
    descriptors.forget(11);
    CHECK(descriptors.bytes() == 6);
  }
}

TEST_CASE("descriptors: tables that threads have shared are noted, a bounded number") {
  Descriptors descriptors;
  descriptors.note_table(10, 0x1000);
  descriptors.note_table(10, 0x1000);
  descriptors.note_table(10, 0x2000);
  descriptors.note_table(11, 0x3000);
  CHECK(descriptors.tables(10) == std::set<std::uint64_t>{0x1000, 0x2000});
  descriptors.forget_table(10, 0x2000);
  CHECK(descriptors.tables(10) == std::set<std::uint64_t>{0x1000});
  descriptors.forget(10);
  CHECK(descriptors.tables(10).empty());
  CHECK(descriptors.noted() == 1);
  for (std::uint64_t table = 1; table <= 2 * Descriptors::kNotedMax; table++) descriptors.note_table(12, table);
  CHECK(descriptors.noted() == Descriptors::kNotedMax);
  descriptors.forget(12);
  CHECK(descriptors.noted() == 1);
}

}  // namespace
}  // namespace aa::test
