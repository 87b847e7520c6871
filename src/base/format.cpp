// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/format.hpp"

#ifdef AA_FORMAT_BODY
AA_FORMAT_BODY;
#endif
