// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace aa::test {

// One line of `aa-trace --json`, read by a parser that is not ours and is strict about UTF-8.
// Asking for a key that is absent or of another type fails the test.
class Event {
 public:
  explicit Event(const std::string& line);

  const std::string& line() const;
  std::string kind() const { return text("event"); }
  long long pid() const { return number("pid"); }
  long long tid() const { return number("tid"); }
  bool has(const std::string& key) const;
  long long number(const std::string& key) const;
  double real(const std::string& key) const;
  bool flag(const std::string& key) const;
  // The string as JSON has it, bad bytes replaced.
  std::string text(const std::string& key) const;
  std::vector<std::string> texts(const std::string& key) const;
  // Each object of a list, with keys of its own.
  std::vector<Event> objects(const std::string& key) const;
  // The exact bytes, from KEY_raw where there is one.
  std::string bytes(const std::string& key) const;
  std::vector<std::string> all_bytes(const std::string& key) const;
  bool unreadable(const std::string& key) const;
  // `time` in nanoseconds since 1970.
  long long realtime() const;

 private:
  struct Json;
  std::shared_ptr<const Json> json_;
};

}  // namespace aa::test
