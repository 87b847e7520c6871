// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/decode.hpp"

#include <linux/fs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/path_text.hpp"
#include "event/kinds.hpp"
#include "event/raw_record.hpp"

namespace aa {
namespace {

constexpr int kMaxErrno = 4095;  // MAX_ERRNO, include/linux/err.h
constexpr std::string_view kDescriptorDir = "/dev/fd/";

std::string_view comm_of(std::span<const std::byte> record) {
  const char* comm = reinterpret_cast<const char*>(record.data()) + offsetof(aa_header, comm);
  return {comm, ::strnlen(comm, AA_COMM_LEN)};
}

void fill_common(std::span<const std::byte> record, const aa_header& header, Event& event) {
  event = Event{.exec = {.argv = {.arguments = std::move(event.exec.argv.arguments)},
                         .env = {.arguments = std::move(event.exec.env.arguments)},
                         .lineage = {.names = std::move(event.exec.lineage.names)}}};
  event.exec.argv.arguments.clear();
  event.exec.env.arguments.clear();
  event.exec.lineage.names.clear();
  event.kind = static_cast<aa_kind>(header.kind);
  event.asked = !(header.flags & AA_UNASKED);
  event.compat = header.flags & AA_COMPAT;
  event.via_uring = header.flags & AA_URING;
  event.time = header.time;
  event.start = header.start;
  event.pid = header.pid;
  event.tid = header.tid;
  event.ppid = header.ppid;
  event.uid = header.uid;
  event.gid = header.gid;
  event.exec_id = header.exec_id;
  event.comm = comm_of(record);
}

// "/dev/fd/5/prog" to "prog", "/dev/fd/5" to "": what the caller gave beside the descriptor.
std::string_view asked_name(std::string_view generated) {
  if (!generated.starts_with(kDescriptorDir)) return generated;
  const std::size_t slash = generated.find('/', kDescriptorDir.size());
  return slash == std::string_view::npos ? std::string_view{} : generated.substr(slash + 1);
}

constexpr unsigned kMinorBits = 20;  // MINORBITS, include/linux/kdev_t.h

std::optional<FileId> file_id(const aa_file& file) {
  if (!file.device) return std::nullopt;
  return FileId{file.device >> kMinorBits, file.device & ((1u << kMinorBits) - 1), file.inode};
}

// Of a rename: what its hook saw, or what it was not to do.
std::optional<bool> replaced_by(const aa_file& file) {
  constexpr int kUncertain = AA_FILE_UNVERIFIED | AA_FILE_NO_RESULT | AA_FILE_NO_FLAGS;
  if (file.error || file.marks & kUncertain || file.flags & RENAME_EXCHANGE) return std::nullopt;
  if (file.flags & RENAME_NOREPLACE || file.marks & AA_FILE_NOT_REPLACED) return false;
  return file.marks & AA_FILE_REPLACED ? std::optional(true) : std::nullopt;
}

std::uint64_t page_kib() {
  static const auto bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return bytes / 1024;
}

bool has_text(aa_kind kind) { return kind == AA_SYMLINK || kind == AA_XATTR; }

// What `name` means to a process whose root is `root`, relative to `directory`.
Text lexical_path(const Text& root, const Text& directory, const Text& name, std::string& buffer) {
  const bool absolute = name.bytes.starts_with('/');
  const Text& from = absolute ? root : directory;
  if (!name.present() || !from.present() || !root.present()) return Text::unreadable();
  if (name.bytes.empty() || (absolute && root.truncated)) buffer = from.bytes;  // nothing leads out of a root
  else if (from.truncated) keep_known(from.bytes, name.bytes, buffer);
  else make_absolute(root.bytes, directory.bytes, name.bytes, buffer);
  // a name in a directory that is gone is of nothing, unless it leads out of it
  return {buffer, Text::State::kPresent, name.truncated || from.truncated, from.deleted && stays_below(name.bytes)};
}

}  // namespace

bool Decoder::decode(std::span<const std::byte> record, Event& event) {
  const auto header = fixed_part<aa_header>(record);
  if (!header || header->size < sizeof(aa_header) || header->size > record.size()) return false;
  record = record.first(header->size);
  fill_common(record, *header, event);
  switch (header->kind) {
    case AA_FORK:
    case AA_JOIN: return decode_fork(record, event);
    case AA_EXEC: return decode_exec(record, event);
    case AA_EXIT:
    case AA_TABLE: return decode_exit(record, event);
    case AA_IO: return decode_io(record, event);
    case AA_DESCRIPTOR: return decode_file(record, event);
    default: return file_kinds() & aa_kind_bit(header->kind) && decode_file(record, event);
  }
}

bool Decoder::decode_fork(std::span<const std::byte> record, Event& event) {
  const auto fork = fixed_part<aa_fork>(record);
  if (!fork) return false;
  event.process.child_pid = fork->child_pid;
  event.process.child_start = fork->child_start;
  return true;
}

bool Decoder::decode_exec(std::span<const std::byte> record, Event& event) {
  const auto exec = fixed_part<aa_exec>(record);
  if (!exec || exec->error > 0 || exec->error < -kMaxErrno) return false;
  const StringReader strings(record, exec->header);
  const bool generated = exec->header.flags & AA_GENERATED;
  Text base;
  event.error = -exec->error;
  if (!strings.text(exec->filename, AA_EXEC_FILENAME, event.exec.filename)) return false;
  if (generated) event.exec.filename.bytes = asked_name(event.exec.filename.bytes);
  if (!event.error && !strings.path(exec->exe, AA_EXEC_EXE, exe_, event.exe)) return false;
  if (!event.asked) return true;
  if (!strings.argv(exec->argv, AA_EXEC_ARGV, event.exec.argv)) return false;
  event.exec.argv.total_bytes = exec->argv_bytes;
  if (exec->loginuid != AA_NO_UID) event.exec.loginuid = exec->loginuid;
  event.exec.ruid = exec->ruid;
  if (exec->env.offset || strings.unreadable(AA_EXEC_ENV)) {
    if (!strings.argv(exec->env, AA_EXEC_ENV, event.exec.env)) return false;
    event.exec.env.total_bytes = exec->env_bytes;
  }
  if (!strings.path(exec->cwd, AA_EXEC_CWD, cwd_, event.exec.cwd)) return false;
  if (event.error && (exec->base.names.offset || strings.unreadable(AA_EXEC_BASE))) {
    if (!strings.path(exec->base, AA_EXEC_BASE, base_, base)) return false;
    event.file.path = lexical_path(Text::of("/"), base, event.exec.filename, path_);
    event.file.lexical = true;
  }
  if (!(exec->header.flags & AA_SCRIPT)) return true;
  if (generated && !strings.path(exec->base, AA_EXEC_BASE, base_, base)) return false;
  event.exec.script = lexical_path(Text::of("/"), generated ? base : event.exec.cwd, event.exec.filename, script_);
  return true;
}

bool Decoder::decode_exit(std::span<const std::byte> record, Event& event) {
  const auto exit = fixed_part<aa_exit>(record);
  if (!exit) return false;
  const int status = static_cast<int>(exit->status);
  event.process.began = event.start;
  event.process.signal = WTERMSIG(status);
  event.process.code = WEXITSTATUS(status);
  event.process.core_dumped = WCOREDUMP(status);
  event.process.left = exit->left;
  event.process.table = exit->table;
  const StringReader values(record, exit->header);
  if (!values.unreadable(AA_EXIT_MAX_RSS)) event.process.max_rss = exit->max_rss * page_kib();
  if (!values.unreadable(AA_EXIT_TIMES)) event.process.cpu_time = adjusted_time(*exit);
  return true;
}

bool Decoder::decode_file(std::span<const std::byte> record, Event& event) {
  const auto file = fixed_part<aa_file>(record);
  if (!file || file->error > 0 || file->error < -kMaxErrno) return false;
  const StringReader strings(record, file->header);
  event.error = -file->error;
  if (file->fd != -1) event.file.fd = static_cast<std::uint32_t>(file->fd);
  event.file.flags = file->flags;
  event.file.mode = file->mode;
  event.file.flags_unreadable = file->marks & AA_FILE_NO_FLAGS;
  event.file.flags_truncated = file->marks & AA_FILE_SOME_FLAGS;
  event.file.offset_unreadable = file->marks & AA_FILE_NO_OFFSET;
  event.file.arguments_unreadable = file->marks & AA_FILE_NO_ARGUMENTS;
  event.file.size = file->size;
  if (file->marks & AA_FILE_POSITIONED) event.file.offset = file->offset;
  event.file.new_uid = file->uid;
  event.file.new_gid = file->gid;
  event.file.id = file_id(*file);
  if (event.kind == AA_RENAME) {
    event.file.replaced = replaced_by(*file);
  } else {
    event.file.created = file->marks & AA_FILE_CREATED;
    event.file.not_created = file->marks & AA_FILE_NOT_CREATED;
  }
  event.file.removed = file->marks & AA_FILE_REMOVED;
  event.file.no_result = file->marks & AA_FILE_NO_RESULT;
  event.file.unverified = file->marks & AA_FILE_UNVERIFIED;
  event.file.doubtful = file->marks & AA_FILE_DOUBTFUL;
  if (event.kind == AA_DESCRIPTOR) {
    event.io.generation = static_cast<std::uint64_t>(file->size);
    event.io.table = static_cast<std::uint64_t>(file->offset);
  }
  event.io.orphan = file->marks & AA_FILE_ORPHAN;
  if (has_text(event.kind) && !strings.text(file->text, AA_FILE_TEXT, event.file.text)) return false;
  Text root = Text::of("/");
  if (file->marks & AA_FILE_CHROOTED && !strings.path(file->root, AA_FILE_ROOT, root_, root)) return false;
  const auto place = [&](const Place& what, std::string& buffer, Text& path, Text& name) {
    return decode_place(strings, what, root, event, buffer, path, name);
  };
  return place({file->place, file->path, file->name, AA_FILE_PATH, AA_FILE_NAME}, path_, event.file.path,
               event.file.name) &&
         place({file->new_place, file->new_path, file->new_name, AA_FILE_NEW_PATH, AA_FILE_NEW_NAME}, new_path_,
               event.file.new_path, event.file.new_name);
}

// A path and the name that was asked for. The name is told where it says more than the path.
bool Decoder::decode_place(const StringReader& strings, const Place& place, const Text& root, Event& event,
                           std::string& buffer, Text& path, Text& name) {
  if (place.kind == AA_PLACE_NONE) return true;
  const bool lexical = place.kind == AA_PLACE_BASE;
  if (!strings.path(place.path, place.path_string, lexical ? base_ : buffer, path)) return false;
  const bool has_name = place.name.offset || strings.unreadable(place.name_string);
  if (!lexical && !has_name) return true;
  if (!strings.text(place.name, place.name_string, name)) return false;
  if (lexical) {
    // the empty name is the directory itself, or the file of the descriptor that stands for it
    if (event.error || !name.present() || !name.bytes.empty()) event.file.lexical = true;
    path = lexical_path(root, path, name, buffer);
  }
  if (name.state == Text::State::kUnreadable && lexical) name = {};
  if (name.present() && path.present() && name.bytes == path.bytes) name = {};
  return true;
}

bool Decoder::decode_io(std::span<const std::byte> record, Event& event) {
  const auto io = fixed_part<aa_io>(record);
  if (!io) return false;
  event.file.fd = io->fd;
  event.io.generation = io->generation;
  event.io.table = io->table;
  event.io.totals = io->totals;
  event.io.closed = io->marks & AA_IO_CLOSED;
  event.io.late = io->marks & AA_IO_LATE;
  event.io.orphan = io->marks & AA_IO_ORPHAN;
  event.file.unverified = io->marks & AA_IO_UNVERIFIED;
  return true;
}

}  // namespace aa
