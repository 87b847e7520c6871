// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "base/log.hpp"

namespace aa {

// What libbpf has to say goes to this log, as details, instead of to stderr. The log must stay.
void send_libbpf_messages_to(Log& log);

}  // namespace aa
