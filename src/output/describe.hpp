// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The keys of each event and their order (aa-trace(1), EVENTS), once for all formats.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.hpp"
#include "output/flag_names.hpp"
#include "output/writer.hpp"

namespace aa {

// "ENOENT"; the number for what has no name. "SECCOMP" for AA_REFUSED.
std::string error_name(int error);
// "SIGKILL", "SIGRTMIN+3".
std::string signal_name(int signal);

// Under which key an event says that the file of a path had no name any more: `path` is what it is about.
std::string deleted_key(std::string_view path_key);

// Whose event it is: what all lines of a thread have in common.
template <EventWriter Writer>
void describe_head(const Event& event, Writer& writer) {
  writer.number("pid", event.pid);
  writer.number("tid", event.tid);
  writer.number("ppid", event.ppid);
  writer.number("uid", event.uid);
  writer.number("gid", event.gid);
  writer.string("comm", Text::of(event.comm));
  if constexpr (Writer::kDetailed) {
    writer.process("proc", event);
    writer.string("exe", event.exe);
  }
}

template <EventWriter Writer>
void describe_flags(const Event& event, bool always, Writer& writer) {
  if (event.file.flags || always) writer.word("flags", FlagText(event.kind, event.file.flags).view());
}

template <EventWriter Writer>
void describe_transfer(const Event& event, Writer& writer) {
  if (event.error) writer.word("error", error_name(event.error));
  else writer.number("bytes", event.file.size);
  if (event.file.offset) writer.number("offset", *event.file.offset);
}

template <EventWriter Writer>
void describe_totals(const Event& event, Writer& writer) {
  writer.number("reads", event.io.totals.reads);
  writer.number("read_bytes", event.io.totals.read_bytes);
  writer.number("writes", event.io.totals.writes);
  writer.number("written_bytes", event.io.totals.written_bytes);
  if (event.io.closed) writer.flag("closed");
}

template <EventWriter Writer>
void describe_open(const Event& event, Writer& writer) {
  if (!event.file.flags_unreadable) describe_flags(event, true, writer);
  if (event.file.flags_truncated) writer.flag("flags_truncated");
  else if (creates_file(event.file.flags)) writer.octal("mode", event.file.mode);
  if (event.file.created) writer.flag("created");
}

// A file that is opened with O_DIRECT is made before its file system says that it has no such thing (do_dentry_open(),
// fs/open.c). Without a hook nobody knows whether it was there before.
inline bool may_have_created(const Event& event) {
  constexpr std::uint32_t kBoth = O_CREAT | O_DIRECT;
  return event.kind == AA_OPEN && event.error == EINVAL && (event.file.flags & kBoth) == kBoth && !event.file.created &&
         !event.file.not_created;
}

template <EventWriter Writer>
void describe_owner(const Event& event, Writer& writer) {
  if (event.file.new_uid != FilePart::kUnchanged) writer.number("new_uid", event.file.new_uid);
  if (event.file.new_gid != FilePart::kUnchanged) writer.number("new_gid", event.file.new_gid);
}

template <EventWriter Writer>
void describe_users(const Event& event, Writer& writer) {
  if constexpr (Writer::kDetailed) {
    if (event.exec.loginuid) writer.number("loginuid", *event.exec.loginuid);
    if (event.exec.ruid && *event.exec.ruid != event.uid) writer.number("ruid", *event.exec.ruid);
  }
}

template <EventWriter Writer>
void describe_exit(const Event& event, Writer& writer) {
  if (event.process.signal) writer.word("signal", signal_name(event.process.signal));
  else writer.number("code", event.process.code);
  if (event.process.core_dumped) writer.flag("core_dumped");
  writer.seconds("duration", event.time - event.process.began);
  if constexpr (Writer::kDetailed) {
    if (event.process.max_rss) writer.number("max_rss", *event.process.max_rss);
    if (!event.process.cpu_time) return;
    writer.seconds("user_time", event.process.cpu_time->user);
    writer.seconds("system_time", event.process.cpu_time->system);
  }
}

// Of several the most important one is what counts; a format that can has them all.
template <EventWriter Writer>
[[gnu::cold, gnu::noinline]] void describe_alerts(const Event& event, Writer& writer) {
  const Alert& most = event.alerts.front();
  writer.alert("alert", most.name);
  writer.string("level", Text::of(level_name(most.level)));
  writer.string("rule", Text::of(most.rule));
  writer.alerts("alerts", event.alerts);
}

template <EventWriter Writer>
void describe_file_id(const Event& event, Writer& writer) {
  if constexpr (Writer::kDetailed) {
    if (!event.file.id) return;
    writer.device("dev", event.file.id->major, event.file.id->minor);
    writer.number("inode", event.file.id->inode);
  }
}

template <EventWriter Writer>
void describe_values(const Event& event, Writer& writer) {
  describe_file_id(event, writer);
  if (event.file.fd && !(*event.file.fd & AA_FD_FIXED)) writer.number("fd", *event.file.fd);
  if (event.kind == AA_READ || event.kind == AA_WRITE) return describe_transfer(event, writer);
  if (event.error) writer.word("error", error_name(event.error));
  switch (event.kind) {
    case AA_FORK: writer.number("child_pid", event.process.child_pid); break;
    case AA_EXEC: describe_users(event, writer); break;
    case AA_EXIT: describe_exit(event, writer); break;
    case AA_OPEN: describe_open(event, writer); break;
    case AA_IO: describe_totals(event, writer); break;
    case AA_MMAP:
      if (!event.file.arguments_unreadable) writer.number("length", event.file.size);
      break;
    case AA_MKDIR:
    case AA_MKNOD:
    case AA_CHMOD: writer.octal("mode", event.file.mode); break;
    case AA_RENAME:
      describe_flags(event, false, writer);
      if (event.file.replaced) writer.truth("replaced", *event.file.replaced);
      break;
    case AA_CHOWN: describe_owner(event, writer); break;
    case AA_TRUNCATE:
      writer.number("size", event.file.size);
      describe_flags(event, false, writer);
      break;
    case AA_XATTR:
      if (event.file.removed) writer.flag("removed");
      break;
    default: break;
  }
}

template <StringWriter Writer>
void describe_exec_strings(const Event& event, bool with_exe, Writer& writer) {
  if (with_exe && !event.error) writer.string("exe", event.exe);
  writer.string("script", event.exec.script);
  writer.string("path", event.file.path);
  writer.string("filename", event.exec.filename);
  writer.string("cwd", event.exec.cwd);
  writer.argv("argv", event.exec.argv);
  writer.environment("env", event.exec.env);
  writer.names("lineage", event.exec.lineage);
}

// An extended attribute has the key `name` for itself: what was asked for is then its `filename`.
template <StringWriter Writer>
void describe_file_strings(const Event& event, Writer& writer) {
  const bool attribute = event.kind == AA_XATTR;
  writer.string(attribute ? "name" : "target", event.file.text);
  writer.string("path", event.file.path);
  writer.string(attribute ? "filename" : "name", event.file.name);
  writer.string("new_path", event.file.new_path);
  writer.string("new_name", event.file.new_name);
}

// `with_exe`: an exec shows its binary here; a format that shows it for every event has done so already.
template <StringWriter Writer>
void describe_strings(const Event& event, bool with_exe, Writer& writer) {
  if (event.kind == AA_EXEC) describe_exec_strings(event, with_exe, writer);
  else describe_file_strings(event, writer);
}

// A writer that only collects the keys of what could not be read.
class UnreadableKeys {
 public:
  void string(std::string_view key, const Text& text) { note(key, text.state); }
  void argv(std::string_view key, const Argv& argv) { note(key, argv.state); }
  void environment(std::string_view key, const Argv& env) { note(key, env.state); }
  void names(std::string_view key, const Lineage& lineage) { note(key, lineage.state); }
  const std::vector<std::string_view>& keys() const { return keys_; }

 private:
  void note(std::string_view key, Text::State state) {
    if (state == Text::State::kUnreadable) keys_.push_back(key);
  }
  std::vector<std::string_view> keys_;
};

inline void describe_unreadable_details(const Event& event, UnreadableKeys& unreadable) {
  if (event.kind != AA_EXIT) return;
  if (!event.process.max_rss) unreadable.string("max_rss", Text::unreadable());
  if (event.process.cpu_time) return;
  for (const char* key : {"user_time", "system_time"}) unreadable.string(key, Text::unreadable());
}

// What stands between an event's values and its strings.
template <EventWriter Writer>
void describe_marks(const Event& event, bool with_exe, Writer& writer) {
  if (event.compat) writer.flag("compat");
  if (event.via_uring) writer.word("via", "io_uring");
  if (event.file.lexical) writer.flag("lexical");
  if (event.file.doubtful) writer.flag("doubtful");
  if (event.file.unverified) writer.flag("unverified");
  UnreadableKeys unreadable;
  if (event.file.no_result) unreadable.string("error", Text::unreadable());
  describe_strings(event, with_exe, unreadable);
  if (event.file.flags_unreadable) unreadable.string("flags", Text::unreadable());
  if (event.file.flags_truncated && creates_file(event.file.flags)) unreadable.string("mode", Text::unreadable());
  if (event.file.offset_unreadable) unreadable.string("offset", Text::unreadable());
  if (event.file.arguments_unreadable)
    for (const char* key : {"fd", "length"}) unreadable.string(key, Text::unreadable());
  if (may_have_created(event)) unreadable.string("created", Text::unreadable());
  if constexpr (Writer::kDetailed) describe_unreadable_details(event, unreadable);
  if (!with_exe) unreadable.string("exe", event.exe);
  if (!unreadable.keys().empty()) writer.words("unreadable", unreadable.keys());
}

}  // namespace aa
