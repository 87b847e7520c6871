// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The keys of each event and their order (aa-trace(1), EVENTS), once for all formats. A writer has number(), word(),
// flag(), seconds(), octal(), string(), argv(), names() and alerts(), each with the key first; those with a Text leave
// out what is absent or unreadable. Words need no escaping.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "event.hpp"
#include "flag_names.hpp"

namespace aa {

// "ENOENT"; the number for what has no name. "SECCOMP" for AA_REFUSED.
std::string error_name(int error);
// "SIGKILL", "SIGRTMIN+3".
std::string signal_name(int signal);

// Under which key an event says that the file of a path had no name any more: `path` is what it is about.
std::string deleted_key(std::string_view path_key);

template <typename Writer>
void describe_flags(const Event& event, bool always, Writer& writer) {
  if (event.flags || always) writer.word("flags", FlagText(event.kind, event.flags).view());
}

template <typename Writer>
void describe_transfer(const Event& event, Writer& writer) {
  if (event.error) writer.word("error", error_name(event.error));
  else writer.number("bytes", event.size);
  if (event.offset) writer.number("offset", *event.offset);
}

template <typename Writer>
void describe_totals(const Event& event, Writer& writer) {
  writer.number("reads", event.totals.reads);
  writer.number("read_bytes", event.totals.read_bytes);
  writer.number("writes", event.totals.writes);
  writer.number("written_bytes", event.totals.written_bytes);
  if (event.closed) writer.flag("closed");
}

template <typename Writer>
void describe_open(const Event& event, Writer& writer) {
  if (!event.flags_unreadable) describe_flags(event, true, writer);
  if (event.flags_truncated) writer.flag("flags_truncated");
  else if (creates_file(event.flags)) writer.octal("mode", event.mode);
  if (event.created) writer.flag("created");
}

// A file that is opened with O_DIRECT is made before its file system says that it has no such thing (do_dentry_open(),
// fs/open.c).
inline bool may_have_created(const Event& event) {
  constexpr std::uint32_t kBoth = O_CREAT | O_DIRECT;
  return event.kind == AA_OPEN && event.error == EINVAL && (event.flags & kBoth) == kBoth && !event.created;
}

template <typename Writer>
void describe_owner(const Event& event, Writer& writer) {
  if (event.new_uid != Event::kUnchanged) writer.number("new_uid", event.new_uid);
  if (event.new_gid != Event::kUnchanged) writer.number("new_gid", event.new_gid);
}

template <typename Writer>
void describe_exit(const Event& event, Writer& writer) {
  if (event.signal) writer.word("signal", signal_name(event.signal));
  else writer.number("code", event.code);
  if (event.core_dumped) writer.flag("core_dumped");
  writer.seconds("duration", event.time - event.start);
}

// Of several the most important one is what counts; a format that can has them all.
template <typename Writer>
[[gnu::cold, gnu::noinline]] void describe_alerts(const Event& event, Writer& writer) {
  const Alert& most = event.alerts.front();
  writer.alert("alert", most.name);
  writer.string("level", Text::of(level_name(most.level)));
  writer.string("rule", Text::of(most.rule));
  writer.alerts("alerts", event.alerts);
}

template <typename Writer>
void describe_values(const Event& event, Writer& writer) {
  if (event.fd && !(*event.fd & AA_FD_FIXED)) writer.number("fd", *event.fd);
  if (event.kind == AA_READ || event.kind == AA_WRITE) return describe_transfer(event, writer);
  if (event.error) writer.word("error", error_name(event.error));
  switch (event.kind) {
    case AA_FORK: writer.number("child_pid", event.child_pid); break;
    case AA_EXIT: describe_exit(event, writer); break;
    case AA_OPEN: describe_open(event, writer); break;
    case AA_IO: describe_totals(event, writer); break;
    case AA_MMAP:
      if (!event.arguments_unreadable) writer.number("length", event.size);
      break;
    case AA_MKDIR:
    case AA_MKNOD:
    case AA_CHMOD: writer.octal("mode", event.mode); break;
    case AA_RENAME: describe_flags(event, false, writer); break;
    case AA_CHOWN: describe_owner(event, writer); break;
    case AA_TRUNCATE:
      writer.number("size", event.size);
      describe_flags(event, false, writer);
      break;
    case AA_XATTR:
      if (event.removed) writer.flag("removed");
      break;
    default: break;
  }
}

template <typename Writer>
void describe_exec_strings(const Event& event, bool with_exe, Writer& writer) {
  if (with_exe && !event.error) writer.string("exe", event.exe);
  writer.string("script", event.script);
  writer.string("path", event.path);
  writer.string("filename", event.filename);
  writer.string("cwd", event.cwd);
  writer.argv("argv", event.argv);
  writer.names("lineage", event.lineage);
}

// An extended attribute has the key `name` for itself: what was asked for is then its `filename`.
template <typename Writer>
void describe_file_strings(const Event& event, Writer& writer) {
  const bool attribute = event.kind == AA_XATTR;
  writer.string(attribute ? "name" : "target", event.text);
  writer.string("path", event.path);
  writer.string(attribute ? "filename" : "name", event.name);
  writer.string("new_path", event.new_path);
  writer.string("new_name", event.new_name);
}

// `with_exe`: an exec shows its binary here; a format that shows it for every event has done so already.
template <typename Writer>
void describe_strings(const Event& event, bool with_exe, Writer& writer) {
  if (event.kind == AA_EXEC) describe_exec_strings(event, with_exe, writer);
  else describe_file_strings(event, writer);
}

// A writer that only collects the keys of what could not be read.
class UnreadableKeys {
 public:
  void string(std::string_view key, const Text& text) { note(key, text.state); }
  void argv(std::string_view key, const Argv& argv) { note(key, argv.state); }
  void names(std::string_view key, const Lineage& lineage) { note(key, lineage.state); }
  const std::vector<std::string_view>& keys() const { return keys_; }

 private:
  void note(std::string_view key, Text::State state) {
    if (state == Text::State::kUnreadable) keys_.push_back(key);
  }
  std::vector<std::string_view> keys_;
};

// What stands between an event's values and its strings.
template <typename Writer>
void describe_marks(const Event& event, bool with_exe, Writer& writer) {
  if (event.compat) writer.flag("compat");
  if (event.via_uring) writer.word("via", "io_uring");
  if (event.lexical) writer.flag("lexical");
  if (event.doubtful) writer.flag("doubtful");
  if (event.unverified) writer.flag("unverified");
  UnreadableKeys unreadable;
  if (event.no_result) unreadable.string("error", Text::unreadable());
  describe_strings(event, with_exe, unreadable);
  if (event.flags_unreadable) unreadable.string("flags", Text::unreadable());
  if (event.flags_truncated && creates_file(event.flags)) unreadable.string("mode", Text::unreadable());
  if (event.offset_unreadable) unreadable.string("offset", Text::unreadable());
  if (event.arguments_unreadable)
    for (const char* key : {"fd", "length"}) unreadable.string(key, Text::unreadable());
  if (may_have_created(event)) unreadable.string("created", Text::unreadable());
  if (!with_exe) unreadable.string("exe", event.exe);
  if (!unreadable.keys().empty()) writer.words("unreadable", unreadable.keys());
}

}  // namespace aa
