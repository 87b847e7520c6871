// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the end of a trace says about all of it.
#include "output/summary.hpp"

#include <doctest/doctest.h>

#include <set>

namespace aa::test {
namespace {

Event io(std::string_view path, std::uint64_t bytes) {
  Event event;
  event.kind = AA_IO;
  event.file.path = Text::of(path);
  event.io.totals.writes = 1;
  event.io.totals.written_bytes = bytes;
  return event;
}

Event write(std::string_view path, std::int64_t bytes) {
  Event event;
  event.kind = AA_WRITE;
  event.file.path = Text::of(path);
  event.file.size = bytes;
  return event;
}

void add(Summary& summary, aa_kind kind, int times) {
  Event event;
  event.kind = kind;
  for (int i = 0; i < times; i++) summary.add(event);
}

std::string written_text(const Summary& summary) {
  std::string text;
  for (const auto& [path, bytes, at_least] : summary.most_written())
    text += path + "=" + std::to_string(bytes) + (at_least ? "+ " : " ");
  return text;
}

TEST_CASE("summary: counts the events, in the order of their kinds") {
  Summary summary(true);
  CHECK(summary.events_text().empty());
  add(summary, AA_OPEN, 120);
  add(summary, AA_EXIT, 3);
  add(summary, AA_EXEC, 1);
  CHECK(summary.events_text() == "1 exec, 3 exit, 120 open");
  add(summary, AA_XATTR, 1);
  add(summary, AA_FORK, 2);
  CHECK(summary.events_text() == "2 fork, 1 exec, 3 exit, 120 open, 1 xattr");
  CHECK(summary.most_written().empty());
}

TEST_CASE("summary: the files to which most was written, by name where it is the same") {
  Summary summary(true);
  for (const auto& [path, bytes] :
       {std::pair("/b", 5), {"/a", 5}, {"/c", 9}, {"/b", 2}, {"/d", 0}, {"/c", 0}, {"/e", 5}})
    summary.add(io(path, static_cast<std::uint64_t>(bytes)));
  CHECK(written_text(summary) == "/c=9 /b=7 /a=5 /e=5 ");
}

TEST_CASE("summary: no more of them than are worth reading") {
  Summary summary(true);
  for (std::uint64_t i = 1; i <= 100; i++) summary.add(io("/" + std::to_string(i), i));
  const auto written = summary.most_written();
  REQUIRE(written.size() == Summary::kMostWritten);
  CHECK(written.front().path == "/100");
  CHECK(written.back().path == "/91");
}

TEST_CASE("summary: what is no file, or nothing, is left out") {
  Summary summary(true);
  for (const char* path : {"pipe:[1]", "socket:[2]", "", "memfd:x"}) summary.add(io(path, 5));
  Event unreadable = io("/a", 5), read = io("/a", 0);
  unreadable.file.path = Text::unreadable();
  read.io.totals.read_bytes = 7;
  summary.add(unreadable);
  summary.add(read);
  CHECK(summary.most_written().empty());
  CHECK(summary.events_text() == "6 io");
}

TEST_CASE("summary: a write counts once") {
  Summary with_totals(true), without(false);
  for (Summary* summary : {&with_totals, &without}) {
    summary->add(write("/a", 5));
    Event failed = write("/a", 3);
    failed.error = 28;
    summary->add(failed);
  }
  CHECK(written_text(with_totals).empty());
  CHECK(written_text(without) == "/a=5 ");
  with_totals.add(io("/a", 5));
  CHECK(written_text(with_totals) == "/a=5 ");
  CHECK(with_totals.events_text() == "1 io, 2 write");
}

TEST_CASE("summary: of too many files those with the least are forgotten") {
  Summary summary(true);
  // each another number of bytes, in no order
  for (std::uint64_t i = 0; i < Summary::kFilesMax; i++)
    summary.add(io("/" + std::to_string(i), 1 + i * 7919 % Summary::kFilesMax));
  for (const auto& file : summary.most_written()) CHECK_FALSE(file.at_least);
  summary.add(io("/new", 1'000'000));
  const auto written = summary.most_written();
  REQUIRE(written.size() == Summary::kMostWritten);
  CHECK(written[0].path == "/new");
  CHECK(written[0].at_least);
  for (std::size_t i = 1; i < written.size(); i++) {
    CHECK(written[i].bytes == Summary::kFilesMax - (i - 1));
    CHECK_FALSE(written[i].at_least);
  }
}

TEST_CASE("summary: a file is forgotten before one with more") {
  Summary summary(true);
  const std::uint64_t half = Summary::kFilesMax / 2;
  for (std::uint64_t i = 0; i < Summary::kFilesMax; i++) summary.add(io("/" + std::to_string(i), i < half ? 1 : 2));
  summary.add(io("/new", 1));
  // those that are still known grow from 2, the others begin anew
  for (std::uint64_t i = half; i < Summary::kFilesMax - 1; i += 97) {
    summary.add(io("/" + std::to_string(i), 1'000'000));
    const auto most = summary.most_written().front();
    CHECK(most.bytes >= 1'000'002);
    CHECK_FALSE(most.at_least);
  }
}

TEST_CASE("summary: what was forgotten comes back as at least that much") {
  Summary summary(true);
  summary.add(io("/a", 1));
  summary.add(io("/big", 50));
  for (std::uint64_t i = 0; i < 3 * Summary::kFilesMax; i++) summary.add(io("/x" + std::to_string(i), 2));
  summary.add(io("/a", 40));
  summary.add(io("/big", 50));
  summary.add(io("/a", 1));
  const auto written = summary.most_written();
  REQUIRE(written.size() == Summary::kMostWritten);
  CHECK(written[0].path == "/big");
  CHECK(written[0].bytes == 100);
  CHECK_FALSE(written[0].at_least);
  CHECK(written[1].path == "/a");
  CHECK(written[1].bytes == 41);
  CHECK(written[1].at_least);
  CHECK(written[2].bytes == 2);
}

}  // namespace
}  // namespace aa::test
