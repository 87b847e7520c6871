// SPDX-License-Identifier: MIT OR Apache-2.0
#include "decode.hpp"

#include <sys/wait.h>

#include <cstring>

#include "lexical.hpp"
#include "raw_record.hpp"

namespace aa {
namespace {

constexpr int kMaxErrno = 4095;  // MAX_ERRNO, include/linux/err.h
constexpr std::string_view kDescriptorDir = "/dev/fd/";

std::string_view comm_of(std::span<const std::byte> record) {
  const char* comm = reinterpret_cast<const char*>(record.data()) + offsetof(aa_header, comm);
  return {comm, ::strnlen(comm, AA_COMM_LEN)};
}

void fill_common(std::span<const std::byte> record, const aa_header& header, Event& event) {
  event = Event{.argv = {.arguments = std::move(event.argv.arguments)},
                .lineage = {.names = std::move(event.lineage.names)}};
  event.argv.arguments.clear();
  event.lineage.names.clear();
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
    default: return header->kind >= AA_OPEN && header->kind < AA_RESULT && decode_file(record, event);
  }
}

bool Decoder::decode_fork(std::span<const std::byte> record, Event& event) {
  const auto fork = fixed_part<aa_fork>(record);
  if (!fork) return false;
  event.child_pid = fork->child_pid;
  event.child_start = fork->child_start;
  return true;
}

bool Decoder::decode_exec(std::span<const std::byte> record, Event& event) {
  const auto exec = fixed_part<aa_exec>(record);
  if (!exec || exec->error > 0 || exec->error < -kMaxErrno) return false;
  const StringReader strings(record, exec->header);
  const bool generated = exec->header.flags & AA_GENERATED;
  Text base;
  event.error = -exec->error;
  if (!strings.text(exec->filename, AA_EXEC_FILENAME, event.filename)) return false;
  if (generated) event.filename.bytes = asked_name(event.filename.bytes);
  if (!event.error && !strings.path(exec->exe, AA_EXEC_EXE, exe_, event.exe)) return false;
  if (!event.asked) return true;
  if (!strings.argv(exec->argv, AA_EXEC_ARGV, event.argv)) return false;
  event.argv.total_bytes = exec->argv_bytes;
  if (!strings.path(exec->cwd, AA_EXEC_CWD, cwd_, event.cwd)) return false;
  if (event.error && (exec->base.names.offset || strings.unreadable(AA_EXEC_BASE))) {
    if (!strings.path(exec->base, AA_EXEC_BASE, base_, base)) return false;
    event.path = lexical_path(Text::of("/"), base, event.filename, path_);
    event.lexical = true;
  }
  if (!(exec->header.flags & AA_SCRIPT)) return true;
  if (generated && !strings.path(exec->base, AA_EXEC_BASE, base_, base)) return false;
  event.script = lexical_path(Text::of("/"), generated ? base : event.cwd, event.filename, script_);
  return true;
}

bool Decoder::decode_exit(std::span<const std::byte> record, Event& event) {
  const auto exit = fixed_part<aa_exit>(record);
  if (!exit) return false;
  const int status = static_cast<int>(exit->status);
  event.signal = WTERMSIG(status);
  event.code = WEXITSTATUS(status);
  event.core_dumped = WCOREDUMP(status);
  event.left = exit->left;
  event.table = exit->table;
  return true;
}

bool Decoder::decode_file(std::span<const std::byte> record, Event& event) {
  const auto file = fixed_part<aa_file>(record);
  if (!file || file->error > 0 || file->error < -kMaxErrno) return false;
  const StringReader strings(record, file->header);
  event.error = -file->error;
  if (file->fd != -1) event.fd = static_cast<std::uint32_t>(file->fd);
  event.flags = file->flags;
  event.mode = file->mode;
  event.flags_unreadable = file->marks & AA_FILE_NO_FLAGS;
  event.flags_truncated = file->marks & AA_FILE_SOME_FLAGS;
  event.offset_unreadable = file->marks & AA_FILE_NO_OFFSET;
  event.arguments_unreadable = file->marks & AA_FILE_NO_ARGUMENTS;
  event.size = file->size;
  if (file->marks & AA_FILE_POSITIONED) event.offset = file->offset;
  event.new_uid = file->uid;
  event.new_gid = file->gid;
  event.created = file->marks & AA_FILE_CREATED;
  event.removed = file->marks & AA_FILE_REMOVED;
  event.no_result = file->marks & AA_FILE_NO_RESULT;
  event.unverified = file->marks & AA_FILE_UNVERIFIED;
  event.doubtful = file->marks & AA_FILE_DOUBTFUL;
  if (event.kind == AA_DESCRIPTOR) {
    event.generation = static_cast<std::uint64_t>(file->size);
    event.table = static_cast<std::uint64_t>(file->offset);
  }
  event.orphan = file->marks & AA_FILE_ORPHAN;
  if (has_text(event.kind) && !strings.text(file->text, AA_FILE_TEXT, event.text)) return false;
  Text root = Text::of("/");
  if (file->marks & AA_FILE_CHROOTED && !strings.path(file->root, AA_FILE_ROOT, root_, root)) return false;
  const auto place = [&](const Place& what, std::string& buffer, Text& path, Text& name) {
    return decode_place(strings, what, root, event, buffer, path, name);
  };
  return place({file->place, file->path, file->name, AA_FILE_PATH, AA_FILE_NAME}, path_, event.path, event.name) &&
         place({file->new_place, file->new_path, file->new_name, AA_FILE_NEW_PATH, AA_FILE_NEW_NAME}, new_path_,
               event.new_path, event.new_name);
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
    if (event.error || !name.present() || !name.bytes.empty()) event.lexical = true;
    path = lexical_path(root, path, name, buffer);
  }
  if (name.state == Text::State::kUnreadable && lexical) name = {};
  if (name.present() && path.present() && name.bytes == path.bytes) name = {};
  return true;
}

bool Decoder::decode_io(std::span<const std::byte> record, Event& event) {
  const auto io = fixed_part<aa_io>(record);
  if (!io) return false;
  event.fd = io->fd;
  event.generation = io->generation;
  event.table = io->table;
  event.totals = io->totals;
  event.closed = io->marks & AA_IO_CLOSED;
  event.late = io->marks & AA_IO_LATE;
  event.orphan = io->marks & AA_IO_ORPHAN;
  event.unverified = io->marks & AA_IO_UNVERIFIED;
  return true;
}

}  // namespace aa
