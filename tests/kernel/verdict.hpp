// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the cases came to, beyond doctest's own count: one that said "skipped: REASON" proved nothing, and one without
// an assertion cannot fail.
#pragma once

namespace aa::test {

// Prints the cases that were skipped or assert nothing, then "N passed, N failed, N skipped". `code`: doctest's exit
// status. Returns that of the whole: not 0 also if a case asserts nothing.
int print_verdict(int code);

}  // namespace aa::test
