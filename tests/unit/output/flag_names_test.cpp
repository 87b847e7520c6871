// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Flags in words, against the kernel's numbers: include/uapi/asm-generic/fcntl.h, arch/arm64/include/uapi/asm/fcntl.h,
// include/uapi/linux/fs.h, include/uapi/linux/falloc.h.
#include "output/flag_names.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace aa::test {
namespace {

struct Flag {
  std::string name;
  std::uint32_t bits;
};

#if defined(__aarch64__)
constexpr std::uint32_t kDirect = 0200000, kLarge = 0400000, kDirectory = 040000, kNoFollow = 0100000;
#else
constexpr std::uint32_t kDirect = 040000, kLarge = 0100000, kDirectory = 0200000, kNoFollow = 0400000;
#endif
constexpr std::uint32_t kDataSync = 010000, kSyncBit = 04000000, kTemporaryBit = 020000000;

const std::vector<Flag> kOpenFlags = {
    {"O_CREAT", 0100},
    {"O_EXCL", 0200},
    {"O_NOCTTY", 0400},
    {"O_TRUNC", 01000},
    {"O_APPEND", 02000},
    {"O_NONBLOCK", 04000},
    {"O_SYNC", kSyncBit | kDataSync},
    {"O_DSYNC", kDataSync},
    {"O_ASYNC", 020000},
    {"O_DIRECT", kDirect},
    {"O_LARGEFILE", kLarge},
    {"O_TMPFILE", kTemporaryBit | kDirectory},
    {"O_DIRECTORY", kDirectory},
    {"O_NOFOLLOW", kNoFollow},
    {"O_NOATIME", 01000000},
    {"O_CLOEXEC", 02000000},
    {"O_PATH", 010000000},
};
const std::vector<Flag> kRenameFlags = {{"RENAME_NOREPLACE", 1}, {"RENAME_EXCHANGE", 2}, {"RENAME_WHITEOUT", 4}};
const std::vector<Flag> kAllocateFlags = {
    {"FALLOC_FL_KEEP_SIZE", 0x01},      {"FALLOC_FL_PUNCH_HOLE", 0x02}, {"FALLOC_FL_NO_HIDE_STALE", 0x04},
    {"FALLOC_FL_COLLAPSE_RANGE", 0x08}, {"FALLOC_FL_ZERO_RANGE", 0x10}, {"FALLOC_FL_INSERT_RANGE", 0x20},
    {"FALLOC_FL_UNSHARE_RANGE", 0x40},
};

const std::vector<Flag>& flags_of(aa_kind kind) {
  static const std::vector<Flag> kNone;
  switch (kind) {
    case AA_OPEN: return kOpenFlags;
    case AA_RENAME: return kRenameFlags;
    case AA_TRUNCATE: return kAllocateFlags;
    default: return kNone;
  }
}

std::string text_of(aa_kind kind, std::uint32_t flags) { return std::string(FlagText(kind, flags).view()); }

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size() && !text.empty();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::uint32_t value_of(aa_kind kind, const std::string& word) {
  static const std::vector<std::string> kModes = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
  for (const Flag& flag : flags_of(kind))
    if (flag.name == word) return flag.bits;
  for (std::uint32_t mode = 0; mode < kModes.size(); mode++)
    if (kind == AA_OPEN && kModes[mode] == word) return mode;
  REQUIRE(word.starts_with("0x"));
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data() + 2, word.data() + word.size(), value, 16);
  REQUIRE(error == std::errc{});
  REQUIRE(end == word.data() + word.size());
  REQUIRE(value != 0);
  return value;
}

// Null, or what is wrong with the text of these flags.
const char* fault(aa_kind kind, std::uint32_t flags) {
  const std::vector<std::string> words = words_of(text_of(kind, flags));
  std::uint32_t together = 0;
  for (const std::string& word : words) together |= value_of(kind, word);
  if (together != flags) return "another value";
  if (std::set(words.begin(), words.end()).size() != words.size()) return "a word twice";
  const auto numbers = std::count_if(words.begin(), words.end(), [](const auto& w) { return w.starts_with("0x"); });
  if (numbers > 1 || (numbers == 1 && !words.back().starts_with("0x"))) return "numbers do not come last";
  return nullptr;
}

TEST_CASE("flags: each one alone") {
  int seen = 0;
  for (const aa_kind kind : {AA_OPEN, AA_RENAME, AA_TRUNCATE}) {
    const std::string before = kind == AA_OPEN ? "O_RDONLY|" : "";
    for (const Flag& flag : flags_of(kind)) {
      CHECK(text_of(kind, flag.bits) == before + flag.name);
      seen++;
    }
  }
  CHECK(seen == 27);
}

TEST_CASE("flags: the access mode comes first and is always there") {
  const std::vector<std::string> modes = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
  for (std::uint32_t mode = 0; mode < 4; mode++) {
    CHECK(text_of(AA_OPEN, mode) == modes[mode]);
    CHECK(text_of(AA_OPEN, mode | 02000000) == modes[mode] + "|O_CLOEXEC");
  }
  CHECK(text_of(AA_RENAME, 0).empty());
  CHECK(text_of(AA_TRUNCATE, 0).empty());
}

TEST_CASE("flags: what programs use") {
  CHECK(text_of(AA_OPEN, 01 | 0100 | 01000) == "O_WRONLY|O_CREAT|O_TRUNC");
  CHECK(text_of(AA_OPEN, 02 | 0100 | 0200 | 02000000) == "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC");
  CHECK(text_of(AA_OPEN, 04000 | kDirectory | 02000000) == "O_RDONLY|O_NONBLOCK|O_DIRECTORY|O_CLOEXEC");
  CHECK(text_of(AA_OPEN, kNoFollow | 010000000) == "O_RDONLY|O_NOFOLLOW|O_PATH");
  CHECK(text_of(AA_TRUNCATE, 3) == "FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE");
  CHECK(text_of(AA_RENAME, 5) == "RENAME_NOREPLACE|RENAME_WHITEOUT");
}

TEST_CASE("flags: one that contains another is one word") {
  CHECK(text_of(AA_OPEN, 1 | kSyncBit | kDataSync) == "O_WRONLY|O_SYNC");
  CHECK(text_of(AA_OPEN, 1 | kDataSync) == "O_WRONLY|O_DSYNC");
  CHECK(text_of(AA_OPEN, kSyncBit) == "O_RDONLY|0x100000");
  CHECK(text_of(AA_OPEN, 2 | kTemporaryBit | kDirectory) == "O_RDWR|O_TMPFILE");
  CHECK(text_of(AA_OPEN, kDirectory) == "O_RDONLY|O_DIRECTORY");
  CHECK(text_of(AA_OPEN, kTemporaryBit) == "O_RDONLY|0x400000");
}

TEST_CASE("flags: bits without a name are one number") {
  CHECK(text_of(AA_OPEN, 0x80000000) == "O_RDONLY|0x80000000");
  CHECK(text_of(AA_OPEN, 0x80000000 | 04 | 02000) == "O_RDONLY|O_APPEND|0x80000004");
  CHECK(text_of(AA_RENAME, 8) == "0x8");
  CHECK(text_of(AA_RENAME, 0xFF) == "RENAME_NOREPLACE|RENAME_EXCHANGE|RENAME_WHITEOUT|0xf8");
  CHECK(text_of(AA_TRUNCATE, 0x80) == "0x80");
  CHECK(text_of(AA_MKDIR, 1) == "0x1");
}

TEST_CASE("flags: the words stand for all of the value and for nothing else") {
  std::mt19937 random(20'261'120);
  int checked = 0;
  for (const aa_kind kind : {AA_OPEN, AA_RENAME, AA_TRUNCATE, AA_XATTR}) {
    std::vector<std::uint32_t> values = {0, ~0u};
    for (unsigned bit = 0; bit < 32; bit++) values.insert(values.end(), {1u << bit, ~(1u << bit), (1u << bit) - 1});
    for (int i = 0; i < 5000; i++) values.push_back(static_cast<std::uint32_t>(random() & random()));
    for (const std::uint32_t value : values) {
      if (const char* what = fault(kind, value)) FAIL(what, ": ", kind, " ", value);
      checked++;
    }
  }
  CHECK(checked > 20'000);
}

TEST_CASE("flags: the longest text fits") {
  std::size_t longest = 0;
  for (unsigned bit = 0; bit < 32; bit++)
    for (const std::uint32_t flags : {~0u, ~(1u << bit), ~(1u << bit) & ~kSyncBit & ~kTemporaryBit})
      longest = std::max(longest, FlagText(AA_OPEN, flags).view().size());
  CHECK(longest > 150);
  CHECK(longest <= sizeof(FlagText) - sizeof(std::size_t));
}

TEST_CASE("flags: does the open use its mode?") {
  for (const std::uint32_t flags :
       {0100u, 0101u, 0302u, kTemporaryBit | kDirectory, kTemporaryBit | kDirectory | 1, ~0u})
    CHECK(creates_file(flags));
  for (const std::uint32_t flags : {0u, 1u, 2u, 01000u, 0200u, kDirectory, kTemporaryBit, kSyncBit, 010000000u})
    CHECK_FALSE(creates_file(flags));
}

}  // namespace
}  // namespace aa::test
