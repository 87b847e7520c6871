// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One record through the decoder.
#pragma once

#include <doctest/doctest.h>

#include "event/decode.hpp"
#include "unit/event/records.hpp"

namespace aa::test {

// Keeps what the event points to.
struct Decoded {
  explicit Decoded(const Bytes& bytes) : record(bytes), done(decoder.decode(record.span(), event)) {}

  Exact record;
  Decoder decoder;
  Event event;
  bool done;
};

// What some_header() has put into every record.
inline void check_common(const Event& event) {
  CHECK(event.asked);
  CHECK_FALSE(event.compat);
  CHECK_FALSE(event.via_uring);
  CHECK(event.time == 5'000'000'009);
  CHECK(event.start == 4'000'000'003);
  CHECK(event.pid == 101);
  CHECK(event.tid == 102);
  CHECK(event.ppid == 103);
  CHECK(event.uid == 104);
  CHECK(event.gid == 105);
  CHECK(event.exec_id == 106);
  CHECK(event.comm == "some-comm");
}

}  // namespace aa::test
