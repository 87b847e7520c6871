// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the patterns of rules match: one by one, and several at once.
#include "rules/rule_set.hpp"

#include "unit/rules/rule_sets.hpp"

namespace aa::test {
namespace {

struct Row {
  const char* pattern;
  std::vector<const char*> matching, others;
};

void check_rows(const std::vector<Row>& rows, int least, const Homes& homes = {"/root", "/home/me"}) {
  int checked = 0;
  for (const Row& row : rows) {
    const Rules rules = sensitive({row.pattern}, homes);
    const auto check = [&](std::string_view path, bool expected) {
      CAPTURE(row.pattern);
      CAPTURE(path);
      CHECK(matching(rules, path) == (expected ? Indexes{0} : Indexes{}));
      checked++;
    };
    for (const char* path : row.matching) check(path, true);
    for (const char* path : row.others) check(path, false);
  }
  CHECK(checked >= least);
}

// Names that no machine has, where a symbolic link would be followed.
TEST_CASE("rules: a path is that path, and with a slash behind it what is below") {
  check_rows(
      {
          {"/etc/shadow",
           {"/etc/shadow"},
           {"/etc/shadow-", "/etc/shado", "/etc/shadow/x", "/x/etc/shadow", "/etc", "/"}},
          {"/etc/shadow/", {"/etc/shadow", "/etc/shadow/x"}, {"/etc/shadow-", "/etc/shadow-/x", "/etc"}},
          {"/home", {"/home"}, {"/homestead", "/home/me", "/hom", "/"}},
          {"/home/", {"/home", "/home/me", "/home/me/.x/y"}, {"/homestead", "/homestead/me", "/", "/x/home/y"}},
          {"/home/**", {"/home", "/home/me", "/home/me/.x/y"}, {"/homestead", "/"}},
          {"/home//", {"/home", "/home/me"}, {"/homestead"}},
          {"/home/**/**/", {"/home", "/home/me"}, {"/homestead"}},
          {"/", {"/", "/a", "/a/b"}, {}},
          {"/**", {"/", "/a", "/a/b"}, {}},
          {"**/", {"/", "/a", "/a/b"}, {}},
          {"/.", {"/"}, {"/a", "/."}},
          {"/srv/./a//b", {"/srv/a/b"}, {"/srv/a", "/srv/a/b/c"}},
          {"/srv/x/../a", {"/srv/a"}, {"/srv/x/a", "/srv/x", "/a"}},
          {"/../srv", {"/srv"}, {"/"}},
          {"/srv/a/..", {"/srv"}, {"/srv/a", "/"}},
          {"/srv/a/../", {"/srv", "/srv/b"}, {"/", "/srvx"}},
          {"/srv/...", {"/srv/..."}, {"/srv/..", "/srv"}},
      },
      60);
}

TEST_CASE("rules: what is no path matches nothing") {
  const Rules rules = sensitive({"/", "**/a", "**/*.pem", "**/*", "/*"});
  for (const char* path : {"", "a", "a.pem", "pipe:[123]", "socket:[1]", "anon:[eventfd]", "memfd:a", "./a"}) {
    CAPTURE(path);
    CHECK(matching(rules, path).empty());
  }
}

TEST_CASE("rules: wildcards") {
  check_rows(
      {
          {"/proc/*/mem",
           {"/proc/1/mem", "/proc/self/mem"},
           {"/proc/mem", "/proc/1/task/2/mem", "/proc/1/mem2", "/proc/1"}},
          {"/srv/*", {"/srv/a", "/srv/.a", "/srv/\xff"}, {"/srv", "/srv/a/b", "/srvx"}},
          {"/srv/*/", {"/srv/a", "/srv/a/b/c"}, {"/srv", "/srvx/a"}},
          {"/*", {"/a"}, {"/a/b"}},
          {"/*.pem", {"/a.pem", "/.pem"}, {"/a/b.pem", "/a.pem/b"}},
          {"/srv/a?c", {"/srv/abc", "/srv/a?c"}, {"/srv/ac", "/srv/a/c", "/srv/abbc"}},
          {"/srv/[ab]c", {"/srv/ac", "/srv/bc"}, {"/srv/cc", "/srv/c", "/srv/[ab]c"}},
          {"/srv/[!ab]c", {"/srv/cc", "/srv/!c"}, {"/srv/ac", "/srv/c", "/srv/xcc"}},
          {"/srv/[a-c]", {"/srv/b"}, {"/srv/d", "/srv/-"}},
          {"/srv/[]]", {"/srv/]"}, {"/srv/["}},
          {"/srv/*.txt", {"/srv/a.txt", "/srv/.txt", "/srv/a.b.txt"}, {"/srv/a.txt2", "/srv/a/b.txt", "/srv/atxt"}},
          {"/srv/**/z", {"/srv/z", "/srv/b/z", "/srv/b/c/z"}, {"/srvz", "/srv/bz", "/srv/z/b", "/z"}},
          {"/srv/*/b/**/*.c", {"/srv/a/b/x.c", "/srv/a/b/d/e/x.c"}, {"/srv/b/x.c", "/srv/a/b/xc", "/srv/a/d/b/x.c"}},
          {"/srv/**b", {"/srv/b", "/srv/xb", "/srv/x/yb"}, {"/srv/bc", "/srvb"}},
          {"/srv/*//b/./c", {"/srv/a/b/c"}, {"/srv/a/b", "/srv/b/c"}},
          {"/srv/*/.", {"/srv/a"}, {"/srv", "/srv/a/b"}},
          {"/srv/./*", {"/srv/a"}, {"/srv"}},
          {"/srv/x/../*", {"/srv/a"}, {"/srv/x/a"}},
      },
      58);
}

TEST_CASE("rules: escaped characters stand for themselves") {
  check_rows(
      {
          {R"(/srv/\*)", {"/srv/*"}, {"/srv/a", R"(/srv/\*)"}},
          {R"(/srv/\?\[a])", {"/srv/?[a]"}, {"/srv/xa"}},
          {R"(/srv/\\)", {R"(/srv/\)"}, {R"(/srv/\\)"}},
          {R"(/srv/a\*/)", {"/srv/a*", "/srv/a*/b"}, {"/srv/ab/b"}},
          {R"(/srv/\a)", {"/srv/a"}, {R"(/srv/\a)"}},
          {R"(/srv/\*/*)", {"/srv/*/a"}, {"/srv/b/a"}},
          {R"(/srv/*\*)", {"/srv/a*", "/srv/*"}, {"/srv/ab"}},
          {R"(**/\*)", {"/a/*"}, {"/a/b"}},
          {R"(**/*.\?)", {"/a/b.?"}, {"/a/b.c"}},
          {R"(/srv/a\/b)", {"/srv/a/b"}, {"/srv/a"}},
      },
      22);
}

TEST_CASE("rules: a name anywhere") {
  check_rows(
      {
          {"**/.env", {"/.env", "/a/.env", "/a/b/.env"}, {"/.env/x", "/a.env", "/.envx", "/a/.env/b", "/"}},
          {"/**/.env", {"/.env", "/a/b/.env"}, {"/.env/x"}},
          {"**/.git/", {"/.git", "/a/.git", "/.git/b", "/a/.git/b/c"}, {"/a.git/b", "/.gitx", "/.gitx/.git2"}},
          {"**/*.pem",
           {"/a.pem", "/a.b.pem", "/.pem", "/x/y/a.pem"},
           {"/pem", "/apem", "/a.pem.b", "/a.pem/b", "/a.PEM"}},
          {"**/*.pem/", {"/a.pem", "/a.pem/b", "/x/a.pem/b/c"}, {"/pem/b", "/a.pemx/b"}},
          {"**/*.tar.gz", {"/a.tar.gz", "/x/.tar.gz"}, {"/a.gz", "/a.tar", "/tar.gz"}},
          {"**/*.", {"/a.", "/."}, {"/a", "/a.b"}},
          {"**/x*", {"/x", "/xy", "/a/xy"}, {"/ax", "/x/a"}},
          {"**/a/b", {"/a/b", "/x/a/b"}, {"/a", "/b", "/a/b/c", "/xa/b"}},
          {"**/a/**/b", {"/a/b", "/x/a/y/z/b"}, {"/b/a", "/xa/b"}},
          {"**/**/a", {"/a", "/x/a"}, {"/xa"}},
          {"**/?", {"/a", "/b/c"}, {"/ab", "/b/cd"}},
      },
      60);
}

TEST_CASE("rules: bytes that are no UTF-8, and other odd ones") {
  check_rows(
      {
          {"/srv/\xff\xc3", {"/srv/\xff\xc3"}, {"/srv/\xff", "/srv/\xef\xbf\xbd\xef\xbf\xbd"}},
          {"/srv/\xff*", {"/srv/\xff", "/srv/\xff\xfe"}, {"/srv/\xfe\xff"}},
          {"/srv/?", {"/srv/\xff"}, {"/srv/\xc3\xa4"}},  // bytes, not characters
          {"**/\x80", {"/\x80", "/a/\x80"}, {"/\x81"}},
          {"**/*.\xff", {"/a.\xff"}, {"/a.\xfe"}},
          {"/srv/a b\n\t", {"/srv/a b\n\t"}, {"/srv/a"}},
          {"/srv/[\x80-\xff]", {"/srv/\x80", "/srv/\xff"}, {"/srv/a"}},
          {"/srv/*\n*", {"/srv/a\nb"}, {"/srv/ab"}},
      },
      18);
}

TEST_CASE("rules: ~/ is every home, whatever characters it has") {
  const Homes homes = {"/root", "/home/me", "/home/a*b", "/home/[x]", "/srv/h//"};
  check_rows(
      {
          {"~/.ssh/",
           {"/root/.ssh", "/home/me/.ssh/id", "/home/a*b/.ssh/id", "/home/[x]/.ssh/id", "/srv/h/.ssh/id"},
           {"/home/axb/.ssh/id", "/home/x/.ssh/id", "/home/.ssh", "/home/you/.ssh", "/.ssh", "/~/.ssh", "/root/.sshx"}},
          {"~/*.key",
           {"/root/a.key", "/home/a*b/c.key", "/home/[x]/c.key"},
           {"/home/axb/c.key", "/home/x/c.key", "/c.key"}},
          {"~/", {"/root", "/root/a", "/home/me", "/srv/h/x"}, {"/home", "/home/you", "/rootx"}},
          {"~/..", {"/", "/home", "/srv"}, {"/root", "/home/me"}},
          {"/srv/~/a", {"/srv/~/a"}, {"/root/a"}},
      },
      30, homes);
  CHECK(matching(sensitive({"~/x"}, {}), "/root/x").empty());
}

TEST_CASE("rules: long names and deep paths") {
  const std::string name(255, 'n');
  std::string deep;
  for (int i = 0; i < 200; i++) deep += "/d" + std::to_string(i);
  const Rules rules = sensitive({"/" + name, "/" + name + "/", "**/" + name, deep, deep + "/", deep + "/*"});
  CHECK(matching(rules, "/" + name) == Indexes{0, 1, 2});
  CHECK(matching(rules, "/" + name + "x") == Indexes{});
  CHECK(matching(rules, "/" + name.substr(1)) == Indexes{});
  CHECK(matching(rules, "/" + name + "/" + name) == Indexes{1, 2});
  CHECK(matching(rules, deep) == Indexes{3, 4});
  CHECK(matching(rules, deep + "/x") == Indexes{4, 5});
  CHECK(matching(rules, deep.substr(0, deep.rfind('/'))) == Indexes{});
}

TEST_CASE("rules: all that match, in their order, each once") {
  const Homes homes = {"/root", "/root/.", "/home/me"};
  const Rules rules = sensitive({"**/*.pem", "/home/", "/home/me/*", "~/", "/home/me/a.pem", "**/a.pem", "**/me/", "/",
                                 "/home/me/a.pem", "**/a*m", "/home/**/a.pem", "/var/"},
                                homes);
  CHECK(matching(rules, "/home/me/a.pem") == Indexes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(matching(rules, "/home/me/b") == Indexes{1, 2, 3, 6, 7});
  CHECK(matching(rules, "/root/x") == Indexes{3, 7});  // a home with two names
  CHECK(matching(rules, "/var/lib") == Indexes{7, 11});
  CHECK(matching(rules, "/") == Indexes{7});
  CHECK(rules->rules().size() == 12);
  CHECK(matching(compiled({}), "/a").empty());
}

TEST_CASE("rules: one that is no pattern is an error") {
  const std::vector<std::string> patterns = {"", "etc", "~", "/[", "/*/..", "**"};
  for (const std::string& pattern : patterns) {
    CAPTURE(pattern);
    const auto set =
        RuleSet::compile({{RuleKind::kDeny, Level::kCritical, "/good"}, {RuleKind::kDeny, {}, pattern}}, {});
    REQUIRE_FALSE(bool(set));
    CHECK_FALSE(set.error().message.empty());
  }
}

TEST_CASE("rules: whether there is one that denies") {
  CHECK_FALSE(sensitive({"/a"})->has_deny());
  CHECK_FALSE(compiled({{RuleKind::kAllow, {}, "/a"}})->has_deny());
  CHECK(compiled({{RuleKind::kAllow, {}, "/a"}, {RuleKind::kDeny, {}, "/b"}})->has_deny());
}

}  // namespace
}  // namespace aa::test
