// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/flag_names.hpp"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>

#include <charconv>
#include <cstring>
#include <span>

namespace aa {
namespace {

struct NamedFlag {
  std::uint32_t bits;
  std::string_view name;
};

// The C library says 0 on 64-bit machines, where callers of 32 bits still pass it: arch/*/include/uapi/asm/fcntl.h.
#if defined(__aarch64__)
constexpr std::uint32_t kLargeFile = 0400000;
#else
constexpr std::uint32_t kLargeFile = 0100000;
#endif

// Flags that contain others stand before them.
constexpr NamedFlag kOpenFlags[] = {
    {O_CREAT, "O_CREAT"},         {O_EXCL, "O_EXCL"},         {O_NOCTTY, "O_NOCTTY"},      {O_TRUNC, "O_TRUNC"},
    {O_APPEND, "O_APPEND"},       {O_NONBLOCK, "O_NONBLOCK"}, {O_SYNC, "O_SYNC"},          {O_DSYNC, "O_DSYNC"},
    {O_ASYNC, "O_ASYNC"},         {O_DIRECT, "O_DIRECT"},     {kLargeFile, "O_LARGEFILE"}, {O_TMPFILE, "O_TMPFILE"},
    {O_DIRECTORY, "O_DIRECTORY"}, {O_NOFOLLOW, "O_NOFOLLOW"}, {O_NOATIME, "O_NOATIME"},    {O_CLOEXEC, "O_CLOEXEC"},
    {O_PATH, "O_PATH"},
};

constexpr std::string_view kAccessModes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};

constexpr NamedFlag kRenameFlags[] = {
    {RENAME_NOREPLACE, "RENAME_NOREPLACE"},
    {RENAME_EXCHANGE, "RENAME_EXCHANGE"},
    {RENAME_WHITEOUT, "RENAME_WHITEOUT"},
};

constexpr NamedFlag kAllocateFlags[] = {
    {FALLOC_FL_KEEP_SIZE, "FALLOC_FL_KEEP_SIZE"},         {FALLOC_FL_PUNCH_HOLE, "FALLOC_FL_PUNCH_HOLE"},
    {FALLOC_FL_NO_HIDE_STALE, "FALLOC_FL_NO_HIDE_STALE"}, {FALLOC_FL_COLLAPSE_RANGE, "FALLOC_FL_COLLAPSE_RANGE"},
    {FALLOC_FL_ZERO_RANGE, "FALLOC_FL_ZERO_RANGE"},       {FALLOC_FL_INSERT_RANGE, "FALLOC_FL_INSERT_RANGE"},
    {FALLOC_FL_UNSHARE_RANGE, "FALLOC_FL_UNSHARE_RANGE"},
};

std::span<const NamedFlag> names_for(aa_kind kind) {
  switch (kind) {
    case AA_OPEN: return kOpenFlags;
    case AA_RENAME: return kRenameFlags;
    case AA_TRUNCATE: return kAllocateFlags;
    default: return {};
  }
}

}  // namespace

bool creates_file(std::uint32_t open_flags) { return open_flags & O_CREAT || (open_flags & O_TMPFILE) == O_TMPFILE; }

FlagText::FlagText(aa_kind kind, std::uint32_t flags) {
  if (kind == AA_OPEN) {
    add(kAccessModes[flags & O_ACCMODE]);
    flags &= ~static_cast<std::uint32_t>(O_ACCMODE);
  }
  for (const NamedFlag& flag : names_for(kind)) {
    if (flags == 0) return;
    if ((flags & flag.bits) != flag.bits) continue;
    add(flag.name);
    flags &= ~flag.bits;
  }
  if (!flags) return;
  char number[2 + 8] = {'0', 'x'};
  const char* end = std::to_chars(number + 2, number + sizeof number, flags, 16).ptr;
  add({number, static_cast<std::size_t>(end - number)});
}

void FlagText::add(std::string_view word) {
  if (length_) text_[length_++] = '|';
  std::memcpy(text_ + length_, word.data(), word.size());
  length_ += word.size();
}

}  // namespace aa
