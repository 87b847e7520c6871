// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Records as the kernel side writes them.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events.h"

namespace aa::test {

using Bytes = std::vector<std::byte>;

// A copy on the heap in exactly its size: the sanitizer sees a read of one byte more.
class Exact {
 public:
  explicit Exact(std::span<const std::byte> bytes) : size_(bytes.size()), data_(new std::byte[bytes.size()]) {
    if (size_) std::memcpy(data_.get(), bytes.data(), size_);
  }
  std::span<const std::byte> span() const { return {data_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<std::byte[]> data_;
};

// Every field has a value of its own.
inline aa_header some_header(aa_kind kind) {
  aa_header header{.size = 0,
                   .kind = static_cast<__u8>(kind),
                   .flags = 0,
                   .cut = 0,
                   .unreadable = 0,
                   .time = 5'000'000'009,
                   .start = 4'000'000'003,
                   .pid = 101,
                   .tid = 102,
                   .ppid = 103,
                   .uid = 104,
                   .gid = 105,
                   .exec_id = 106,
                   .comm = "some-comm"};
  return header;
}

template <typename Fixed>
Bytes with_size(Fixed fixed, std::string_view strings = "") {
  fixed.header.size = static_cast<__u32>(sizeof fixed + strings.size());
  Bytes bytes(fixed.header.size);
  std::memcpy(bytes.data(), &fixed, sizeof fixed);
  if (!strings.empty()) std::memcpy(bytes.data() + sizeof fixed, strings.data(), strings.size());
  return bytes;
}

inline aa_fork some_fork(aa_kind kind = AA_FORK) {
  return {.header = some_header(kind), .child_start = 4'500'000'000, .child_pid = 201, .reserved = 0};
}

inline aa_exit some_exit(unsigned status) { return {.header = some_header(AA_EXIT), .status = status, .reserved = 0}; }

// "/a/b/c" to "c/b/a/", as a walk finds it.
inline std::string walked(std::string_view path) {
  std::string names;
  while (path.size() > 1) {
    const std::size_t slash = path.rfind('/');
    names.append(path.substr(slash + 1)).push_back('/');
    path = path.substr(0, slash);
  }
  return names;
}

class ExecRecord {
 public:
  aa_exec fixed{.header = some_header(AA_EXEC), .error = 0, .argv_bytes = 0};

  ExecRecord& filename(std::string_view text) { return put(fixed.filename, text); }
  ExecRecord& argv(std::string_view text) { return put(fixed.argv, text); }
  ExecRecord& cwd(std::string_view path) { return put(fixed.cwd.names, walked(path)); }
  ExecRecord& exe(std::string_view path) { return put(fixed.exe.names, walked(path)); }
  ExecRecord& base(std::string_view path) { return put(fixed.base.names, walked(path)); }
  ExecRecord& flags(unsigned flags) {
    fixed.header.flags = static_cast<__u8>(flags);
    return *this;
  }
  ExecRecord& cut(aa_exec_string string) {
    fixed.header.cut |= static_cast<__u8>(1 << string);
    return *this;
  }
  ExecRecord& unreadable(aa_exec_string string) {
    fixed.header.unreadable |= static_cast<__u8>(1 << string);
    return *this;
  }
  ExecRecord& error(int negative_errno) {
    fixed.error = negative_errno;
    return *this;
  }
  // A file without a path: the one name that the walk found.
  ExecRecord& detached_exe(std::string_view name, unsigned mode, std::uint64_t inode) {
    fixed.exe.flags = AA_PATH_DETACHED;
    fixed.exe.mode = static_cast<__u16>(mode);
    fixed.exe.inode = inode;
    return put(fixed.exe.names, std::string(name) + "/");
  }
  ExecRecord& put(aa_span& span, std::string_view text) {
    span = {.offset = static_cast<__u16>(sizeof fixed + strings_.size()), .length = static_cast<__u16>(text.size())};
    strings_ += text;
    return *this;
  }
  Bytes bytes() const { return with_size(fixed, strings_); }

 private:
  std::string strings_;
};

inline ExecRecord some_exec() {
  using namespace std::string_view_literals;
  ExecRecord record;
  record.filename("bin/ls").argv("ls\0-l\0"sv).cwd("/home/me").exe("/usr/bin/ls");
  record.fixed.argv_bytes = 6;
  return record;
}

}  // namespace aa::test
