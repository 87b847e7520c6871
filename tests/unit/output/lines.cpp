// SPDX-License-Identifier: MIT OR Apache-2.0
#include "unit/output/lines.hpp"

#include <set>

#include "base/clock.hpp"
#include "output/sink.hpp"
#include "unit/reference.hpp"

namespace aa::test {

std::string text_line(const Event& event, bool color) {
  static TraceClock clock(kBegan);
  std::string line;
  make_text_sink(clock, color)->event(line, event);
  return line;
}

std::string json_line(const Event& event) {
  static TraceClock clock(kBegan);
  std::string line;
  make_json_sink(clock)->event(line, event);
  return line;
}

bool is_clean_line(const std::string& line) {
  if (!line.ends_with('\n')) return false;
  const std::string content = line.substr(0, line.size() - 1);
  return is_valid_utf8(content) && !has_hostile(content);
}

std::optional<Json> parse_line(const std::string& line) {
  std::set<std::string> keys;
  bool twice = false;
  const auto note = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1) twice |= !keys.insert(value.get<std::string>()).second;
    return true;
  };
  const Json parsed = Json::parse(line, note, false);
  if (parsed.is_discarded() || !parsed.is_object() || twice) return std::nullopt;
  return parsed;
}

}  // namespace aa::test
