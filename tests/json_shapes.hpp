// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lines of JSON that tests read, for tests/schema/run: one of each shape, in the file that AA_TEST_JSON_LINES names.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <string>

namespace aa::test {

// Which keys there are, and of what types: what is the same in two lines makes no difference to a schema.
template <typename Json>
std::string shape_of(const Json& value) {
  std::string shape = value.type_name();
  std::set<std::string> elements;
  if (value.is_object())
    for (const auto& [key, element] : value.items()) elements.insert(key + ":" + shape_of(element));
  if (value.is_array())
    for (const auto& element : value) elements.insert(shape_of(element));
  for (const std::string& element : elements) shape += "," + element;
  return shape + ";";
}

template <typename Json>
void note_shape(const Json& value, const std::string& line) {
  static const char* const path = std::getenv("AA_TEST_JSON_LINES");
  static std::set<std::string> seen;
  if (!path || !value.is_object() || !value.contains("event")) return;
  const std::string event = value["event"].is_string() ? value["event"].template get<std::string>() : "";
  if (!seen.insert(event + " " + shape_of(value)).second) return;
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string whole = line + "\n";
  // in one piece: suites may run side by side
  if (file < 0 || write(file, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) std::abort();
  close(file);
}

}  // namespace aa::test
