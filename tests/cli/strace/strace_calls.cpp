// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/strace/strace_calls.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "cli/run.hpp"

namespace aa::test {
namespace {

constexpr std::string_view kUnfinished = "<unfinished ...>";
constexpr std::string_view kResumed = "<... ";
constexpr std::string_view kSuperseded = "+++ superseded by execve in pid ";

// Where a string, the path of a descriptor or a comment that begins here ends; `at` itself if none does.
size_t quoted_end(std::string_view text, size_t at) {
  const auto rest = text.substr(at);
  const auto after = [&](std::string_view stop, size_t from) {
    const auto found = text.find(stop, at + from);
    return found == std::string_view::npos ? text.size() : found + stop.size();
  };
  if (rest.starts_with('"')) return after("\"", 1);
  if (rest.starts_with("<\\x")) return after(">", 1);
  if (rest.starts_with("/*")) return after("*/", 2);
  return at;
}

std::string trimmed(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(' '), text.size());
  const auto last = text.find_last_not_of(' ');
  return first > last || last == std::string_view::npos ? "" : std::string(text.substr(first, last + 1 - first));
}

// Fills the arguments up to the closing parenthesis; returns what follows it.
std::optional<std::string_view> split(std::string_view text, std::vector<std::string>& arguments) {
  size_t begin = 0;
  int depth = 0;
  for (size_t at = 0; at < text.size();) {
    if (const auto end = quoted_end(text, at); end != at) {
      at = end;
      continue;
    }
    const char c = text[at];
    const bool last = depth == 0 && c == ')';
    if (last || (depth == 0 && c == ',')) {
      if (auto argument = trimmed(text.substr(begin, at - begin)); !last || !argument.empty() || !arguments.empty())
        arguments.push_back(std::move(argument));
      begin = at + 1;
    }
    if (last) return text.substr(begin);
    if (c == '(' || c == '[' || c == '{') depth++;
    if (c == ')' || c == ']' || c == '}') depth--;
    at++;
  }
  return std::nullopt;
}

// "name(arguments) = result"
bool fill(std::string_view text, Call& call) {
  const auto open = text.find('(');
  if (open == std::string_view::npos) return false;
  call.name = text.substr(0, open);
  const auto rest = split(text.substr(open + 1), call.arguments);
  if (!rest) return false;
  const auto equals = rest->find("= ");
  if (equals == std::string_view::npos) return false;
  call.result = trimmed(rest->substr(equals + 2));
  return result_of(call.result).has_value();
}

class Parser {
 public:
  StraceCalls take(const std::string& log) {
    for (const auto& line : lines(log))
      if (!take_line(line)) parsed_.not_understood.push_back(line);
    // their threads were killed, or the process went on as another thread
    for (auto& [tid, begun] : begun_) finish(begun, begun.text + ") = ?");
    return std::move(parsed_);
  }

 private:
  struct Begun {
    size_t index = 0;  // of the call
    std::string text;
  };

  bool take_line(std::string_view line) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return false;
    const int tid = std::atoi(std::string(line.substr(0, space)).c_str());
    std::string text = trimmed(line.substr(space));
    if (text.starts_with(kSuperseded)) return supersede(tid, std::atoi(text.c_str() + kSuperseded.size()));
    if (text.starts_with("+++ killed")) parsed_.killed.insert(tid);
    if (text.starts_with("+++ ") || text.starts_with("--- ")) return true;
    if (text.starts_with(kResumed)) return resume(tid, text);
    parsed_.calls.push_back({.tid = tid, .name = "", .arguments = {}, .result = ""});
    const size_t index = parsed_.calls.size() - 1;
    if (!text.ends_with(kUnfinished)) return finish({index, ""}, text);
    text.resize(text.size() - kUnfinished.size());
    return begun_.insert_or_assign(tid, Begun{index, text}).second;
  }

  bool resume(int tid, std::string_view text) {
    const auto found = begun_.find(tid);
    const auto end = text.find(" resumed>");
    if (found == begun_.end() || end == std::string_view::npos) return false;
    const Begun begun = std::move(found->second);
    begun_.erase(found);
    return finish(begun, begun.text + std::string(text.substr(end + std::string_view(" resumed>").size())));
  }

  // An exec by another thread than the first: it goes on under the number of the first, whose own call never ends.
  bool supersede(int leader, int by) {
    const auto found = begun_.find(by);
    if (found == begun_.end()) return false;
    if (const auto own = begun_.find(leader); own != begun_.end()) finish(own->second, own->second.text + ") = ?");
    begun_.insert_or_assign(leader, found->second);
    begun_.erase(by);
    return true;
  }

  bool finish(const Begun& begun, std::string text) {
    if (const auto at = text.find(kUnfinished); at != std::string::npos) text.erase(at, kUnfinished.size());
    return fill(text, parsed_.calls[begun.index]);
  }

  StraceCalls parsed_;
  std::map<int, Begun> begun_;
};

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// "\x2f\x61"
std::optional<std::string> bytes_of(std::string_view hex) {
  std::string bytes;
  for (; !hex.empty(); hex.remove_prefix(4)) {
    if (hex.size() < 4 || !hex.starts_with("\\x")) return std::nullopt;
    bytes += static_cast<char>(digit(hex[2]) << 4 | digit(hex[3]));
  }
  return bytes;
}

std::string in_our_words(std::string path, bool deleted) {
  constexpr std::string_view kMemfd = "/memfd:", kAnon = "anon_inode:";
  if (deleted && path.starts_with(kMemfd)) return path.substr(1);
  if (path.starts_with(kAnon)) {
    path.erase(0, kAnon.size());
    return path.starts_with('[') ? "anon:" + path : "anon:[" + path + "]";
  }
  return deleted ? path + " (deleted)" : path;
}

constexpr struct {
  std::string_view name;
  mode_t bits;
} kTypes[] = {
    {"S_IFREG", S_IFREG}, {"S_IFIFO", S_IFIFO}, {"S_IFCHR", S_IFCHR}, {"S_IFBLK", S_IFBLK}, {"S_IFSOCK", S_IFSOCK}};

}  // namespace

StraceCalls parse_calls(const std::string& log) { return Parser().take(log); }

std::optional<CallResult> result_of(std::string_view text) {
  CallResult result;
  if (text.starts_with("?")) {
    result.kind = text.starts_with("? ERESTART") ? CallResult::Kind::kRestarts : CallResult::Kind::kUnknown;
    return result;
  }
  if (text.starts_with("-1 E")) {
    result.kind = CallResult::Kind::kError;
    result.error = text.substr(3, text.find(' ', 3) - 3);
    return result;
  }
  char* end = nullptr;
  const std::string number(text);
  result.kind = CallResult::Kind::kValue;
  result.value = static_cast<std::int64_t>(std::strtoull(number.c_str(), &end, 0));
  if (end == number.c_str()) return std::nullopt;
  return result;
}

Descriptor descriptor_of(std::string_view text) {
  const auto open = text.find('<');
  if (open == std::string_view::npos) return {std::string(text), std::nullopt};
  const auto close = text.find('>', open);
  auto path = bytes_of(text.substr(open + 1, close - open - 1));
  if (path) path = in_our_words(std::move(*path), text.substr(close).starts_with(">(deleted)"));
  return {std::string(text.substr(0, open)), std::move(path)};
}

std::optional<std::string> string_of(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return std::nullopt;
  return bytes_of(text.substr(1, text.size() - 2));
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t type = 0;
  for (const auto& [name, bits] : kTypes)
    if (text.starts_with(name)) {
      type = bits;
      text.remove_prefix(std::min(name.size() + 1, text.size()));
    }
  const std::string number(text);
  char* end = nullptr;
  const auto value = std::strtoull(number.c_str(), &end, 0);
  if (number.empty() ? type == 0 : *end != 0) return std::nullopt;
  return type | static_cast<std::int64_t>(value);
}

}  // namespace aa::test
