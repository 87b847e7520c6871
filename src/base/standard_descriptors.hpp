// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Descriptors 0, 1 and 2.
#pragma once

#include "base/result.hpp"

namespace aa {

// Those that were closed at the start are opened on /dev/null, or one of ours would get the number, and with it what is
// meant for stderr. In the way that they are not used, so that using them fails as before, with EBADF; and they are
// closed again by an exec. Call it before anything else is opened.
Status open_standard_descriptors();

}  // namespace aa
