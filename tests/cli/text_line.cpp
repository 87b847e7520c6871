// The text form of an event, read back strictly: a line that a script could not split must not pass.
#include <cctype>
#include <string_view>

#include "events.hpp"

namespace aa::test {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  std::string digits() {
    return span([](unsigned char c) { return std::isdigit(c) != 0; });
  }

  std::string word() {
    return span([](unsigned char c) { return std::islower(c) || std::isdigit(c) || c == '_'; });
  }

  bool value(std::string& into) {
    const std::string_view before = rest_;
    const bool ok = rest_.starts_with('"') ? string() : rest_.starts_with('[') ? array() : bare();
    into = before.substr(0, before.size() - rest_.size());
    return ok;
  }

 private:
  template <class Accept>
  std::string span(Accept accept) {
    size_t n = 0;
    while (n < rest_.size() && accept(static_cast<unsigned char>(rest_[n]))) n++;
    const std::string text(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return text;
  }

  bool bare() {
    return !span([](unsigned char c) { return c > ' ' && c < 0x7f && c != '"' && c != '[' && c != ']'; }).empty();
  }

  bool escape() {
    for (const char* simple : {"\\", "\"", "n", "r", "t"})
      if (skip(simple)) return true;
    const auto hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
    if (skip("x")) {
      if (rest_.size() < 2 || !hex(rest_[0]) || !hex(rest_[1])) return false;
      rest_.remove_prefix(2);
      return true;
    }
    return skip("u{") && !span(hex).empty() && skip("}");
  }

  bool string() {
    if (!skip("\"")) return false;
    while (!done() && !rest_.starts_with('"')) {
      const auto c = static_cast<unsigned char>(rest_[0]);
      if (c < 0x20 || c == 0x7f) return false;
      rest_.remove_prefix(1);
      if (c == '\\' && !escape()) return false;
    }
    return skip("\"");
  }

  bool array() {
    if (!skip("[")) return false;
    if (skip("]")) return true;
    do {
      if (!string()) return false;
    } while (skip(","));
    return skip("]");
  }

  std::string_view rest_;
};

}  // namespace

std::optional<TextEvent> parse_text_line(const std::string& line) {
  Reader reader(line);
  TextEvent event;
  if (!reader.skip("[")) return std::nullopt;
  const std::string seconds = reader.digits();
  if (seconds.empty() || !reader.skip(".")) return std::nullopt;
  const std::string micros = reader.digits();
  if (micros.size() != 6 || !reader.skip("] ")) return std::nullopt;
  event.time = std::stod(seconds + "." + micros);
  event.name = reader.word();
  if (event.name.empty()) return std::nullopt;
  while (!reader.done()) {
    std::string value;
    if (!reader.skip(" ")) return std::nullopt;
    const std::string key = reader.word();
    if (key.empty() || !reader.skip("=") || !reader.value(value)) return std::nullopt;
    event.pairs.emplace_back(key, value);
  }
  return event;
}

std::string without_colour(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); i++) {
    if (text.compare(i, 2, "\033[") != 0) {
      plain += text[i];
      continue;
    }
    while (i < text.size() && !std::isalpha(static_cast<unsigned char>(text[i]))) i++;
  }
  return plain;
}

}  // namespace aa::test
