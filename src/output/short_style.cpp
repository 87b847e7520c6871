// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/short_style.hpp"

#include <algorithm>
#include <cctype>

#include "base/escape.hpp"
#include "base/numbers.hpp"

namespace aa {
namespace {

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("/._-+:@%,=~^").find(c) != std::string_view::npos;
}

// Between double quotes a shell would make something else of it, between single quotes it would not.
bool wants_single_quotes(std::string_view text) {
  return text.find_first_of("$`\\\"!") != std::string_view::npos && text.find('\'') == std::string_view::npos &&
         one_line(text) == text;
}

// What the escaping changes nothing of needs no quotes, unless it holds what separates or opens something.
void append_bare(std::string& out, std::string_view text) {
  if (!text.empty() && text[0] != '~' && std::all_of(text.begin(), text.end(), is_plain)) {
    out += text;
    return;
  }
  if (wants_single_quotes(text)) {
    out.append(1, '\'').append(text).push_back('\'');
    return;
  }
  const std::size_t from = out.size();
  append_text_string(out, text);
  const std::string_view escaped = std::string_view(out).substr(from);
  // an ellipsis of ours stands for what was left out
  if (text.empty() || escaped.substr(1, escaped.size() - 2) != text || text.starts_with('~') ||
      text.find_first_of(" \t'\"\\$`|&;<>()[]{}*?!#") != std::string_view::npos ||
      text.find("\u2026") != std::string_view::npos)
    return;
  out.erase(from, 1);
  out.pop_back();
}

bool is_below(std::string_view path, std::string_view directory) {
  return directory.size() > 1 && path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace

void append_short_path(std::string& out, const ShortStyle& style, std::string_view path) {
  if (path == style.directory && !path.empty()) {
    out += "./";
  } else if (is_below(path, style.directory)) {
    append_bare(out, path.substr(style.directory.size() + 1));
  } else if (is_below(path, style.home)) {
    out += "~/";
    append_bare(out, path.substr(style.home.size() + 1));
  } else {
    append_bare(out, path);
  }
}

void append_short_word(std::string& out, std::string_view word) { append_bare(out, word); }

void append_time(std::string& out, TraceClock& clock, TimeStyle style, std::uint64_t time, unsigned digits) {
  switch (style) {
    case TimeStyle::kElapsed:
      append_number(out, clock.elapsed(time) / 1'000'000'000);
      if (digits == 3)
        append_fraction(out, static_cast<std::uint32_t>(clock.elapsed(time) % 1'000'000'000 / 1'000'000), 1000);
      else append_fraction(out, static_cast<std::uint32_t>(clock.elapsed(time) % 1'000'000'000 / 1000), 1'000'000);
      return;
    case TimeStyle::kClock: clock.append_local_time(out, time); return;
    case TimeStyle::kIso: clock.append_time_of_day(out, time); return;
  }
}

}  // namespace aa
