// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The comparison with strace itself: a reader that skips what it does not understand, or a comparison that is content
// with less, would let everything pass.
#include <doctest/doctest.h>

#include <cctype>

#include "cli/strace/file_activity.hpp"
#include "cli/strace/strace_calls.hpp"

namespace aa::test {
namespace {

std::string hex(const std::string& text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string result;
  for (const char c : text) result += {'\\', 'x', kDigits[c >> 4 & 15], kDigits[c & 15]};
  return result;
}

// Writes the strings in '' and the paths in 3<> as strace -xx does.
std::string log_line(const std::string& text) {
  std::string result, held;
  char close = 0;
  for (const char c : text) {
    const bool begins_path = c == '<' && !result.empty() && std::isalnum(static_cast<unsigned char>(result.back()));
    if (close && c != close) {
      held += c;
    } else if (close) {
      result += c == '>' ? "<" + hex(held) + ">" : "\"" + hex(held) + "\"";
      close = 0;
    } else if (c == '\'' || begins_path) {
      close = c == '<' ? '>' : c;
      held.clear();
    } else {
      result += c;
    }
  }
  return result;
}

std::string log_of(const std::vector<std::string>& lines) {
  std::string log;
  for (const auto& line : lines) log += log_line(line) + "\n";
  return log;
}

std::string told(const Activity& activity, int tid) {
  std::string text;
  for (const auto& o : activity.threads.at(tid)) text += (text.empty() ? "" : "\n") + to_text(o);
  return text;
}

struct Reading {
  const char* name;
  std::vector<std::string> log;
  const char* told;  // of thread 7
};

const Reading kReadings[] = {
    {"a success", {"7 unlink('a')  = 0"}, R"(unlink lexical="true" name="a" path="/w/a")"},
    {"an error", {"7 rmdir('/a') = -1 ENOTDIR (Not a directory)"}, R"(rmdir error="ENOTDIR" lexical="true" path="/a")"},
    {"folded",
     {"7 mkdir('../..//a/./b/', 0755) = 0"},
     R"(mkdir lexical="true" mode="0755" name="../..//a/./b/" path="/a/b")"},
    {"the file that was opened",
     {"7 openat(AT_FDCWD</w>, 'l', O_RDWR) = 3</real>"},
     R"(open fd="3" flags="O_RDWR" name="l" path="/real")"},
    {"a deleted file", {"7 close(3</w/x>(deleted)) = 0"}, R"~(close fd="3" path="/w/x (deleted)")~"},
    {"a name that looks like syntax", {"7 unlink('/a, 0) = <3>') = 0"}, R"(unlink lexical="true" path="/a, 0) = <3>")"},
    {"relative to a descriptor",
     {"7 unlinkat(4</d>, 'a', AT_REMOVEDIR) = 0"},
     R"(rmdir lexical="true" name="a" path="/d/a")"},
    {"unfinished and resumed",
     {"7 read(3</f>,  <unfinished ...>", "8 +++ exited with 0 +++", "7 <... read resumed>'abc', 9) = 3"},
     R"(read bytes="3" fd="3" path="/f")"},
    {"after chdir", {"7 chdir('sub') = 0", "7 unlink('a') = 0"}, R"(unlink lexical="true" name="a" path="/w/sub/a")"},
    {"after a chdir that failed",
     {"7 chdir('sub') = -1 ENOENT (No such file or directory)", "7 unlink('a') = 0"},
     R"(unlink lexical="true" name="a" path="/w/a")"},
    {"in another root",
     {"7 chroot('r') = 0", "7 unlink('/../a') = 0"},
     R"(unlink lexical="true" name="/../a" path="/w/r/a")"},
    {"restarted",
     {"7 open('p', O_RDONLY) = ? ERESTARTSYS (To be restarted)", "7 rmdir('/x') = 0", "7 rt_sigreturn({mask=[]}) = 2"},
     R"(rmdir lexical="true" path="/x")"},
    {"interrupted",
     {"7 rmdir('/x') = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
      "7 rt_sigreturn({mask=[]}) = -1 EINTR (Interrupted system call)"},
     R"(rmdir error="EINTR" lexical="true" path="/x")"},
    {"interrupted for good",
     {"7 rmdir('/x') = ? ERESTARTSYS (To be restarted if SA_RESTART is set)", "7 +++ killed by SIGTERM +++"},
     R"(rmdir error="EINTR" lexical="true" path="/x" (perhaps))"},
    {"killed",
     {"7 rmdir('/x' <unfinished ...>) = ?", "7 +++ killed by SIGKILL +++"},
     R"(rmdir lexical="true" path="/x" (perhaps))"},
    {"killed without a word", {"7 rmdir('/x' <unfinished ...>"}, R"(rmdir lexical="true" path="/x" (perhaps))"},
    {"no address",
     {"7 unlink(0x8) = -1 EFAULT (Bad address)"},
     R"(unlink error="EFAULT" lexical="true" unreadable="path")"},
    {"what is not reported",
     {"7 close(3) = -1 EBADF (Bad file descriptor)", "7 dup2(3</a>, 4) = 4",
      "7 mmap(NULL, 10, PROT_WRITE, MAP_PRIVATE, 3</a>, 0) = 0x7f00", "7 dup2(3</a>, 3</a>) = 3"},
     ""},
};

Activity read_log(const std::vector<std::string>& lines) { return activity_of(parse_calls(log_of(lines)), "/w"); }

const std::vector<std::string> kLog{
    "7 execve('/p', [], 0x1) = 0",
    "7 openat(AT_FDCWD</w>, 'a', O_WRONLY|O_CREAT|O_EXCL, 0644) = 3</w/a>",
    "7 clone3({flags=CLONE_FS|CLONE_THREAD, exit_signal=0}, 88 <unfinished ...>",
    "8 write(3</w/a>, 'abc', 3) = 3",
    "7 <... clone3 resumed>) = 8",
    "7 unlink('a') = 0",
    "8 close_range(3, 4, 0) = 0",
    "8 write(4</w/b>, 'abc', 3 <unfinished ...>",
    "8 +++ killed by SIGKILL +++",
    "7 rename('x', 'y') = -1 ENOENT (No such file or directory)",
};

std::vector<std::string> told_events() {
  const auto line = [](int tid, const std::string& rest) {
    return R"({"pid":7,"tid":)" + std::to_string(tid) + R"(,"event":)" + rest + "}";
  };
  return {
      line(7, R"("open","fd":9,"path":"/strace's own","flags":"O_RDONLY")"),
      line(7, R"("exec","filename":"/p")"),
      line(7,
           R"("open","fd":3,"flags":"O_WRONLY|O_CREAT|O_EXCL","mode":"0644","created":true,"path":"/w/a","name":"a")"),
      line(8, R"("write","fd":3,"bytes":3,"path":"/w/a")"),
      line(7, R"("unlink","lexical":true,"path":"/w/a","name":"a")"),
      line(8, R"("close","fd":3,"path":"/w/a","deleted":true)"),
      line(8, R"("io","fd":3,"reads":0,"read_bytes":0,"writes":1,"written_bytes":3,"closed":true,"path":"/w/a")"),
      line(7, R"("rename","error":"ENOENT","lexical":true,"path":"/w/x","name":"x","new_path":"/w/y","new_name":"y")"),
      line(8, R"("write","fd":4,"bytes":3,"path":"/w/b")"),
      line(8, R"("io","fd":4,"reads":0,"read_bytes":0,"writes":1,"written_bytes":3,"closed":true,"path":"/w/b")"),
      line(8, R"("unlink","error":"ENOSYS","lexical":true,"path":"/w/c")"),
      line(7, R"("exit","code":0)"),
      line(6, R"("unlink","path":"/of a thread that strace did not see")"),
  };
}

// The lines are made up: parse_events() would hand them to the schema as what aa-trace wrote.
Comparison compare_with(const std::vector<std::string>& lines) {
  Events events;
  for (const auto& line : lines) events.push_back(Json::parse(line));
  const Activity strace = read_log(kLog);
  return compare(strace, activity_of(events, strace));
}

struct Change {
  const char* name;
  size_t event;
  const char *from, *to;  // `from` empty: the whole event
};

const Change kChanges[] = {
    {"another path", 2, "/w/a", "/w/b"},
    {"a name that is not given", 2, R"(,"name":"a")", ""},
    {"another flag", 2, "|O_EXCL", ""},
    {"not created", 2, R"("created":true,)", ""},
    {"another descriptor", 2, R"("fd":3)", R"("fd":4)"},
    {"an error that was none", 4, R"("lexical")", R"("error":"EPERM","lexical")"},
    {"another error", 7, "ENOENT", "EPERM"},
    {"a key more", 4, R"("lexical")", R"("unreadable":["name"],"lexical")"},
    {"the path not lexical", 4, R"("lexical":true,)", ""},
    {"fewer bytes", 3, R"("bytes":3)", R"("bytes":2)"},
    {"another total", 6, R"("written_bytes":3)", R"("written_bytes":4)"},
    {"a total on another path", 6, "/w/a", "/w/a (deleted)"},
    {"no total", 6, "", ""},
    {"another process", 4, R"("pid":7)", R"("pid":8)"},
    {"a close outside of the range", 5, R"("fd":3)", R"("fd":5)"},
    {"an operation too few", 4, "", ""},
    {"the last operation missing", 7, "", ""},
    {"an operation too many", 12, R"("tid":6)", R"("tid":7)"},
    {"a call that a thread was not killed before", 10, R"("tid":8)", R"("tid":7)"},
    {"a call that was done after the kill", 10, "ENOSYS", "EPERM"},
    {"the exec that begins the job missing", 1, "", ""},
    {"a loss", 12, R"("unlink")", R"("lost")"},
};

}  // namespace

TEST_SUITE_BEGIN("strace comparison");

TEST_CASE("strace's lines are read as operations") {
  for (const auto& [name, log, expected] : kReadings) {
    CAPTURE(std::string(name));
    const Activity activity = read_log(log);
    for (const auto& fault : activity.faults) FAIL_CHECK(fault);
    CHECK(told(activity, 7) == expected);
  }
}

TEST_CASE("lines that mean nothing are told, not skipped") {
  for (const char* line : {"7 unlink(", "7 unlink('a'", "7 unlink('a') = what", "unlink", "7 <... read resumed>) = 3",
                           "7 +++ superseded by execve in pid 9 +++", "7 unlink('a')"}) {
    CAPTURE(std::string(line));
    CHECK(parse_calls(log_of({line})).not_understood.size() == 1);
  }
  CHECK(read_log({"7 rmdir('a') = 0", "8 rmdir('b') = 0"}).faults.size() == 1);
  CHECK_FALSE(string_of("\"\\x61\"...").has_value());
}

TEST_CASE("an exec by another thread goes on under the number of the first") {
  const auto calls = parse_calls(log_of({"7 futex(0x1 <unfinished ...>", "8 execve('/p', [], 0x1 <unfinished ...>",
                                         "7 +++ superseded by execve in pid 8 +++", "7 <... execve resumed>) = 0"}));
  CHECK(calls.not_understood.empty());
  REQUIRE(calls.calls.size() == 2);
  CHECK(calls.calls[0].result == "?");
  CHECK(calls.calls[1].result == "0");
}

TEST_CASE("two that tell the same have no difference") {
  const Comparison result = compare_with(told_events());
  for (const auto& difference : result.differences) FAIL_CHECK(difference);
  CHECK(sum(result.alike) == 4);
  CHECK(result.streams == 1);
  CHECK(result.excused == std::map<std::string, size_t>{{"close_range", 1}, {"killed", 3}});
}

TEST_CASE("whatever one of the two tells otherwise is a difference") {
  for (const auto& [name, at, from, to] : kChanges) {
    CAPTURE(std::string(name));
    auto events = told_events();
    auto& event = events[at];
    const auto found = event.find(from);
    REQUIRE(found != std::string::npos);
    if (*from) event.replace(found, std::string(from).size(), to);
    else events.erase(events.begin() + static_cast<long>(at));
    CHECK_FALSE(compare_with(events).differences.empty());
  }
}

TEST_SUITE_END();

}  // namespace aa::test
