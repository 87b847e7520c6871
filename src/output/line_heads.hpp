// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the lines of a thread have in common, kept ready: it is half of a line, and seldom changes from one to the next.
#pragma once

#include <array>
#include <string>

#include "event/event.hpp"

namespace aa {

class LineHeads {
 public:
  // Appends the head for the event's thread; `write` appends it where it is not ready. It may depend on pid, start,
  // tid, ppid, uid, gid, comm and exe.
  template <typename Write>
  void append(std::string& out, const Event& event, Write write) {
    Head& head = heads_[event.tid % heads_.size()];
    if (head.is_of(event)) {
      out.append(head.text);
      return;
    }
    const std::size_t from = out.size();
    write();
    head = Head(event, out.substr(from));
  }

 private:
  struct Head {
    Head() = default;
    Head(const Event& event, std::string line)
        : start(event.start),
          pid(event.pid),
          tid(event.tid),
          ppid(event.ppid),
          uid(event.uid),
          gid(event.gid),
          exe_state(event.exe.state),
          exe_deleted(event.exe.deleted),
          comm(event.comm),
          exe(event.exe.bytes),
          text(std::move(line)) {}
    bool is_of(const Event& event) const {
      return start == event.start && pid == event.pid && tid == event.tid && ppid == event.ppid && uid == event.uid &&
             gid == event.gid && exe_state == event.exe.state && exe_deleted == event.exe.deleted &&
             comm == event.comm && exe == event.exe.bytes && !text.empty();
    }

    std::uint64_t start = 0;
    std::uint32_t pid = 0, tid = 0, ppid = 0, uid = 0, gid = 0;
    Text::State exe_state{};
    bool exe_deleted = false;
    std::string comm, exe;
    std::string text;
  };

  std::array<Head, 64> heads_;  // threads whose ids end alike share a place
};

}  // namespace aa
