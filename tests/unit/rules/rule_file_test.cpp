// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The file of --rules: what its lines mean, and what is wrong with them.
#include "rules/rule_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "unit/output/lines.hpp"

namespace aa::test {
namespace {

using std::string_literals::operator""s;

struct Row {
  std::string text;
  RuleKind kind;
  std::string pattern;
  Level level;
};

constexpr RuleKind kAllow = RuleKind::kAllow, kDeny = RuleKind::kDeny, kSensitive = RuleKind::kSensitive;
constexpr Level kInfo = Level::kInfo, kWarning = Level::kWarning, kCritical = Level::kCritical;

std::vector<Rule> good(const std::string& text) {
  const auto rules = parse_rules(text, "rules");
  CAPTURE(text.substr(0, 100));
  if (!rules) FAIL(rules.error().message);
  return *rules;
}

// The message, which must be one line that can be shown on a terminal.
std::string bad(const std::string& text) {
  const auto rules = parse_rules(text, "rules");
  CAPTURE(text.substr(0, 100));
  REQUIRE_FALSE(bool(rules));
  const std::string& message = rules.error().message;
  CHECK(is_clean_line(message + "\n"));
  CHECK(message.size() < 300);
  return message;
}

TEST_CASE("rule file: a line is a rule") {
  const Row rows[] = {
      {"allow /usr/", kAllow, "/usr/", kWarning},
      {"hide /usr/", RuleKind::kHide, "/usr/", kWarning},
      {"hide @system", RuleKind::kHide, "@system", kWarning},
      {"hide none # all", RuleKind::kHide, "none", kWarning},
      {"deny /a", kDeny, "/a", kCritical},
      {"deny /a info", kDeny, "/a", kInfo},
      {"deny /a warning", kDeny, "/a", kWarning},
      {"deny /a critical", kDeny, "/a", kCritical},
      {"sensitive /a", kSensitive, "/a", kWarning},
      {"sensitive /a info", kSensitive, "/a", kInfo},
      {"sensitive /a warning", kSensitive, "/a", kWarning},
      {"sensitive /a critical", kSensitive, "/a", kCritical},
      {"sensitive ~/.ssh/", kSensitive, "~/.ssh/", kWarning},
      {"deny **/*.pem", kDeny, "**/*.pem", kCritical},
      {" \t deny\t \t/a \tinfo\t ", kDeny, "/a", kInfo},
      {"deny /a\r", kDeny, "/a", kCritical},
      {"deny /a info\r", kDeny, "/a", kInfo},
      {"deny /a # why", kDeny, "/a", kCritical},
      {"deny /a info # why", kDeny, "/a", kInfo},
      {"deny /a info #", kDeny, "/a", kInfo},
      {"deny /a#b", kDeny, "/a#b", kCritical},
      {R"(deny /a\ b)", kDeny, R"(/a\ b)", kCritical},
      {R"(deny /a\ info)", kDeny, R"(/a\ info)", kCritical},
      {R"(deny /a\ info warning)", kDeny, R"(/a\ info)", kWarning},
      {R"(deny /\#a)", kDeny, R"(/\#a)", kCritical},
      {R"(deny /a\	b)", kDeny, "/a\\\tb", kCritical},
      {R"(deny /a\ \ b info)", kDeny, R"(/a\ \ b)", kInfo},
      {R"(deny /a\ #b)", kDeny, R"(/a\ #b)", kCritical},
      {"deny /info", kDeny, "/info", kCritical},
      {"deny /a/info/ critical", kDeny, "/a/info/", kCritical},
      {"deny /\xff\xc3(", kDeny, "/\xff\xc3(", kCritical},
      {"\xef\xbb\xbf"
       "deny /a",
       kDeny, "/a", kCritical},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    for (const std::string& text : {row.text, row.text + "\n", "\n" + row.text + "\r\n\n", "#x\n" + row.text}) {
      if (text != row.text && row.text.starts_with("\xef")) continue;  // the mark stands at the beginning
      const auto rules = good(text);
      REQUIRE(rules.size() == 1);
      CHECK(rules[0].kind == row.kind);
      CHECK(rules[0].pattern == row.pattern);
      if (row.kind != kAllow) CHECK(rules[0].level == row.level);
    }
  }
}

TEST_CASE("rule file: no rules in it") {
  for (const char* text : {"", "\n", "\r\n\r\n", "#", "# deny /a", "#deny /a\n\t# x\n \n", "\t", "\xef\xbb\xbf",
                           "\xef\xbb\xbf# x\n", "\v\f"})
    CHECK(good(text).empty());
}

TEST_CASE("rule file: the rules are in the order of the lines") {
  const auto rules = good("allow /a\r\n\r\n# x\r\ndeny /b\r\nsensitive /c info\r\nallow /a");
  REQUIRE(rules.size() == 4);
  CHECK(rules[0].pattern == "/a");
  CHECK(rules[1].pattern == "/b");
  CHECK(rules[2].pattern == "/c");
  CHECK(rules[2].level == kInfo);
  CHECK(rules[3].kind == kAllow);
}

TEST_CASE("rule file: an error names its line and what is wrong") {
  const std::pair<std::string, std::string> rows[] = {
      {"x", "rules:1: a rule begins with allow, deny, sensitive or hide"},
      {"Deny /a", "rules:1: a rule begins"},
      {"denY", "rules:1: a rule begins"},
      {"/a deny", "rules:1: a rule begins"},
      {"deny", "rules:1: deny without a pattern"},
      {"allow", "allow without a pattern"},
      {"sensitive # /a", "sensitive without a pattern"},
      {"deny critical", "rules:1: 'critical' does not begin"},
      {"deny etc", "'etc' does not begin"},
      {"deny info info", "'info' does not begin"},
      {"deny ~me/a", "'~me/a'"},
      {"deny ~", "'~'"},
      {"deny ~/[", "'"},
      {"deny /[a", "'/[a' has a '['"},
      {"deny /a\\", "without its end"},
      {"deny /a\\\r", "without its end"},
      {"deny /*/../a", "'..' behind a wildcard"},
      {"allow /a info", "rules:1: allow reports nothing and has no level"},
      {"deny /a crit", "rules:1: \"crit\" is not info, warning or critical"},
      {"deny /a b info", "rules:1: \"b\" is not info"},
      {"deny /a info b", "rules:1: \"b\" is not info"},
      {R"(deny /a \#b)", R"("\\#b" is not info)"},
      {"allow /a critical # x", "has no level"},
      {"deny /a\n\n# x\ndeny", "rules:4: deny without"},
      {"deny /a\r\n\r\nx\r\n", "rules:3: a rule begins"},
      {"deny /a\ny\nx", "rules:2: a rule begins"},  // the first one
      {"\n\xef\xbb\xbf"
       "deny /a",
       "rules:2: "},
      {"deny /a\0b"s, "a NUL in a pattern"},
      {"deny\0 /a"s, "rules:1: a rule begins"},
      {"\0"s, "rules:1: "},
      {"deny /a \x1b[31m", R"("\x1b[31m")"},
      {"deny \x1b[31m", "\\x1b"},
      {"deny /\x1b]0;x\x07[", "\\x1b"},
      {"deny \xff\xc2\x9b", "rules:1: "},
      {"deny /a \xe2\x80\xae", R"("\u{202e}")"},
      {std::string(1 << 20, 'x'), "rules:1: a rule begins"},
      {"deny /a " + std::string(1 << 20, 'x'), "rules:1: \"xxx"},
      {"deny /" + std::string(1 << 20, 'x'), "rules:1: "},
      {"deny x" + std::string(1 << 20, 'x') + " info", "rules:1: "},
      {"deny /" + std::string(100, 'x') + "[", "is no pattern"},
  };
  for (const auto& [text, part] : rows) {
    const std::string message = bad(text);
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
    CHECK(message.starts_with("rules:"));
  }
}

TEST_CASE("rule file: of a file that is something else the error shows nothing") {
  constexpr std::string_view kSecret = "hunter2";
  for (const std::string text : {"root:$6$hunter2:19000:0:99999:7:::\n", "hunter2", "# shadow\n\nhunter2:x\n",
                                 "  hunter2 deny /a\n", "denyhunter2 /a\n", "deny:hunter2\n", "DENY hunter2\n"}) {
    const std::string message = bad(text);
    CAPTURE(message);
    CHECK(message.find(kSecret) == std::string::npos);
  }
}

TEST_CASE("rule file: the name of the file cannot move a cursor either") {
  const auto rules = parse_rules("x", "a\nb\x1b");
  REQUIRE_FALSE(bool(rules));
  CHECK(rules.error().message.starts_with(R"(a\nb\x1b:1: )"));
}

TEST_CASE("rule file: a long line and many lines") {
  CHECK(good("# " + std::string(1 << 20, 'x') + "\ndeny /a").size() == 1);
  CHECK(good(std::string(1 << 20, ' ') + "deny /a" + std::string(1 << 20, '\t')).size() == 1);
  std::string text;
  for (int i = 0; i < 100'000; i++) text += "sensitive /srv/" + std::to_string(i) + "/ critical\n";
  const auto rules = good(text);
  REQUIRE(rules.size() == 100'000);
  CHECK(rules.back().pattern == "/srv/99999/");
  CHECK(bad(text + "deny").starts_with("rules:100001: "));
}

// A directory for files that hold rules, or are none.
class Files {
 public:
  Files() {
    char path[] = "/tmp/aa-trace-rules-XXXXXX";
    REQUIRE(mkdtemp(path));
    top_ = path;
    chmod(path, 0755);
  }
  ~Files() { std::filesystem::remove_all(top_); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(top_ + "/" + name, std::ios::binary) << text;
    return top_ + "/" + name;
  }
  const std::string& top() const { return top_; }

 private:
  std::string top_;
};

TEST_CASE("rule file: is read whole") {
  const Files files;
  std::string text;
  for (int i = 0; i < 20'000; i++) text += "deny /srv/" + std::to_string(i) + "\n";
  for (const std::string& file : {files.file("a", text), files.file("b \n", text)}) {
    const auto rules = read_rules(file);
    REQUIRE(bool(rules));
    CHECK(rules->size() == 20'000);
    CHECK(rules->back().pattern == "/srv/19999");
  }
  CHECK(read_rules(files.file("empty", ""))->empty());
  const auto wrong = read_rules(files.file("wrong", "deny /a\nx\n"));
  REQUIRE_FALSE(bool(wrong));
  CHECK(wrong.error().message.starts_with(files.top() + "/wrong:2: "));
  CHECK(wrong.error().exit_code == ExitCode::kFailure);
}

TEST_CASE("rule file: what cannot be one") {
  const Files files;
  REQUIRE(mkfifo((files.top() + "/fifo").c_str(), 0600) == 0);
  REQUIRE(symlink("loop", (files.top() + "/loop").c_str()) == 0);
  const std::pair<std::string, std::string> rows[] = {
      {files.top(), "Is a directory"},
      {files.top() + "/missing", "No such file"},
      {files.top() + "/missing/x", "No such file"},
      {files.top() + "/loop", "Too many levels"},
      {files.top() + "/fifo", "not a regular file"},
      {"/dev/null", "not a regular file"},
      {files.file("binary", "deny /a\n\0\x7f"s), "not a text file"},
      {"/dev/zero", "not a regular file"},
      {"", "No such file"},
      {files.top() + "/" + std::string(300, 'x'), "File name too long"},
  };
  for (const auto& [file, part] : rows) {
    CAPTURE(file);
    const auto rules = read_rules(file);
    REQUIRE_FALSE(bool(rules));
    CHECK(rules.error().message.find(part) != std::string::npos);
    CHECK(rules.error().message.find(file) != std::string::npos);
    CHECK(rules.error().exit_code == ExitCode::kFailure);
  }
}

// Root may read everything: what a user may not, a child that is none finds out.
TEST_CASE("rule file: one that may not be read") {
  const Files files;
  const std::string file = files.file("secret", "deny /a\n");
  REQUIRE(chmod(file.c_str(), 0) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (geteuid() == 0 && seteuid(65534) != 0) _exit(2);
    const auto rules = read_rules(file);
    _exit(!rules && rules.error().message.find("Permission denied") != std::string::npos ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

}  // namespace
}  // namespace aa::test
