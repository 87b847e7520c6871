// SPDX-License-Identifier: MIT OR Apache-2.0
#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "event/kinds.hpp"

namespace aa::test {
namespace {

TEST_CASE("kinds: their names") {
  CHECK(event_name(AA_FORK) == "fork");
  CHECK(event_name(AA_EXEC) == "exec");
  CHECK(event_name(AA_EXIT) == "exit");
  CHECK(names_of(kind_bit(AA_EXIT) | kind_bit(AA_FORK)) == std::vector<std::string_view>{"fork", "exit"});
  CHECK(names_of(0).empty());
  CHECK(names_of(default_kinds()) ==
        std::vector<std::string_view>{"exec", "exit", "open", "io", "mmap", "unlink", "rmdir", "mkdir", "mknod",
                                      "rename", "link", "symlink", "chmod", "chown", "truncate", "utime", "xattr"});
}

TEST_CASE("kinds: what they have in common") {
  using Names = std::vector<std::string_view>;
  CHECK(names_of(kinds_with(AA_KIND_PROCESS)) == Names{"fork", "exec", "exit"});
  CHECK(names_of(kinds_with(AA_KIND_CALLS)) == Names{"read", "write", "close"});
  CHECK(names_of(file_kinds()).size() == 18);
  // every event is in one group
  CHECK((kinds_with(AA_KIND_PROCESS) | file_kinds()) == (1ULL << AA_KINDS) - 2);
  CHECK((kinds_with(AA_KIND_FILE) & kinds_with(AA_KIND_CALLS)) == 0);
  CHECK(names_of(~kinds_with(AA_KIND_FAILS)) == Names{"fork", "exit", "io", "close", "mmap"});
  CHECK(names_of(~kinds_with(AA_KIND_CHANGES)) == Names{"fork", "exec", "exit", "open", "io", "read", "close"});
  CHECK(names_of(kinds_with(AA_KIND_NAMED)) == Names{"unlink", "rmdir", "mkdir", "mknod", "rename", "link", "symlink",
                                                     "chmod", "chown", "truncate", "utime", "xattr"});
  CHECK(kinds_with(AA_KIND_ZERO) == (kinds_with(AA_KIND_NAMED) | kind_bit(AA_EXEC)));
  CHECK(names_of(kinds_with(AA_KIND_URING)) == Names{"open", "io", "read", "write", "close", "unlink", "rmdir", "mkdir",
                                                     "rename", "link", "symlink", "truncate", "xattr"});
}

TEST_CASE("kinds: records that are no events are in no set") {
  for (const aa_kind kind : {AA_NO_KIND, AA_KINDS, AA_JOIN, AA_DESCRIPTOR, AA_RESULT, AA_TABLE}) {
    CAPTURE(kind);
    CHECK(kind_bit(kind) == 0);
    CHECK_FALSE(has_trait(kind, static_cast<aa_kind_trait>(~0u)));
    CHECK(event_name(kind) == "unknown");
  }
}

KindSet named(const char* list) { return parse_kinds(list)->whole; }

TEST_CASE("kinds: changes are what runs, and of the others what changed something") {
  const auto changes = parse_kinds("changes");
  REQUIRE(bool(changes));
  CHECK(changes->whole == named("exec,exit"));
  CHECK(changes->changes == named("file"));
  CHECK(*parse_kinds("changes,open") == AskedKinds{named("exec,exit,open"), named("file,!open")});
  CHECK(*parse_kinds("open,changes") == *parse_kinds("changes,open"));
  CHECK(*parse_kinds("changes,!rename,!exec") == AskedKinds{named("exit"), named("file,!rename")});
  CHECK(*parse_kinds("file,changes") == AskedKinds{named("exec,exit,file")});
  CHECK(*parse_kinds("all,!changes") == AskedKinds{named("fork,calls")});
  CHECK_FALSE(bool(parse_kinds("changes,!changes")));
}

TEST_CASE("kinds: the names of what is asked for ask for it") {
  const std::pair<const char*, const char*> rows[] = {{"changes", "changes"},
                                                      {"changes,open", "changes,open"},
                                                      {"changes,!rename,fork", "changes,!rename,fork"},
                                                      {"changes,!exec,read", "changes,!exec,read"},
                                                      {"open,exec", "exec,open"}};
  for (const auto& [list, expected] : rows) {
    const auto asked = parse_kinds(list);
    REQUIRE(bool(asked));
    std::string names;
    for (const std::string_view name : names_of(*asked)) names.append(names.empty() ? "" : ",").append(name);
    CHECK(names == expected);
    CHECK(*parse_kinds(names) == *asked);
  }
}

}  // namespace
}  // namespace aa::test
