// SPDX-License-Identifier: MIT OR Apache-2.0
//
// From the raw bytes of a record to an event: the only code that sees what the kernel side wrote before it is checked.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "event/event.hpp"
#include "event/raw_record.hpp"

namespace aa {

class Decoder {
 public:
  // Fills `event` from one record. False: not a record of this version of aa-trace; `event` is then unspecified.
  // The event's strings point into `record` and into this decoder, until its next call.
  bool decode(std::span<const std::byte> record, Event& event);

 private:
  bool decode_fork(std::span<const std::byte> record, Event& event);
  bool decode_exec(std::span<const std::byte> record, Event& event);
  bool decode_exit(std::span<const std::byte> record, Event& event);
  bool decode_file(std::span<const std::byte> record, Event& event);
  struct Place {
    std::uint8_t kind;  // enum aa_place
    aa_path path;
    aa_span name;
    unsigned path_string, name_string;  // enum aa_file_string
  };
  bool decode_place(const StringReader& strings, const Place& place, const Text& root, Event& event,
                    std::string& buffer, Text& path, Text& name);
  bool decode_io(std::span<const std::byte> record, Event& event);

  std::string cwd_, exe_, script_;
  std::string path_, new_path_, root_, base_;
};

}  // namespace aa
