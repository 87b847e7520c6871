// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What is put in comes out, in order and in whole lines, whatever is in memory, in the file, or has no room there.
#include "output/spool.hpp"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

namespace aa::test {
namespace {

struct Directory {
  std::string path = "/tmp/aa-spool-XXXXXX";
  Directory() { REQUIRE(mkdtemp(path.data())); }
  ~Directory() { std::filesystem::remove_all(path); }
  bool is_empty() const { return std::filesystem::is_empty(path); }
};

std::string numbered_line(std::uint64_t number, std::size_t length) {
  std::string line = std::to_string(number) + " ";
  line.append(length, 'x');
  return line + "\n";
}

// What comes out, one line after the other.
struct Reader {
  explicit Reader(Spool& from) : spool(from) {}
  bool read() {
    auto piece = spool.take();
    if (!piece) return false;
    CHECK(piece->ends_with("\n"));
    for (std::size_t at = 0; at < piece->size(); at = piece->find('\n', at) + 1)
      in_order = in_order && std::strtoull(piece->c_str() + at, nullptr, 10) == lines++;
    spool.done(std::move(*piece));
    return true;
  }
  Spool& spool;
  std::uint64_t lines = 0;
  bool in_order = true;
};

}  // namespace

TEST_CASE("spool: lines come out in order, from memory and from a file that goes round") {
  const Directory directory;
  std::mt19937_64 random(11);
  for (const std::uint64_t bytes : {2u << 20, 1u << 20, 300u << 10}) {
    Spool spool({.bytes = bytes, .memory = 256u << 10, .directory = directory.path});
    Reader reader(spool);
    std::uint64_t put = 0, most = 0, full = 0;
    for (int turn = 0; turn < 4000; turn++) {
      std::string lines;
      for (std::uint64_t n = random() % 40; n; n--) lines += numbered_line(put++, random() % 400);
      spool.put(lines);
      CHECK(lines.empty());
      most = std::max(most, spool.bytes());
      const bool has_room = spool.has_room();
      full += !has_room;
      // who puts in keeps to what has_room() says
      for (auto n = has_room ? random() % 100 == 0 : 1 + random() % 8; n && spool.bytes(); n--) REQUIRE(reader.read());
    }
    while (spool.bytes()) REQUIRE(reader.read());
    CHECK(reader.lines == put);
    CHECK(reader.in_order);
    CHECK(full > 0);
    CHECK(most > bytes / 2);
    CHECK(most < bytes + (1u << 20));
    CHECK_FALSE(spool.take_trouble());
    CHECK_MESSAGE(directory.is_empty(), "the file has no name");
  }
}

TEST_CASE("spool: one thread puts in what another one takes out") {
  const Directory directory;
  Spool spool({.bytes = 4u << 20, .memory = 256u << 10, .directory = directory.path});
  Reader reader(spool);
  std::thread taker([&reader] {
    while (reader.read()) {
    }
  });
  std::mt19937_64 random(5);
  std::uint64_t put = 0;
  while (put < 300'000) {
    std::string lines;
    for (std::uint64_t n = random() % 100; n; n--) lines += numbered_line(put++, random() % 200);
    while (!spool.has_room()) std::this_thread::yield();
    spool.put(lines);
  }
  while (spool.bytes()) std::this_thread::yield();
  spool.stop();
  taker.join();
  CHECK(reader.lines == put);
  CHECK(reader.in_order);
  CHECK(spool.count_lines() == 0);
}

TEST_CASE("spool: without a file memory is all there is") {
  for (const Spool::Limits& limits : {Spool::Limits{.bytes = 0},
                                      {.bytes = 1u << 20},
                                      {.bytes = 1u << 30, .memory = 1u << 20, .directory = "/nowhere"}}) {
    Spool spool(limits);
    std::uint64_t put = 0;
    while (spool.has_room()) {
      std::string line = numbered_line(put++, 100);
      spool.put(line);
      REQUIRE(put < 100'000);
    }
    CHECK(spool.bytes() <= (5u << 18));
    const auto trouble = spool.take_trouble();
    CHECK(trouble.has_value() == (limits.directory == "/nowhere"));
    if (trouble) CHECK(trouble->message == "cannot keep output in /nowhere: No such file or directory");
    CHECK_FALSE(spool.take_trouble());
    Reader reader(spool);
    REQUIRE(reader.read());
    CHECK(spool.has_room());
    spool.stop();
    CHECK(reader.in_order);
    CHECK(spool.count_lines() == put - reader.lines);
  }
}

TEST_CASE("spool: a full disk is a full spool, and is told once") {
  if (geteuid() != 0) {
    MESSAGE("skipped: needs root to mount a small file system");
    return;
  }
  const Directory directory;
  REQUIRE(mount("none", directory.path.c_str(), "tmpfs", 0, "size=1m") == 0);
  {
    Spool spool({.bytes = 64u << 20, .memory = 256u << 10, .directory = directory.path});
    Reader reader(spool);
    std::uint64_t put = 0;
    int troubles = 0;
    for (int round = 0; round < 20; round++) {
      while (spool.has_room()) {
        std::string lines;
        for (int i = 0; i < 100; i++) lines += numbered_line(put++, 100);
        spool.put(lines);
        REQUIRE(put < 1'000'000);
      }
      CHECK(spool.bytes() > (1u << 20));
      CHECK(spool.bytes() < (2u << 20));
      troubles += spool.take_trouble().has_value();
      // a part of it, or all
      for (int i = round % 7; spool.bytes() && i < 6; i++) REQUIRE(reader.read());
    }
    while (spool.bytes()) REQUIRE(reader.read());
    CHECK(troubles == 1);
    CHECK(reader.lines == put);
    CHECK(reader.in_order);
  }
  CHECK(umount(directory.path.c_str()) == 0);
}

}  // namespace aa::test
