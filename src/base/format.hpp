// SPDX-License-Identifier: MIT OR Apache-2.0
//
// fmt/format.h, with its body compiled in one file instead of in each that formats something: half of the build's time.
#pragma once

#include <fmt/format.h>

// Of later versions the body is not this template; they are only compiled as they come.
#if FMT_VERSION >= 90000 && FMT_VERSION < 100000
#define AA_FORMAT_BODY template void fmt::detail::vformat_to(buffer<char>&, string_view, format_args, locale_ref)
extern AA_FORMAT_BODY;
#endif
