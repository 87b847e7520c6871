// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/short_line.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "output/columns.hpp"

namespace aa {
namespace {

constexpr std::string_view kDim = "\033[2m", kBold = "\033[1m", kRed = "\033[31m", kGreen = "\033[32m",
                           kYellow = "\033[33m", kPlain = "\033[0m";
constexpr std::uint32_t kIndentMost = 12;    // generations that are indented
constexpr std::size_t kColumnsUsual = 80;    // where the output is no terminal
constexpr std::size_t kArgumentsLeast = 20;  // columns, however narrow the terminal is

std::string_view color_of(Mark mark) {
  switch (mark) {
    case Mark::kRan: return kBold;
    case Mark::kMade: return kGreen;
    case Mark::kChanged:
    case Mark::kRenamed:
    case Mark::kAttributes: return kYellow;
    case Mark::kRemoved:
    case Mark::kFailed:
    case Mark::kEnded:
    case Mark::kLost: return kRed;
    default: return {};
  }
}

// Without the sequences of colours, which are the only ones in what is escaped.
std::size_t columns_of_notes(std::string_view notes) {
  std::string plain;
  while (!notes.empty()) {
    const std::size_t escape = notes.find('\033');
    plain += notes.substr(0, escape);
    if (escape == std::string_view::npos) break;
    notes.remove_prefix(std::min(notes.find('m', escape), notes.size() - 1) + 1);
  }
  return columns_of(plain);
}

}  // namespace

void append_line(std::string& out, TraceClock& clock, const ShortStyle& style, unsigned columns, ShortLine line) {
  std::string head;
  append_time(head, clock, style.time, line.time, 3);
  if (head.size() < 8) head.insert(0, 8 - head.size(), ' ');
  std::string who = line.pid ? std::to_string(line.pid) : std::string();
  if (who.size() < 6) who.insert(0, 6 - who.size(), ' ');
  const std::size_t indent = 2 * std::min(line.depth, kIndentMost);
  const std::size_t before = head.size() + 1 + who.size() + 1 + indent + 2;
  const std::size_t width = columns ? columns : kColumnsUsual;
  if (columns && line.mark == Mark::kRan) {
    const std::size_t beside = before + columns_of_notes(line.notes);
    cut_to_columns(line.text, std::max(width, beside + kArgumentsLeast) - beside);
  }
  // what is neither the user's nor changed
  if (columns && (line.mark == Mark::kRead || line.mark == Mark::kFailed) && line.text.starts_with('/')) {
    const std::size_t size = line.size.empty() ? 0 : line.size.size() + 2;
    const std::size_t beside = before + line.before.size() + line.after.size() + size + columns_of_notes(line.notes);
    elide_to_columns(line.text, width - std::min(width, beside));
  }
  line.text.insert(0, line.before).append(line.after);
  const std::string_view color = style.color ? color_of(line.mark) : std::string_view();
  if (style.color) out.append(kDim);
  out.append(head).append(" ").append(who);
  if (style.color) out.append(kPlain);
  out.append(indent + 1, ' ').append(color);
  out.push_back(static_cast<char>(line.mark));
  out.push_back(' ');
  out.append(line.text);
  if (!color.empty()) out.append(kPlain);
  if (!line.size.empty()) {
    const std::size_t used = before + columns_of(line.text) + line.size.size();
    out.append(used + 2 <= width ? width - used : 2, ' ').append(line.size);
  }
  out.append(line.notes);
  out.push_back('\n');
}

}  // namespace aa
