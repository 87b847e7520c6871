// SPDX-License-Identifier: MIT OR Apache-2.0
//
// --fd-types: exactly what is open on one of them counts.
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <set>

namespace aa::test {

namespace {

constexpr long long kFirstFd = 20;  // what the workload uses

const std::set<std::string> kTypes{"file", "device", "pipe", "socket", "tty", "anon"};

struct Choice {
  const char* list;  // null: no option
  std::set<std::string> types;
};

const Choice kChoices[] = {
    {nullptr, {"file"}},
    {"device", {"device"}},
    {"pipe", {"pipe"}},
    {"socket", {"socket"}},
    {"tty", {"tty"}},
    {"anon", {"anon"}},
    {"pipe,socket", {"pipe", "socket"}},
    {"tty,file,device", {"tty", "file", "device"}},
    {"all", kTypes},
};

Uses true_uses(const Report& report, const std::set<std::string>& types) {
  Uses uses;
  const long long pid = report.events.front().pid();
  std::set<std::string> seen;
  for (const Fact& used : report.truth.of("used")) {
    seen.insert(used.text("type"));
    if (types.contains(used.text("type")))
      uses[{pid, used.number("fd")}].push_back({used.text("path"), totals_of(used)});
  }
  CHECK(seen == kTypes);
  return uses;
}

std::vector<Event> of_workload(const Report& report) {
  std::vector<Event> events;
  for (const Event& event : report.events) {
    if (event.has("fd") && event.number("fd") >= kFirstFd) events.push_back(event);
  }
  return events;
}

// The kernel says /memfd:x (deleted) and anon_inode:[eventfd] where we say memfd:x and anon:[eventfd].
std::string our_name(std::string path) {
  if (path.starts_with("/memfd:")) return path.substr(1, path.find(" (deleted)") - 1);
  constexpr std::string_view kAnonymous = "anon_inode:";
  if (!path.starts_with(kAnonymous)) return path;
  path.erase(0, kAnonymous.size());
  return "anon:" + (path.starts_with('[') ? path : "[" + path + "]");
}

void check_lines(const Report& report, const std::set<std::string>& types) {
  Uses truth = true_uses(report, types);
  for (auto& [key, uses] : truth) {
    for (Use& use : uses) use.path = our_name(use.path);
  }
  const Uses told = told_uses(of_workload(report));
  CHECK(truth.size() >= 2);
  check_uses(told, truth);
  check_all_closed(told);
}

void check_calls(const Report& report, const std::set<std::string>& types) {
  std::map<long long, Totals> told, truth;
  for (const Event& event : of_workload(report)) {
    if (event.kind() == "read") told[event.number("fd")] += {1, event.number("bytes"), 0, 0};
    if (event.kind() == "write") told[event.number("fd")] += {0, 0, 1, event.number("bytes")};
  }
  for (const auto& [key, uses] : true_uses(report, types)) truth[key.second] = uses.front().totals;
  CHECK((told == truth));
}

}  // namespace

TEST_CASE("--fd-types: io lines and single calls of exactly these") {
  for (const Choice& choice : kChoices) {
    INFO(std::string(choice.list ? choice.list : "default"));
    const TempDir directory;
    std::vector<std::string> options{"-e", "io,read,write,exit", "--io-interval", "0"};
    if (choice.list) options.insert(options.end(), {"--fd-types", choice.list});
    const Report report = trace_command(directory, options, "io_types");
    CHECK(report.code == 0);
    check_lines(report, choice.types);
    check_calls(report, choice.types);
  }
}

}  // namespace aa::test
