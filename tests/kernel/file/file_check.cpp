// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "kernel/file/resolved.hpp"
#include "kernel/hooks.hpp"

namespace aa::test {

const std::vector<std::string> kFileCalls = {"-e", "file,!io"};

namespace {

const std::set<std::string> kKinds = {"open", "mmap",    "unlink", "rmdir", "mkdir",    "mknod", "rename",
                                      "link", "symlink", "chmod",  "chown", "truncate", "utime", "xattr"};

const std::vector<std::string> kStrings = {"error", "flags", "mode",     "target",   "path",
                                           "name",  "via",   "filename", "new_path", "new_name"};
const std::vector<std::string> kNumbers = {"fd", "size", "length", "new_uid", "new_gid", "offset", "bytes"};
const std::vector<std::string> kFlags = {"created",        "removed",          "lexical",
                                         "compat",         "path_truncated",   "new_path_truncated",
                                         "name_truncated", "target_truncated", "new_name_truncated"};

// As the contract has them: what /proc gives for a file without a path in its own way.
std::string as_reported(const std::string& path) {
  const std::string anonymous = "anon_inode:", memory = "/memfd:", deleted = " (deleted)";
  if (path.starts_with(anonymous)) {
    const std::string name = path.substr(anonymous.size());
    return name.starts_with('[') ? "anon:" + name : "anon:[" + name + "]";
  }
  if (path.starts_with(memory) && path.ends_with(deleted)) return path.substr(1, path.size() - 1 - deleted.size());
  // a name in a directory that is gone: the mark is about the whole
  const std::size_t inner = path.find(deleted + "/");
  if (inner != std::string::npos) return std::string(path).erase(inner, deleted.size()) + deleted;
  return path;
}

void check_string(const Event& event, const Fact& call, const std::string& key) {
  const bool is_path = key == "path" || key == "new_path";
  const std::string expected = is_path ? as_reported(call.text(key)) : call.text(key);
  const std::string told = is_path ? kernel_path(event, key) : event.bytes(key);
  if (event.flag(key + "_truncated")) {
    CHECK_MESSAGE(expected.starts_with(told), key << " is no prefix of " << expected << ": " << told);
    CHECK(told.size() < expected.size());
  } else {
    CHECK_MESSAGE(told == expected, key << " is " << told << ", not " << expected);
  }
}

void check_unreadable(const Event& event, const Fact& call) {
  std::vector<std::string> told = event.has("unreadable") ? event.texts("unreadable") : std::vector<std::string>{};
  std::vector<std::string> expected = call.list("unreadable");
  std::sort(told.begin(), told.end());
  std::sort(expected.begin(), expected.end());
  CHECK(told == expected);
}

bool has_same(const Event& event, const Fact& call, const std::string& key) {
  CHECK_MESSAGE(event.has(key) == call.has(key), key << std::string(call.has(key) ? " is missing" : " is there"));
  return event.has(key) && call.has(key);
}

}  // namespace

std::vector<Event> file_calls_of(const Report& report, long long tid) {
  std::vector<Event> chosen;
  for (const Event& event : report.events) {
    if (kKinds.count(event.kind()) && event.tid() == tid) chosen.push_back(event);
  }
  return chosen;
}

void check_file_call(const Event& event, const Fact& told) {
  INFO(event.line());
  INFO(told.line());
  const Fact call = as_resolved(told, event);
  CHECK(event.kind() == call.text("event"));
  for (const char* key : {"pid", "tid", "ppid", "uid", "gid"}) CHECK(event.number(key) == call.number(key));
  for (const std::string& key : kStrings)
    if (has_same(event, call, key)) check_string(event, call, key);
  for (const std::string& key : kNumbers)
    if (has_same(event, call, key)) CHECK(event.number(key) == call.number(key));
  for (const std::string& key : kFlags)
    if (has_same(event, call, key)) CHECK(event.flag(key));
  check_unreadable(event, call);
}

int check_file_calls(const Report& report) {
  std::map<long long, std::vector<Fact>> threads;
  int checked = 0;
  for (const Fact& call : report.truth.of("call")) {
    if (is_seen(call)) threads[call.number("tid")].push_back(call);
    else checked++;
  }
  for (const auto& [tid, calls] : threads) {
    const std::vector<Event> events = file_calls_of(report, tid);
    CHECK_MESSAGE(events.size() == calls.size(),
                  "thread " << tid << ": " << events.size() << " events, " << calls.size() << " calls");
    for (size_t i = 0; i < std::min(events.size(), calls.size()); i++, checked++) check_file_call(events[i], calls[i]);
  }
  return checked;
}

std::vector<Fact> calls_with(const Report& report, const std::string& key, const std::string& value) {
  std::vector<Fact> chosen;
  for (const Fact& call : report.truth.of("call")) {
    if (call.has(key) && call.text(key) == value) chosen.push_back(call);
  }
  return chosen;
}

void check_counts(const Report& report, const std::vector<Calls>& expected) {
  for (const Calls& calls : expected) {
    int made = 0, succeeded = 0;
    for (const Fact& call : calls_with(report, "event", calls.kind)) {
      made++;
      succeeded += !call.has("error");
    }
    CHECK_MESSAGE(made == calls.made, calls.kind << ": " << made);
    CHECK_MESSAGE(succeeded >= calls.succeeding, calls.kind << " without error: " << succeeded);
  }
}

Report check_workload(const TempDir& directory, int calls, const std::string& workload,
                      const std::vector<std::string>& arguments) {
  Report report = trace_command(directory, kFileCalls, workload, arguments);
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(static_cast<int>(report.truth.of("call").size()) == calls);
  CHECK(check_file_calls(report) == calls);
  return report;
}

}  // namespace aa::test
