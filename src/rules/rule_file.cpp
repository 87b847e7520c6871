// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/rule_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/escape.hpp"
#include "base/fd.hpp"
#include "base/format.hpp"
#include "rules/hidden_sets.hpp"

namespace aa {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kShown = 60;  // bytes of a word in a message

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

std::string shown(std::string_view word) {
  std::string text;
  append_text_string(text, word.substr(0, kShown));
  return word.size() > kShown ? text + "..." : text;
}

// The words of a line. A comment begins with a word.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && is_blank(line[at])) at++;
    if (at == line.size() || line[at] == '#') return words;
    const std::size_t begin = at;
    while (at < line.size() && !is_blank(line[at])) at += line[at] == '\\' && at + 1 < line.size() ? 2 : 1;
    words.push_back(line.substr(begin, at - begin));
  }
}

// A message shows words of lines that begin as a rule alone: the file may be one that its reader may not read, and
// aa-trace may (CAP_DAC_READ_SEARCH).
Result<Rule> parse_rule(std::vector<std::string_view> words) {
  const auto kind = parse_rule_kind(words[0]);
  if (!kind) return Error{"a rule begins with allow, deny, sensitive or hide"};
  if (words.size() < 2) return Error{fmt::format("{} without a pattern", words[0])};
  Rule rule{.kind = *kind, .level = default_level(*kind), .pattern = ""};
  if (words.size() > 2) {
    const auto level = parse_level(words[2]);
    // or a level with a typing error would be a part of the pattern, and that would match nothing
    if (!level || words.size() > 3)
      return Error{fmt::format("{} is not info, warning or critical (a blank in a pattern needs a '\\' before it)",
                               shown(words[level ? 3 : 2]))};
    if (leaves_out(*kind)) return Error{fmt::format("{} reports nothing and has no level", words[0])};
    rule.level = *level;
  }
  rule.pattern = words[1];
  if (const Status checked = check_rule_pattern(rule.kind, rule.pattern); !checked)
    return rule.pattern.size() > kShown ? Error{shown(rule.pattern) + " is no pattern"} : checked.error();
  return rule;
}

Result<std::string> read_regular_file(const std::string& file) {
  // a named pipe would keep us waiting
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  const auto failed = [&file](int error) {
    return Error{fmt::format("cannot read the rules in {}: {}", file, errno_text(error))};
  };
  struct stat status {};
  if (!fd || fstat(fd.get(), &status) != 0) return failed(errno);
  if (S_ISDIR(status.st_mode)) return failed(EISDIR);
  if (!S_ISREG(status.st_mode)) return Error{fmt::format("cannot read the rules in {}: not a regular file", file)};
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno != EINTR) return failed(errno);
    if (n == 0) break;
    if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
  }
  if (text.find('\0') != std::string::npos)
    return Error{fmt::format("cannot read the rules in {}: not a text file", file)};
  return text;
}

}  // namespace

Result<std::vector<Rule>> parse_rules(std::string_view text, std::string_view name) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<Rule> rules;
  for (std::size_t number = 1; !text.empty(); number++) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);  // even behind a "\"
    const auto words = words_of(line);
    if (words.empty()) continue;
    auto rule = parse_rule(words);
    if (!rule) return Error{one_line(fmt::format("{}:{}: {}", name, number, rule.error().message))};
    rules.push_back(std::move(*rule));
  }
  return rules;
}

Result<std::vector<Rule>> read_rules(const std::string& file) {
  const auto text = read_regular_file(file);
  if (!text) return text.error();
  return parse_rules(*text, file);
}

}  // namespace aa
