// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdlib>

namespace aa::test {

// Does an emulator run this program, more than ten times slower than a processor? Who starts it there says so, by
// giving the tests more time. What takes long and finds nothing that is special to a processor may do with less.
inline bool is_emulated() { return std::getenv("AA_TEST_DEADLINE") != nullptr; }

}  // namespace aa::test
