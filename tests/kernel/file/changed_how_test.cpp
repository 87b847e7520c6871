// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The flags of openat2 are those that counted, or it is said that they are not all there.
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

struct Expected {
  std::string name;
  std::string flags;
  bool truncated;
};

// The last one of this file: what came before were preparations.
Event last_open(const Report& report, const std::string& name) {
  std::vector<Event> opens;
  for (const Event& event : report.of("open"))
    if (event.has("path") && event.text("path").ends_with("/" + name)) opens.push_back(event);
  REQUIRE(!opens.empty());
  return opens.back();
}

}  // namespace

TEST_CASE("openat2: flags that are changed or gone when it returns") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "open"}, "changed_how");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  // a hook sees those that the file forgets, but for O_CLOEXEC
  const std::string forgotten = names_are_resolved() ? "|O_TRUNC" : "";
  const Expected expected[] = {
      {"gone", "O_WRONLY" + forgotten, true},   {"changed", "O_WRONLY" + forgotten, true},
      {"hidden", "O_RDONLY" + forgotten, true}, {"plain", "O_WRONLY|O_TRUNC|O_CLOEXEC", false},
      {"made", "O_RDWR|O_CREAT|O_EXCL", false}, {"read", "O_RDONLY|O_NONBLOCK|O_SYNC", false},
  };
  for (const Expected& open : expected) {
    const Event event = last_open(report, open.name);
    INFO(event.line());
    CHECK_FALSE(event.has("error"));
    CHECK(event.text("flags") == open.flags);
    CHECK(event.has("flags_truncated") == open.truncated);
    CHECK_FALSE(event.has("unreadable"));
  }
  CHECK(last_open(report, "made").text("mode") == "0640");
  CHECK(last_open(report, "made").flag("created"));
  const Event failed = last_open(report, "failed");
  CHECK(failed.text("error") == "EFAULT");
  CHECK(failed.texts("unreadable") == std::vector<std::string>{"flags"});
}

TEST_CASE("openat2: hiding the flags does not hide a change outside of --root") {
  const TempDir directory, root;
  const Report report = trace_command(directory, {"-e", "open", "--root", root.path()}, "changed_how");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  for (const std::string name : {"gone", "changed", "hidden", "plain"})
    CHECK_MESSAGE(last_open(report, name).has("alert"), name);
  CHECK_FALSE(last_open(report, "read").has("alert"));
}

}  // namespace aa::test
