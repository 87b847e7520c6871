#include "cli/strace/strace_log.hpp"

#include <map>
#include <optional>
#include <string_view>

#include "cli/run.hpp"

namespace aa::test {
namespace {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool starts(std::string_view expected) const { return rest_.starts_with(expected); }
  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  void spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  std::string until(std::string_view stops) {
    const auto end = std::min(rest_.find_first_of(stops), rest_.size());
    const std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return text;
  }

  // "\x2f\x62": with -xx every byte has this form, so no other escape can occur.
  std::optional<std::string> string() {
    if (!skip("\"")) return std::nullopt;
    std::string text;
    while (skip("\\x")) {
      if (rest_.size() < 2) return std::nullopt;
      text += static_cast<char>(std::stoi(std::string(rest_.substr(0, 2)), nullptr, 16));
      rest_.remove_prefix(2);
    }
    if (!skip("\"") || starts("...")) return std::nullopt;
    return text;
  }

  std::optional<std::vector<std::string>> strings() {
    std::vector<std::string> list;
    if (skip("NULL")) return list;
    if (!skip("[")) return std::nullopt;
    if (skip("]")) return list;
    do {
      auto text = string();
      if (!text) return std::nullopt;
      list.push_back(std::move(*text));
    } while (skip(", "));
    if (!skip("]")) return std::nullopt;
    return list;
  }

 private:
  std::string_view rest_;
};

// Up to and with the environment; what follows is the flags of execveat and the result.
std::optional<Exec> arguments(Cursor& c) {
  const bool at = c.skip("execveat(");
  if (!at && !c.skip("execve(")) return std::nullopt;
  if (at) {
    c.until(",");
    if (!c.skip(", ")) return std::nullopt;
  }
  auto filename = c.string();
  if (!filename || !c.skip(", ")) return std::nullopt;
  auto argv = c.strings();
  if (!argv || !c.skip(", ")) return std::nullopt;
  if (c.starts("0x")) c.until(",)<");  // an environment that could not be read
  else if (!c.strings()) return std::nullopt;
  return Exec{std::move(*filename), std::move(*argv), ""};
}

// ") = 0" or ") = -1 ENOENT (No such file or directory)"
bool result(std::string_view text, Exec& exec) {
  const auto equals = text.rfind(") = ");
  if (equals == std::string_view::npos) {
    const auto padded = text.rfind("= ");
    if (padded == std::string_view::npos) return false;
    text.remove_prefix(padded + 2);
  } else {
    text.remove_prefix(equals + 4);
  }
  if (text == "0") return true;
  if (!text.starts_with("-1 E")) return false;
  exec.error = text.substr(3, text.find(' ', 3) - 3);
  return true;
}

bool is_noise(std::string_view line) { return line.starts_with("+++ ") || line.starts_with("--- "); }

class Parser {
 public:
  StraceLog take(const std::string& text) {
    for (const auto& line : lines(text))
      if (!line_ok(line)) log_.not_understood.push_back(line);
    for (const auto& [pid, exec] : begun_) log_.not_understood.push_back("never finished: " + exec.filename);
    return std::move(log_);
  }

 private:
  bool line_ok(const std::string& line) {
    Cursor c(line);
    const std::string pid = c.until(" ");
    c.spaces();
    if (is_noise(c.rest())) return true;
    if (c.skip("<... execve")) return resumed(pid, c);
    auto exec = arguments(c);
    if (!exec) return false;
    if (c.rest().ends_with("<unfinished ...>")) return begun_.emplace(pid, std::move(*exec)).second;
    return finish(std::move(*exec), c.rest());
  }

  // After an exec by a thread other than the leader strace goes on under the leader's number.
  bool resumed(const std::string& pid, Cursor& c) {
    const auto found = begun_.find(pid);
    if (found == begun_.end()) return false;
    Exec exec = std::move(found->second);
    begun_.erase(found);
    c.until(">");
    return c.skip(">") && finish(std::move(exec), c.rest());
  }

  bool finish(Exec exec, std::string_view rest) {
    if (!result(rest, exec)) return false;
    log_.execs.push_back(std::move(exec));
    return true;
  }

  StraceLog log_;
  std::map<std::string, Exec> begun_;
};

}  // namespace

StraceLog parse_strace(const std::string& text) { return Parser().take(text); }

}  // namespace aa::test
