// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What several rules together say about an event.
#include "rules/judge.hpp"

#include <fcntl.h>

#include <cerrno>

#include "unit/rules/rule_sets.hpp"

namespace aa::test {
namespace {

constexpr RuleKind kAllow = RuleKind::kAllow, kDeny = RuleKind::kDeny, kSensitive = RuleKind::kSensitive;
constexpr Level kInfo = Level::kInfo, kWarning = Level::kWarning, kCritical = Level::kCritical;

Judge judge_of(std::vector<Rule> rules, Level least = kWarning) {
  return {compiled(std::move(rules)), OutsideRoot(), least};
}

Event file_event(std::string_view path, aa_kind kind = AA_OPEN) {
  Event event;
  event.kind = kind;
  event.file.path = Text::of(path);
  return event;
}

Event rename_event(std::string_view path, std::string_view new_path) {
  Event event = file_event(path, AA_RENAME);
  event.file.new_path = Text::of(new_path);
  return event;
}

// "deny critical /a; ..."; "dropped".
std::string verdict(Judge& judge, Event event) {
  if (!judge.judge(event)) return "dropped";
  std::string text;
  for (const Alert& alert : event.alerts)
    text.append(text.empty() ? "" : "; ")
        .append(alert.name)
        .append(" ")
        .append(level_name(alert.level))
        .append(" ")
        .append(alert.rule);
  return text;
}

TEST_CASE("judge: what is allowed is dropped, unless another rule is about it") {
  Judge judge = judge_of({{kAllow, {}, "/srv/"},
                          {kDeny, kCritical, "/srv/bad/"},
                          {kSensitive, kWarning, "**/.env"},
                          {kAllow, {}, "/srv/bad/good"},
                          {kAllow, {}, "/opt/*.o"}});
  const std::pair<const char*, const char*> rows[] = {
      {"/srv", "dropped"},
      {"/srv/a/b", "dropped"},
      {"/srvx", ""},
      {"/opt/a.o", "dropped"},
      {"/opt/a.c", ""},
      {"/srv/a/.env", "sensitive warning **/.env"},
      {"/srv/bad", "deny critical /srv/bad/"},
      {"/srv/bad/good", "deny critical /srv/bad/"},
      {"/srv/bad/.env", "deny critical /srv/bad/; sensitive warning **/.env"},
      {"/x/.env", "sensitive warning **/.env"},
      {"pipe:[1]", ""},
      {"/srv/.env (deleted)", "dropped"},  // that is its name
  };
  for (const auto& [path, expected] : rows) {
    CAPTURE(path);
    CHECK(verdict(judge, file_event(path)) == expected);
    Event failed = file_event(path);
    failed.error = 13;
    CHECK(verdict(judge, failed) == expected);
  }
  for (const aa_kind kind : {AA_IO, AA_READ, AA_WRITE, AA_CLOSE, AA_MMAP, AA_UNLINK, AA_XATTR})
    CHECK(verdict(judge, file_event("/srv/a", kind)) == "dropped");
  for (const aa_kind kind : {AA_FORK, AA_EXEC, AA_EXIT}) CHECK(verdict(judge, file_event("/srv/a", kind)).empty());
}

Rule hide(const char* pattern, bool only_reads = false) {
  return {.kind = RuleKind::kHide, .pattern = pattern, .only_reads = only_reads};
}

TEST_CASE("judge: what is hidden is dropped and counted, unless another rule is about it") {
  Judge judge = judge_of(
      {hide("/srv/"), {kDeny, kCritical, "/srv/bad/"}, {kSensitive, kWarning, "**/.env"}, {kAllow, {}, "/opt/"}});
  CHECK(verdict(judge, file_event("/srv/a")) == "dropped");
  CHECK(verdict(judge, file_event("/srv/a", AA_UNLINK)) == "dropped");
  CHECK(verdict(judge, rename_event("/srv/a", "/srv/b")) == "dropped");
  CHECK(verdict(judge, rename_event("/opt/a", "/srv/b")) == "dropped");
  CHECK(judge.hidden() == 4);
  CHECK(verdict(judge, file_event("/opt/a")) == "dropped");
  CHECK(verdict(judge, file_event("/srvx")).empty());
  CHECK(verdict(judge, rename_event("/srv/a", "/b")).empty());
  CHECK(verdict(judge, file_event("/srv/bad/a")) == "deny critical /srv/bad/");
  CHECK(verdict(judge, file_event("/srv/.env")) == "sensitive warning **/.env");
  for (const aa_kind kind : {AA_FORK, AA_EXEC, AA_EXIT}) CHECK(verdict(judge, file_event("/srv/a", kind)).empty());
  Event cut = file_event("/srv/a");
  cut.file.path.truncated = true;
  CHECK(verdict(judge, cut).empty());
  CHECK(judge.hidden() == 4);
}

TEST_CASE("judge: a change that is hidden is outside of --root all the same; one that is allowed is not") {
  const auto outside = OutsideRoot::of({"/tmp"});
  REQUIRE(bool(outside));
  Judge judge(compiled({hide("/srv/"), {kAllow, {}, "/opt/"}}), *outside, kWarning);
  CHECK(verdict(judge, file_event("/srv/a")) == "dropped");
  CHECK(verdict(judge, file_event("/srv/a", AA_UNLINK)) == "outside-root warning /tmp");
  CHECK(verdict(judge, file_event("/opt/a", AA_UNLINK)) == "dropped");
}

TEST_CASE("judge: of what is hidden for reading alone, changes and attempts to are told") {
  Judge judge = judge_of({hide("/usr/lib/", true)});
  struct Row {
    aa_kind kind;
    std::uint32_t flags;
    int error;
    bool dropped;
  };
  const Row rows[] = {
      {AA_OPEN, O_RDONLY, 0, true},
      {AA_OPEN, O_RDONLY, ENOENT, true},
      {AA_OPEN, O_RDONLY | O_CREAT, 0, true},
      {AA_OPEN, O_RDONLY | O_CREAT, EACCES, false},
      {AA_OPEN, O_RDONLY | O_TRUNC, 0, false},
      {AA_OPEN, O_WRONLY, 0, false},
      {AA_OPEN, O_RDWR, EACCES, false},
      {AA_OPEN, O_PATH, 0, true},
      {AA_READ, 0, 0, true},
      {AA_CLOSE, 0, 0, true},
      {AA_IO, 0, 0, true},
      {AA_WRITE, 0, 0, false},
      {AA_WRITE, 0, EBADF, false},
      {AA_MMAP, 0, 0, false},
      {AA_UNLINK, 0, 0, false},
      {AA_UNLINK, 0, EACCES, false},
      {AA_RENAME, 0, 0, false},
      {AA_XATTR, 0, 0, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kind);
    CAPTURE(row.flags);
    Event event = file_event("/usr/lib/libz.so", row.kind);
    event.file.flags = row.flags;
    event.error = row.error;
    CHECK(verdict(judge, event) == (row.dropped ? "dropped" : ""));
  }
  for (bool FilePart::*doubt :
       {&FilePart::created, &FilePart::flags_unreadable, &FilePart::flags_truncated, &FilePart::doubtful}) {
    Event event = file_event("/usr/lib/libz.so");
    event.file.*doubt = true;
    CHECK(verdict(judge, event).empty());
  }
  Event wrote = file_event("/usr/lib/libz.so", AA_IO);
  wrote.io.totals = {.reads = 1, .writes = 1};
  CHECK(verdict(judge, wrote).empty());
}

TEST_CASE("judge: both names of a rename count") {
  Judge judge = judge_of({{kAllow, {}, "/srv/"}, {kDeny, kCritical, "/bad/"}, {kSensitive, kWarning, "/key"}});
  CHECK(verdict(judge, rename_event("/srv/a", "/srv/b")) == "dropped");
  CHECK(verdict(judge, rename_event("/srv/a", "/b")).empty());
  CHECK(verdict(judge, rename_event("/a", "/srv/b")).empty());
  CHECK(verdict(judge, rename_event("/bad/a", "/srv/b")) == "deny critical /bad/");
  CHECK(verdict(judge, rename_event("/srv/a", "/bad/b")) == "deny critical /bad/");
  CHECK(verdict(judge, rename_event("/bad/a", "/bad/b")) == "deny critical /bad/");
  CHECK(verdict(judge, rename_event("/key", "/bad/b")) == "deny critical /bad/; sensitive warning /key");
}

TEST_CASE("judge: what is not known is not suppressed") {
  Judge judge = judge_of({{kAllow, {}, "/"}});
  CHECK(verdict(judge, file_event("/a")) == "dropped");
  Event event = rename_event("/a", "/b");
  CHECK(verdict(judge, event) == "dropped");
  event.file.new_path = Text::unreadable();
  CHECK(verdict(judge, event).empty());
  event.file.new_path = Text::of("/b");
  event.file.path = Text::unreadable();
  CHECK(verdict(judge, event).empty());
  event.file.path = {};
  CHECK(verdict(judge, event).empty());
  event.file.path = Text::of("/a");
  event.file.new_path.truncated = true;
  CHECK(verdict(judge, event).empty());
}

TEST_CASE("judge: a change whose path could not be read meets --root and what is denied") {
  const auto outside = OutsideRoot::of({"/tmp"});
  REQUIRE(bool(outside));
  Judge none = judge_of({{kSensitive, kWarning, "/key"}});
  Judge deny = judge_of({{kDeny, kCritical, "/bad/"}});
  Judge root(compiled({}), *outside, kWarning);
  for (const aa_kind kind : {AA_WRITE, AA_MMAP, AA_UNLINK, AA_RENAME, AA_TRUNCATE, AA_XATTR}) {
    Event event = file_event("/tmp/a", kind);
    CHECK(verdict(deny, event).empty());
    CHECK(verdict(root, event).empty());
    for (Text* text : {&event.file.path, &event.file.new_path}) {
      *text = Text::unreadable();
      CHECK(verdict(none, event).empty());
      CHECK(verdict(deny, event) == "deny warning unreadable");
      CHECK(verdict(root, event) == "outside-root warning unreadable");
      *text = Text::of("/tmp/b");
    }
    event.file.path = {};
    CHECK(verdict(root, event) == "outside-root warning unreadable");
    event.error = 13;
    CHECK(verdict(root, event).empty());
  }
  Event open = file_event("/tmp/a", AA_OPEN);
  open.file.path = Text::unreadable();
  CHECK(verdict(root, open).empty());  // for reading
  open.file.flags_unreadable = true;
  CHECK(verdict(root, open) == "outside-root warning unreadable");
  CHECK(verdict(deny, open) == "deny warning unreadable");
  open.file.path = Text::of("/srv/a");
  CHECK(verdict(root, open) == "outside-root warning /tmp");
  CHECK(verdict(deny, open).empty());
}

TEST_CASE("judge: of a path that is cut nobody knows the end") {
  Judge judge = judge_of({{kDeny, kCritical, "**/*.key"}, {kDeny, kCritical, "/bad/"}});
  Event event = file_event("/srv/a", AA_UNLINK);
  event.file.path.truncated = true;
  CHECK(verdict(judge, event) == "deny warning unreadable");
  event.file.path.bytes = "/bad/a";
  CHECK(verdict(judge, event) == "deny critical /bad/");
  event.kind = AA_OPEN;
  event.file.path.bytes = "/srv/a";
  CHECK(verdict(judge, event).empty());
}

TEST_CASE("judge: where a new symbolic link leads to") {
  Judge judge = judge_of({{kAllow, {}, "/srv/"}, {kDeny, kCritical, "/bad/"}, {kSensitive, kWarning, "/srv/key"}});
  const auto link = [](std::string_view path, std::string_view target) {
    Event event = file_event(path, AA_SYMLINK);
    event.file.text = Text::of(target);
    return event;
  };
  CHECK(verdict(judge, link("/srv/a", "/srv/b")) == "dropped");
  CHECK(verdict(judge, link("/srv/a", "/b")) == "dropped");  // nothing is done to its target
  CHECK(verdict(judge, link("/a", "/srv/b")).empty());
  CHECK(verdict(judge, link("/srv/a", "/bad/b")) == "deny critical /bad/");
  CHECK(verdict(judge, link("/srv/a", "../bad/b")) == "deny critical /bad/");
  CHECK(verdict(judge, link("/srv/x/a", "./..//key")) == "sensitive warning /srv/key");
  CHECK(verdict(judge, link("/srv/a", "key")) == "sensitive warning /srv/key");
  CHECK(verdict(judge, link("/a", "bad")) == "deny critical /bad/");
  CHECK(verdict(judge, link("/srv/a", "../../../bad")) == "deny critical /bad/");
  CHECK(verdict(judge, link("/bad/a", "/srv/key")) == "deny critical /bad/; sensitive warning /srv/key");
  CHECK(verdict(judge, link("/srv/a", "")) == "dropped");
  Event unreadable = link("/srv/a", "");
  unreadable.file.text = Text::unreadable();
  CHECK(verdict(judge, unreadable) == "deny warning unreadable");
  Event attribute = file_event("/srv/a", AA_XATTR);
  attribute.file.text = Text::of("/bad/b");
  CHECK(verdict(judge, attribute) == "dropped");
}

TEST_CASE("judge: the highest level first, then deny, sensitive, outside-root, shell") {
  const auto outside = OutsideRoot::of({"/tmp"});
  REQUIRE(bool(outside));
  const auto judged = [&](std::vector<Rule> rules) {
    Judge judge(compiled(std::move(rules)), *outside, kInfo);
    Event event = file_event("/srv/a");
    event.file.flags = O_WRONLY;
    return verdict(judge, event);
  };
  CHECK(judged({}) == "outside-root warning /tmp");
  CHECK(judged({{kSensitive, kWarning, "/srv/"}, {kDeny, kWarning, "/srv/a"}}) ==
        "deny warning /srv/a; sensitive warning /srv/; outside-root warning /tmp");
  CHECK(judged({{kSensitive, kInfo, "/srv/"}, {kSensitive, kCritical, "/srv/a"}, {kDeny, kInfo, "/srv/*"}}) ==
        "sensitive critical /srv/a; outside-root warning /tmp; deny info /srv/*; sensitive info /srv/");
  CHECK(judged({{kSensitive, kCritical, "/srv/a"}, {kSensitive, kCritical, "/srv/"}}) ==
        "sensitive critical /srv/a; sensitive critical /srv/; outside-root warning /tmp");
  CHECK(judged({{kAllow, {}, "/srv/"}}) == "dropped");
}

TEST_CASE("judge: a rule that is given twice has the higher level") {
  for (const bool higher_first : {false, true}) {
    Judge judge = judge_of({{kSensitive, higher_first ? kCritical : kWarning, "/a"},
                            {kSensitive, higher_first ? kWarning : kCritical, "/a"},
                            {kDeny, kWarning, "/a"}});
    CHECK(verdict(judge, file_event("/a")) == "sensitive critical /a; deny warning /a");
  }
}

TEST_CASE("judge: alerts below the level that is shown are none") {
  const auto outside = OutsideRoot::of({"/tmp"});
  REQUIRE(bool(outside));
  Event write = file_event("/srv/a", AA_WRITE), exec;
  exec.kind = AA_EXEC;
  exec.exec.filename = Text::of("/usr/bin/python3");
  for (const Level least : {kInfo, kWarning, kCritical}) {
    Judge judge(compiled({}), *outside, least);
    CHECK(verdict(judge, write).empty() == (least == kCritical));
    CHECK(verdict(judge, exec).empty() == (least == kCritical));
  }
}

TEST_CASE("judge: programs by what was asked for and by what runs") {
  struct Row {
    const char *filename, *exe;
    int error;
    const char* expected;
  };
  const Row rows[] = {
      {"/bin/ls", "/usr/bin/ls", 0, ""},
      {"/bin/sh", "/usr/bin/dash", 0, "shell critical sh"},
      {"/home/me/x.sh", "/usr/bin/dash", 0, "shell critical dash"},  // a #!/bin/sh script
      {"/home/me/x.py", "/usr/bin/python3.11", 0, "shell warning python"},
      {"/usr/bin/curl", "/usr/bin/python3", 0, "shell critical curl"},
      {"/usr/bin/python3", "/usr/bin/bash", 0, "shell critical bash"},
      {"curl", "/usr/bin/busybox", 0, "shell critical curl"},
      {"ls", "/bin/busybox", 0, "shell critical busybox"},
      {"/usr/bin/bash", "/usr/bin/ls", 0, "shell critical bash"},
      {"/opt/bash", "/usr/bin/bash", 2, "shell critical bash"},
      {"/opt/ls", "/usr/bin/bash", 2, ""},  // bash, which failed to run it
  };
  Judge judge = judge_of({{kDeny, kCritical, "/"}});
  for (const Row& row : rows) {
    CAPTURE(row.filename);
    Event event;
    event.kind = AA_EXEC;
    event.error = row.error;
    event.exec.filename = Text::of(row.filename);
    event.exe = Text::of(row.exe);
    CHECK(verdict(judge, event) == row.expected);
  }
  Event event;
  event.kind = AA_EXEC;
  event.exec.filename = event.exe = Text::unreadable();
  CHECK(verdict(judge, event).empty());
  event.exe = Text::of("/bin/sh");
  CHECK(verdict(judge, event) == "shell critical sh");
  event.kind = AA_FORK;
  CHECK(verdict(judge, event).empty());
}

TEST_CASE("judge: an event does not keep the alerts of the one before") {
  Judge judge = judge_of({{kDeny, kCritical, "/a"}});
  Event event = file_event("/a");
  CHECK(judge.judge(event));
  CHECK(event.alerts.size() == 1);
  event.file.path = Text::of("/b");
  CHECK(judge.judge(event));
  CHECK(event.alerts.empty());
}

TEST_CASE("judge: new rules hold from the next event on") {
  Judge judge = judge_of({{kDeny, kCritical, "/a"}});
  CHECK(verdict(judge, file_event("/a")) == "deny critical /a");
  judge.use(compiled({{kAllow, {}, "/a"}}));
  CHECK(verdict(judge, file_event("/a")) == "dropped");
}

TEST_CASE("judge: counts what is reported, the most important first") {
  Judge judge =
      judge_of({{kDeny, kWarning, "/a"}, {kSensitive, kCritical, "/b"}, {kSensitive, kWarning, "/c/"}}, kInfo);
  CHECK(judge.counts().empty());
  CHECK_FALSE(judge.highest());
  const auto report = [&](Event event, int times) {
    for (int i = 0; i < times; i++) {
      REQUIRE(judge.judge(event));
      judge.count(event);
    }
  };
  report(file_event("/nothing"), 5);
  CHECK_FALSE(judge.highest());
  report(file_event("/c/x"), 3);
  CHECK(judge.highest() == kWarning);
  report(file_event("/a"), 2);
  report(rename_event("/b", "/c/y"), 1);
  CHECK(judge.highest() == kCritical);
  report(file_event("/a"), 1);
  CHECK(judge.highest() == kCritical);
  Event unreported = file_event("/b");
  CHECK(judge.judge(unreported));
  const auto counts = judge.counts();
  REQUIRE(counts.size() == 3);
  const std::tuple<const char*, const char*, Level, std::uint64_t> expected[] = {
      {"sensitive", "/b", kCritical, 1}, {"deny", "/a", kWarning, 3}, {"sensitive", "/c/", kWarning, 4}};
  for (std::size_t i = 0; i < counts.size(); i++)
    CHECK(std::tuple(counts[i].alert, counts[i].rule, counts[i].level, counts[i].events) == expected[i]);
}

}  // namespace
}  // namespace aa::test
