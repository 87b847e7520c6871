// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The flags of system calls in words: "O_WRONLY|O_CREAT".
#pragma once

#include <cstdint>
#include <string_view>

#include "events.h"

namespace aa {

// Do the flags of an open use its mode?
bool creates_file(std::uint32_t open_flags);

// The text of one value, without memory from the heap.
class FlagText {
 public:
  // Of an open, rename or truncate (fallocate). Bits without a name stand as a hexadecimal number; 0 is empty, but
  // O_RDONLY of an open.
  FlagText(aa_kind kind, std::uint32_t flags);
  std::string_view view() const { return {text_, length_}; }

 private:
  void add(std::string_view word);

  char text_[384];  // longer than all names together
  std::size_t length_ = 0;
};

}  // namespace aa
