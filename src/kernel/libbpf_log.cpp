// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/libbpf_log.hpp"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

namespace aa {
namespace {

// libbpf's print callback has no context argument.
Log* libbpf_log = nullptr;

int print_libbpf(libbpf_print_level level, const char* format, va_list arguments) {
  char* text = nullptr;
  if (!libbpf_log || vasprintf(&text, format, arguments) < 0) return 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (level == LIBBPF_DEBUG) libbpf_log->trace(line);
    else libbpf_log->debug(line);
  }
  free(text);
  return 0;
}

}  // namespace

void send_libbpf_messages_to(Log& log) {
  libbpf_log = &log;
  libbpf_set_print(print_libbpf);
}

}  // namespace aa
