// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The keys of each event and their order (aa-trace(1), EVENTS), once for all formats. A writer has number(), word(),
// flag(), seconds(), octal(), string(), argv() and names(), each with the key first; those with a Text leave out what
// is absent or unreadable.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "event.hpp"

namespace aa {

// "ENOENT"; the number for what has no name.
std::string error_name(int error);
// "SIGKILL", "SIGRTMIN+3".
std::string signal_name(int signal);

template <typename Writer>
void describe_values(const Event& event, Writer& writer) {
  switch (event.kind) {
    case AA_FORK: writer.number("child_pid", event.child_pid); break;
    case AA_EXEC:
      if (event.error) writer.word("error", error_name(event.error));
      break;
    case AA_EXIT:
      if (event.signal) {
        writer.word("signal", signal_name(event.signal));
      } else {
        writer.number("code", static_cast<std::uint64_t>(event.code));
      }
      if (event.core_dumped) writer.flag("core_dumped");
      writer.seconds("duration", event.time - event.start);
      break;
    default: break;
  }
}

// `with_exe`: an exec shows its binary here; a format that shows it for every event has done so already.
template <typename Writer>
void describe_strings(const Event& event, bool with_exe, Writer& writer) {
  if (event.kind != AA_EXEC) return;
  if (with_exe && !event.error) writer.string("exe", event.exe);
  writer.string("script", event.script);
  writer.string("filename", event.filename);
  writer.string("cwd", event.cwd);
  writer.argv("argv", event.argv);
  writer.names("lineage", event.lineage);
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
  UnreadableKeys unreadable;
  describe_strings(event, with_exe, unreadable);
  if (!with_exe) unreadable.string("exe", event.exe);
  if (!unreadable.keys().empty()) writer.words("unreadable", unreadable.keys());
}

}  // namespace aa
