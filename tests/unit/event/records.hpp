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

inline aa_exit some_exit(unsigned status) {
  return {.header = some_header(AA_EXIT),
          .status = status,
          .left = 0,
          .table = 0,
          .max_rss = 10,
          .utime = 30'000'000,
          .stime = 10'000'000,
          .runtime = 44'000'000};
}

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

// What the builders have in common. `String`: the enum of the record's strings.
template <typename Self, typename Fixed, typename String>
class Builder {
 public:
  Fixed fixed{};

  // enum aa_record_flag
  Self& flags(unsigned flags) {
    fixed.header.flags = static_cast<__u8>(flags);
    return self();
  }
  Self& cut(String string) {
    fixed.header.cut |= static_cast<__u8>(1 << string);
    return self();
  }
  Self& unreadable(String string) {
    fixed.header.unreadable |= static_cast<__u8>(1 << string);
    return self();
  }
  Self& error(int negative_errno) {
    fixed.error = negative_errno;
    return self();
  }
  Self& put(aa_span& span, std::string_view text) {
    span = {.offset = static_cast<__u16>(sizeof fixed + strings_.size()), .length = static_cast<__u16>(text.size())};
    strings_ += text;
    return self();
  }
  // A file without a path: the one name that the walk found.
  Self& put_detached(aa_path& path, std::string_view name, unsigned mode, std::uint64_t inode) {
    path.flags = AA_PATH_DETACHED;
    path.mode = static_cast<__u16>(mode);
    path.inode = inode;
    return put(path.names, std::string(name) + "/");
  }
  Bytes bytes() const { return with_size(fixed, strings_); }

 private:
  Self& self() { return static_cast<Self&>(*this); }

  std::string strings_;
};

class ExecRecord : public Builder<ExecRecord, aa_exec, aa_exec_string> {
 public:
  ExecRecord() { fixed.header = some_header(AA_EXEC); }

  ExecRecord& filename(std::string_view text) { return put(fixed.filename, text); }
  ExecRecord& argv(std::string_view text) { return put(fixed.argv, text); }
  ExecRecord& cwd(std::string_view path) { return put(fixed.cwd.names, walked(path)); }
  ExecRecord& exe(std::string_view path) { return put(fixed.exe.names, walked(path)); }
  ExecRecord& base(std::string_view path) { return put(fixed.base.names, walked(path)); }
  ExecRecord& detached_exe(std::string_view name, unsigned mode, std::uint64_t inode) {
    return put_detached(fixed.exe, name, mode, inode);
  }
};

inline ExecRecord some_exec() {
  using namespace std::string_view_literals;
  ExecRecord record;
  record.filename("bin/ls").argv("ls\0-l\0"sv).cwd("/home/me").exe("/usr/bin/ls");
  record.fixed.argv_bytes = 6;
  return record;
}

class FileRecord : public Builder<FileRecord, aa_file, aa_file_string> {
 public:
  explicit FileRecord(aa_kind kind) {
    fixed.header = some_header(kind);
    fixed.fd = -1;
  }

  // The file's own path.
  FileRecord& path(std::string_view path) {
    fixed.place = AA_PLACE_FILE;
    return put(fixed.path.names, walked(path));
  }
  FileRecord& new_path(std::string_view path) {
    fixed.new_place = AA_PLACE_FILE;
    return put(fixed.new_path.names, walked(path));
  }
  FileRecord& detached_path(std::string_view name, unsigned mode, std::uint64_t inode) {
    fixed.place = AA_PLACE_FILE;
    return put_detached(fixed.path, name, mode, inode);
  }
  // What the name is relative to. Not called for an absolute one: then nothing is looked at.
  FileRecord& directory(std::string_view path) { return put(fixed.path.names, walked(path)); }
  FileRecord& new_directory(std::string_view path) { return put(fixed.new_path.names, walked(path)); }
  // A name beside the file's own path; otherwise relative to the directory.
  FileRecord& name(std::string_view text) {
    if (fixed.place == AA_PLACE_NONE) fixed.place = AA_PLACE_BASE;
    return put(fixed.name, text);
  }
  FileRecord& new_name(std::string_view text) {
    if (fixed.new_place == AA_PLACE_NONE) fixed.new_place = AA_PLACE_BASE;
    return put(fixed.new_name, text);
  }
  FileRecord& text(std::string_view text) { return put(fixed.text, text); }
  FileRecord& root(std::string_view path) { return mark(AA_FILE_CHROOTED).put(fixed.root.names, walked(path)); }
  // enum aa_file_mark
  FileRecord& mark(unsigned marks) {
    fixed.marks |= static_cast<__u16>(marks);
    return *this;
  }
  FileRecord& fd(std::uint32_t fd) {
    fixed.fd = static_cast<__s32>(fd);
    return *this;
  }
  FileRecord& size(std::int64_t size) {
    fixed.size = size;
    return *this;
  }
  FileRecord& offset(std::int64_t offset) {
    fixed.offset = offset;
    return *this;
  }
};

inline aa_io some_io(unsigned marks = AA_IO_CLOSED) {
  return {.header = some_header(AA_IO),
          .fd = 7,
          .marks = marks,
          .generation = 4'700'000'007,
          .totals = {.reads = 301, .read_bytes = 302, .writes = 303, .written_bytes = 304}};
}

// A request of io_uring, and what comes of it: the same address in `offset`.
inline FileRecord some_request(aa_kind kind, std::int64_t address) {
  return FileRecord(kind).flags(AA_URING).mark(AA_FILE_PENDING).offset(address);
}
inline FileRecord some_result(std::int64_t address) { return FileRecord(AA_RESULT).flags(AA_URING).offset(address); }

}  // namespace aa::test
