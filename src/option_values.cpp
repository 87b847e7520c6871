// SPDX-License-Identifier: MIT OR Apache-2.0
#include "option_values.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

#include "base/format.hpp"

namespace aa {
namespace {

constexpr std::uint64_t kBufferMin = 4096;      // a page
constexpr std::uint64_t kBufferMax = 1u << 30;  // one more doubling would not fit the kernel's 32 bits

}  // namespace

Status parse_pids(std::string_view list, std::vector<std::uint32_t>& pids) {
  if (list.find_first_not_of(kBlanks) == std::string_view::npos)
    return usage("--pid needs a pid, its value is empty (did pgrep or pidof find none?)");
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view words = list.substr(0, comma);
    do {
      words.remove_prefix(std::min(words.find_first_not_of(kBlanks), words.size()));
      const std::string_view word = words.substr(0, words.find_first_of(kBlanks));
      const auto pid = whole_number<std::int32_t>(word);
      if (!pid || *pid < 1) return usage("'" + std::string(word) + "' is not a pid");
      pids.push_back(static_cast<std::uint32_t>(*pid));
      words.remove_prefix(word.size());
    } while (words.find_first_not_of(kBlanks) != std::string_view::npos);
    if (comma == std::string_view::npos) return Done{};
    list.remove_prefix(comma + 1);
  }
}

std::optional<std::uint64_t> parse_size(std::string_view text, std::uint64_t most) {
  unsigned shift = 0;
  if (text.ends_with('K') || text.ends_with('k')) shift = 10;
  if (text.ends_with('M') || text.ends_with('m')) shift = 20;
  if (text.ends_with('G') || text.ends_with('g')) shift = 30;
  if (shift) text.remove_suffix(1);
  const auto number = whole_number<std::uint64_t>(text);
  if (!number || *number > most >> shift) return std::nullopt;
  return *number << shift;
}

Result<std::uint64_t> parse_buffer(const std::string& text) {
  const auto bytes = parse_size(text, kBufferMax);
  if (!bytes || *bytes < kBufferMin || !std::has_single_bit(*bytes))
    return usage("--buffer '" + text + "' is not a power of two from 4K to 1G");
  return *bytes;
}

std::optional<std::chrono::nanoseconds> parse_seconds(const std::string& text) {
  const auto seconds = whole_number<double>(text);
  if (!seconds || !(*seconds >= 0) || *seconds > 1e9) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*seconds * 1e9));
}

struct NamedFdType {
  std::string_view name;
  unsigned type;
};

constexpr NamedFdType kFdTypes[] = {
    {"file", AA_FD_FILE}, {"device", AA_FD_DEVICE}, {"pipe", AA_FD_PIPE}, {"socket", AA_FD_SOCKET},
    {"tty", AA_FD_TTY},   {"anon", AA_FD_ANON},     {"all", AA_FD_ALL},
};

Status parse_fd_types(std::string_view list, unsigned& types) {
  types = 0;
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view word = list.substr(0, comma);
    const auto named = std::find_if(std::begin(kFdTypes), std::end(kFdTypes),
                                    [word](const NamedFdType& type) { return type.name == word; });
    if (named == std::end(kFdTypes))
      return usage("--fd-types '" + std::string(word) + "' is not file, device, pipe, socket, tty, anon or all");
    types |= named->type;
    if (comma == std::string_view::npos) return Done{};
    list.remove_prefix(comma + 1);
  }
}

Status parse_env(const std::vector<std::string>& lists, EnvironmentChoice& env) {
  for (const std::string& list : lists) {
    std::string_view rest = list;
    while (true) {
      const std::size_t comma = rest.find(',');
      const std::string_view name = rest.substr(0, comma);
      if (name.empty() || name.find('=') != std::string_view::npos)
        return usage("--env '" + list + "' is not a list of names of variables, nor all");
      if (name == "all") env.all = true;
      else env.names.emplace_back(name);
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return Done{};
}
Status parse_format(const std::optional<std::string>& format, bool json, Options& options) {
  constexpr std::pair<std::string_view, Format> kFormats[] = {
      {"short", Format::kShort}, {"line", Format::kLine}, {"json", Format::kJson}};
  if (json) options.format = Format::kJson;
  if (!format) return Done{};
  options.format.reset();
  for (const auto& [name, value] : kFormats)
    if (*format == name) options.format = value;
  if (!options.format) return usage("--format '" + *format + "' is not short, line or json");
  if (json && options.format != Format::kJson) return usage("--json and --format " + *format + ": which one?");
  return Done{};
}

Status parse_time(const std::optional<std::string>& time, Options& options) {
  constexpr std::pair<std::string_view, TimeStyle> kTimes[] = {
      {"elapsed", TimeStyle::kElapsed}, {"clock", TimeStyle::kClock}, {"iso", TimeStyle::kIso}};
  if (!time) return Done{};
  const auto named =
      std::find_if(std::begin(kTimes), std::end(kTimes), [&](const auto& each) { return each.first == *time; });
  if (named == std::end(kTimes)) return usage("--time '" + *time + "' is not elapsed, clock or iso");
  if (options.format == Format::kJson) return usage("--time is of text: JSON has elapsed and time");
  options.time = named->second;
  return Done{};
}

}  // namespace aa
