// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Rules whose patterns go through symbolic links.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "unit/rules/rule_sets.hpp"

namespace aa::test {
namespace {

constexpr uid_t kNobody = 65534;

// A directory for links, and rules about what is in it. Its own path has none.
class LinkTree {
 public:
  LinkTree() {
    char path[] = "/tmp/aa-trace-links-XXXXXX";
    REQUIRE(mkdtemp(path));
    top_ = std::filesystem::canonical(path);
    for (const char* directory : {"/real", "/real/sub", "/other"}) std::filesystem::create_directory(top_ + directory);
  }
  ~LinkTree() { std::filesystem::remove_all(top_); }

  // A target that begins with a slash is in this directory.
  void link(const std::string& name, const std::string& target, uid_t owner = 0) const {
    const std::string from = top_ + name, to = target.starts_with('/') ? top_ + target : target;
    REQUIRE(symlink(to.c_str(), from.c_str()) == 0);
    if (owner) REQUIRE(lchown(from.c_str(), owner, owner) == 0);
  }
  bool matches(RuleKind kind, const std::string& pattern, const std::string& path) const {
    return !matching(compiled({{kind, Level::kWarning, top_ + pattern}}), top_ + path).empty();
  }
  const std::string& top() const { return top_; }

 private:
  std::string top_;
};

struct Row {
  const char* pattern;
  std::vector<const char*> matching, others;
};

void check_rows(const LinkTree& tree, RuleKind kind, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    for (const char* path : row.matching) {
      CAPTURE(path);
      CHECK(tree.matches(kind, row.pattern, path));
    }
    for (const char* path : row.others) {
      CAPTURE(path);
      CHECK_FALSE(tree.matches(kind, row.pattern, path));
    }
  }
}

TEST_CASE("rules: a pattern through a symbolic link is also about what that leads to") {
  const LinkTree tree;
  tree.link("/dir", "/real");
  tree.link("/relative", "real/../real/./sub");
  tree.link("/file", "/real/file");
  tree.link("/chain", "dir");
  tree.link("/real/up", "../other");
  tree.link("/nowhere", "/missing/below");
  tree.link("/root", "../../../../../../../..");
  tree.link("/w*ld", "/other");
  check_rows(tree, RuleKind::kDeny,
             {
                 {"/dir", {"/dir", "/real"}, {"/dir/a", "/real/a", "/other"}},
                 {"/dir/", {"/dir/a", "/real", "/real/a/b"}, {"/other", "/realx"}},
                 {"/dir/a", {"/dir/a", "/real/a"}, {"/a", "/real/b"}},
                 {"/relative/a", {"/relative/a", "/real/sub/a"}, {"/real/a"}},
                 {"/file", {"/file", "/real/file"}, {"/real"}},
                 {"/chain/", {"/chain/a", "/real/a"}, {"/other/a"}},
                 {"/chain/sub/../sub/a", {"/real/sub/a"}, {"/sub/a"}},
                 {"/dir/up/a", {"/dir/up/a", "/other/a"}, {"/up/a"}},
                 {"/nowhere/a", {"/nowhere/a", "/missing/below/a"}, {"/a"}},
                 {"/dir/*.c", {"/dir/a.c", "/real/a.c"}, {"/real/sub/a.c", "/other/a.c"}},
                 {"/chain/**/x[0-9]", {"/chain/x1", "/real/x1", "/real/sub/x2"}, {"/other/x1"}},
                 {R"(/w\*ld/a)", {"/w*ld/a", "/other/a"}, {"/world/a"}},
                 {"/*/a", {"/dir/a", "/real/a"}, {"/a"}},
             });
  CHECK_FALSE(matching(sensitive({tree.top() + "/root/aa-trace-x"}), "/aa-trace-x").empty());
  CHECK_FALSE(matching(sensitive({tree.top() + "/root/"}), "/any").empty());
}

TEST_CASE("rules: what is done to the link itself, in the directory that its path leads to") {
  const LinkTree tree;
  tree.link("/dir", "/real");
  tree.link("/real/link", "/other");
  check_rows(tree, RuleKind::kDeny, {{"/dir/link", {"/dir/link", "/real/link", "/other"}, {"/real", "/link"}}});
}

TEST_CASE("rules: links that lead in circles") {
  const LinkTree tree;
  tree.link("/self", "self");
  tree.link("/a", "b");
  tree.link("/b", "a");
  tree.link("/deeper", "deeper/x");
  check_rows(tree, RuleKind::kDeny,
             {
                 {"/self", {"/self"}, {"/real"}},
                 {"/a/x", {"/a/x"}, {"/b/x", "/x"}},
                 {"/deeper/", {"/deeper/a"}, {"/x"}},
             });
}

TEST_CASE("rules: a home that is a symbolic link") {
  const LinkTree tree;
  tree.link("/me", "/real");
  const Rules rules = sensitive({"~/.ssh/"}, {tree.top() + "/me"});
  CHECK_FALSE(matching(rules, tree.top() + "/me/.ssh/id").empty());
  CHECK_FALSE(matching(rules, tree.top() + "/real/.ssh/id").empty());
}

TEST_CASE("rules: an allow rule follows only root's links, others follow all" *
          doctest::skip(geteuid() != 0)) {  // only root can make the links of others
  const LinkTree tree;
  tree.link("/of_root", "/real");
  tree.link("/of_user", "/real", kNobody);
  tree.link("/first", "/of_user");  // root's, through another's
  tree.link("/real/file", "/other", kNobody);
  const Row hidden[] = {
      {"/of_user/", {"/of_user/a"}, {"/real/a"}},
      {"/of_user", {"/of_user"}, {"/real"}},
      {"/of_user/*.c", {"/of_user/a.c"}, {"/real/a.c"}},
      {"/first/a", {"/first/a"}, {"/real/a"}},
      {"/first/sub/", {"/first/sub/a"}, {"/real/sub/a"}},
      {"/of_root/file", {"/of_root/file", "/real/file"}, {"/other"}},
      {"/of_root/", {"/of_root/a", "/real/a"}, {"/other"}},
  };
  check_rows(tree, RuleKind::kAllow, {std::begin(hidden), std::end(hidden)});
  for (const RuleKind kind : {RuleKind::kDeny, RuleKind::kSensitive})
    check_rows(tree, kind,
               {
                   {"/of_user/", {"/of_user/a", "/real/a"}, {}},
                   {"/of_user/*.c", {"/of_user/a.c", "/real/a.c"}, {}},
                   {"/first/a", {"/first/a", "/real/a"}, {"/of_user/a"}},
                   {"/of_root/file", {"/of_root/file", "/real/file", "/other"}, {}},
               });
}

}  // namespace
}  // namespace aa::test
