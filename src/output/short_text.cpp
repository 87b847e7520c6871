// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/short_text.hpp"

#include <linux/fs.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "base/path_text.hpp"
#include "event/kinds.hpp"
#include "output/columns.hpp"
#include "output/describe.hpp"

namespace aa {
namespace {

constexpr std::string_view kUnreadable = "(unreadable)", kCut = " (cut)";

void append_owner(std::string& text, const Event& event) {
  text += " owner ";
  if (event.file.new_uid != FilePart::kUnchanged) append_number(text, event.file.new_uid);
  text.push_back(':');
  if (event.file.new_gid != FilePart::kUnchanged) append_number(text, event.file.new_gid);
}

// The target of a symbolic link, the name of an attribute.
void append_word_of(std::string& text, const Text& word) {
  if (!word.present()) {
    text += kUnreadable;
    return;
  }
  append_short_word(text, word.bytes);
  if (word.truncated) text += kCut;
}

// Where what is run by its mere name is looked for: then that says what it is.
bool is_usual_place(std::string_view program) {
  static constexpr std::string_view kPlaces[] = {
      "/bin/", "/sbin/", "/lib", "/usr/bin/", "/usr/sbin/", "/usr/lib", "/usr/local/bin/", "/usr/local/sbin/"};
  return program.find("/../") == std::string_view::npos &&
         std::any_of(std::begin(kPlaces), std::end(kPlaces),
                     [program](std::string_view place) { return program.starts_with(place); });
}

// A path that says where it is; not one of a descriptor, nor a mere name, which is below the working directory.
bool says_where(std::string_view path) {
  return path.find('/') != std::string_view::npos && !path.starts_with("/dev/fd/") && !path.starts_with("/proc/");
}

// Whoever runs a program chooses its first argument. Of a script the kernel does.
bool names_what_ran(const ExecPart& exec) {
  if (exec.script.present() || exec.argv.state != Text::State::kPresent || exec.argv.arguments.empty()) return true;
  std::string_view name = exec.argv.arguments.front();
  const std::string_view file = exec.filename.bytes;
  if (name == file) return says_where(file);
  if (name.starts_with('-')) name.remove_prefix(1);  // a login shell
  return name == base_name(file) && is_usual_place(file);
}

void append_program(std::string& out, const ShortStyle& style, const Event& event) {
  if (event.kind != AA_EXEC || event.error || names_what_ran(event.exec)) return;
  out += " (";
  append_short_text(out, style, event.exe.present() ? event.exe : event.exec.filename);
  out.push_back(')');
}

// One that a shell would take for a variable is in quotes: those of the exec itself stand before it.
void append_first_word(std::string& text, std::string_view word) {
  if (word.find('=') == std::string_view::npos || word.find('\'') != std::string_view::npos) {
    append_short_word(text, word);
    return;
  }
  std::string bare;
  append_short_word(bare, word);
  if (bare == word) text.append(1, '\'').append(word).push_back('\'');
  else text += bare;
}

std::string bytes_of(const Event& event) {
  std::string size;
  append_size(size, static_cast<std::uint64_t>(std::max<std::int64_t>(event.file.size, 0)));
  return size;
}

}  // namespace

ShortDeed short_deed(const ShortStyle& style, const Event& event) {
  std::string text;
  append_short_text(text, style, event.file.path);
  switch (event.kind) {
    case AA_FORK: return {Mark::kForked, std::to_string(event.process.child_pid)};
    case AA_MKDIR:
    case AA_RMDIR:
      if (!text.ends_with('/')) text.push_back('/');
      return {event.kind == AA_MKDIR ? Mark::kMade : Mark::kRemoved, std::move(text)};
    case AA_MKNOD: return {Mark::kMade, std::move(text)};
    case AA_SYMLINK:
      text.append(" -> ");
      append_word_of(text, event.file.text);
      return {Mark::kMade, std::move(text)};
    case AA_LINK: {
      std::string made;
      append_short_text(made, style, event.file.new_path);
      return {Mark::kMade, made + " = " + text};
    }
    case AA_RENAME: append_second(text, style, event); return {Mark::kRenamed, std::move(text)};
    case AA_UNLINK: return {Mark::kRemoved, std::move(text)};
    case AA_CHMOD:
      text.push_back(' ');
      append_octal(text, event.file.mode & 07777);  // some programs give the type of the file too
      return {Mark::kAttributes, std::move(text)};
    case AA_CHOWN: append_owner(text, event); return {Mark::kAttributes, std::move(text)};
    case AA_UTIME: return {Mark::kAttributes, text + " times"};
    case AA_XATTR:
      text += event.file.removed ? " no xattr " : " xattr ";
      append_word_of(text, event.file.text);
      return {Mark::kAttributes, std::move(text)};
    case AA_TRUNCATE:
    case AA_WRITE: return {Mark::kChanged, std::move(text), bytes_of(event)};
    case AA_READ: return {Mark::kRead, std::move(text), bytes_of(event)};
    case AA_MMAP: return {Mark::kChanged, text + " (mapped)"};
    case AA_CLOSE: return {Mark::kClosed, std::move(text)};
    default: return {Mark::kChanged, std::string(event_name(event.kind)) + " " + text};
  }
}

std::string short_command(const ShortStyle& style, const Event& event) {
  const Argv &argv = event.exec.argv, &env = event.exec.env;
  std::string text;
  if (env.state == Text::State::kPresent)
    for (const std::string_view variable : env.arguments) append_short_word(text, variable), text += ' ';
  if (env.truncated) text += "\u2026 ";
  if (env.state == Text::State::kUnreadable) text += "(environment unreadable) ";
  if (argv.state != Text::State::kPresent || argv.arguments.empty()) {
    append_short_text(text, style, event.exec.filename.present() ? event.exec.filename : event.exe);
    if (argv.state == Text::State::kUnreadable) text += " (arguments unreadable)";
    return text;
  }
  append_first_word(text, argv.arguments.front());
  for (std::size_t i = 1; i < argv.arguments.size(); i++) text += ' ', append_short_word(text, argv.arguments[i]);
  if (argv.truncated) text += " \u2026";
  return text;
}

void append_short_text(std::string& out, const ShortStyle& style, const Text& path) {
  if (!path.present()) {
    out += kUnreadable;
    return;
  }
  append_short_path(out, style, path.bytes);
  if (path.truncated) out += kCut;
  if (path.deleted) out += " (deleted)";
}

void append_second(std::string& out, const ShortStyle& style, const Event& event) {
  if (!event.file.new_path.present() && event.kind != AA_RENAME && event.kind != AA_LINK) return;
  const bool is_exchange = event.kind == AA_RENAME && event.file.flags & RENAME_EXCHANGE;
  out.append(is_exchange ? " <-> " : " -> ");
  append_short_text(out, style, event.file.new_path);
}

void append_short_notes(std::string& out, const ShortStyle& style, const Event& event) {
  append_program(out, style, event);
  if (event.file.no_result) out += " (unknown whether it failed)";
  if (event.file.flags_unreadable) out += " (flags unreadable)";
  if (event.file.doubtful) out += " (doubtful)";
  if (event.file.unverified) out += " (unverified)";
  if (event.via_uring) out += " (io_uring)";
  for (const Alert& alert : event.alerts) {
    out.append(style.color ? " \033[31m[" : " [").append(level_name(alert.level)).push_back(' ');
    append_short_word(out, alert.name);
    out.append(style.color ? "]\033[0m" : "]");
  }
}

}  // namespace aa
