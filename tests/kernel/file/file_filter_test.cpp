// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What -e, -x, -z and -P leave of a workload's calls: those that they name, and all of them.
#include "kernel/file/file_check.hpp"
#include "kernel/file/resolved.hpp"
#include "kernel/hooks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

namespace aa::test {

namespace {

using Chosen = std::function<bool(const Fact&)>;

// The workload's calls that are chosen and can be seen have their events, in order, and no other call has one. Returns
// how many were chosen.
int check_filtered(const Report& report, const Chosen& chosen) {
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  std::vector<Fact> calls;
  int unseen = 0;
  for (const Fact& call : report.truth.of("call")) {
    if (!chosen(call)) continue;
    if (is_seen(call)) calls.push_back(call);
    else unseen++;
  }
  REQUIRE_FALSE(report.truth.of("call").empty());
  const std::vector<Event> events = file_calls_of(report, report.truth.of("call").front().number("tid"));
  CHECK(events.size() == calls.size());
  for (size_t i = 0; i < std::min(events.size(), calls.size()); i++) check_file_call(events[i], calls[i]);
  return static_cast<int>(calls.size()) + unseen;
}

int check_changes(const TempDir& directory, const std::vector<std::string>& options, const Chosen& chosen) {
  return check_filtered(trace_command(directory, options, "file_changes"), chosen);
}

Chosen is_kind(const std::vector<std::string>& kinds) {
  return [kinds](const Fact& call) { return std::count(kinds.begin(), kinds.end(), call.text("event")) > 0; };
}

bool all(const Fact&) { return true; }

bool is_failed(const Fact& call) { return call.has("error"); }

bool is_below(const std::string& path, const std::string& directory) {
  return path == directory || path.starts_with(directory + "/");
}

// One of the call's paths.
Chosen has_path(const std::function<bool(const std::string&)>& wanted) {
  return [wanted](const Fact& call) {
    return (call.has("path") && wanted(told_path(call, "path"))) ||
           (call.has("new_path") && wanted(told_path(call, "new_path")));
  };
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

TEST_CASE("-e: one kind alone") {
  struct Case {
    std::string kind;
    std::string workload;
    int calls;
  };
  // unlink and rmdir share a system call
  const std::vector<Case> cases = {
      {"open", "file_changes", 2},  {"link", "file_changes", 11},        {"unlink", "file_changes", 7},
      {"rmdir", "file_changes", 9}, {"truncate", "file_attributes", 11}, {"xattr", "file_attributes", 16},
      {"mmap", "file_map", 6}};
  for (const Case& each : cases) {
    INFO(each.kind);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", each.kind}, each.workload);
    CHECK(check_filtered(report, is_kind({each.kind})) == each.calls);
    // also of the processes beside the one that tells
    CHECK(report.of(each.kind).size() == report.events.size());
  }
}

TEST_CASE("-e: groups, and what is taken away from them") {
  struct Case {
    std::string list;
    Chosen chosen;
    int calls;
  };
  const std::vector<Case> cases = {
      {"file", all, 59},
      {"all", all, 59},
      {"all,!file", [](const Fact&) { return false; }, 0},
      {"file,!open,!link", is_kind({"mkdir", "mknod", "symlink", "rename", "unlink", "rmdir"}), 46},
      {"process,rename,link", is_kind({"rename", "link"}), 23},
      {"!rename", [](const Fact& call) { return call.text("event") != "rename"; }, 47}};
  for (const Case& each : cases) {
    INFO(each.list);
    const TempDir directory;
    CHECK(check_changes(directory, {"-e", each.list}, each.chosen) == each.calls);
  }
}

TEST_CASE("-x and -z part the calls") {
  const TempDir first, second, third;
  const int failed = check_changes(first, {"-e", "file,!io", "-x"}, is_failed);
  const int succeeded = check_changes(second, {"-e", "file,!io", "-z"}, std::not_fn(is_failed));
  CHECK(failed + succeeded == 59);
  CHECK(failed > 15);
  CHECK(succeeded > 25);
  const int renames = check_changes(third, {"-e", "rename", "-x"},
                                    [](const Fact& call) { return is_failed(call) && call.text("event") == "rename"; });
  CHECK(renames == 4);
}

TEST_CASE("-P: the paths of a glob, wherever they stand in the call") {
  struct Case {
    std::vector<std::string> globs;  // "@": the test's directory
    std::function<bool(const std::string& path, const std::string& directory)> wanted;
    int least;
  };
  const auto below_dir = [](const std::string& path, const std::string& top) { return is_below(path, top + "/dir"); };
  const auto beside = [](const std::string& path, const std::string& top) {
    return path.starts_with(top + "/l") && path.find('/', top.size() + 1) == std::string::npos;
  };
  const auto named = [](const std::string& name) {
    return [name](const std::string& path, const std::string&) { return name_of(path) == name; };
  };
  const auto exactly = [](const std::string& name) {
    return [name](const std::string& path, const std::string& top) { return path == top + "/" + name; };
  };
  const std::vector<Case> cases = {
      {{"@/dir/"}, below_dir, 20},
      {{"@/dir/**"}, below_dir, 20},
      {{"@/one"}, exactly("one"), 4},
      {{"@/l*"}, beside, 7},
      {{"**/fifo"}, named("fifo"), 5},
      {{"@/?ne", "@/th[a-r]ee"},
       [](const std::string& path, const std::string& top) { return path == top + "/one" || path == top + "/three"; },
       5},
      {{"@/**/s?"},
       [](const std::string& path, const std::string&) { return name_of(path).size() == 2 && name_of(path)[0] == 's'; },
       8},
      {{"@/nothing like this", "/on"}, [](const std::string&, const std::string&) { return false; }, 0},
  };
  for (const Case& each : cases) {
    const TempDir directory;
    std::vector<std::string> options = {"-e", "file,!io"};
    for (const std::string& glob : each.globs)
      options.insert(options.end(), {"-P", glob[0] == '@' ? directory.path() + glob.substr(1) : glob});
    INFO(each.globs.front());
    const int count = check_changes(
        directory, options, has_path([&](const std::string& path) { return each.wanted(path, directory.path()); }));
    CHECK(count >= each.least);
    if (each.least == 0) CHECK(count == 0);
  }
}

TEST_CASE("-P: leaves what is no file event, and goes together with -x") {
  const TempDir directory;
  const Report report =
      trace_command(directory, {"-e", "exec,exit,rmdir", "-x", "-P", directory.file("d2")}, "file_changes");
  const int count = check_filtered(report, [&](const Fact& call) {
    return call.text("event") == "rmdir" && is_failed(call) && call.text("path") == directory.file("d2");
  });
  CHECK(count == 1);
  const TempDir other;
  const Report unmatched = trace_command(other, {"-e", "exec,exit,file", "-P", "/nowhere/at/all"}, "file_changes");
  REQUIRE(unmatched.code == 0);
  CHECK(unmatched.of("exec").size() == 1);
  CHECK(unmatched.of("exit").size() == 2);
  CHECK(unmatched.events.size() == 3);
}

}  // namespace aa::test
