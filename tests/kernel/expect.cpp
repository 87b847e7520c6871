// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/expect.hpp"

#include "kernel/file/resolved.hpp"

#include <doctest/doctest.h>

#include <map>

namespace aa::test {

namespace {

void check_caller(const Event& event, const Fact& fact) {
  CHECK(event.pid() == fact.number("pid"));
  CHECK(event.tid() == fact.number("tid"));
  CHECK(event.number("ppid") == fact.number("ppid"));
}

bool is_call_of(const Event& event, const Fact& call) {
  return event.pid() == call.number("pid") && !event.has("error") && event.has("filename") &&
         event.bytes("filename") == call.text("filename");
}

const Fact* program_after(const std::vector<Fact>& facts, size_t call) {
  for (size_t i = call + 1; i < facts.size(); i++) {
    if (!facts[i].has("pid") || facts[i].text("pid") != facts[call].text("pid")) continue;
    return facts[i].kind() == "self" ? &facts[i] : nullptr;
  }
  return nullptr;
}

}  // namespace

void check_exec(const Event& exec, const Fact& self, const Asked& asked) {
  INFO(exec.line());
  INFO(self.line());
  CHECK_FALSE(exec.has("error"));
  check_caller(exec, self);
  CHECK(exec.number("uid") == self.number("uid"));
  CHECK(exec.number("gid") == self.number("gid"));
  CHECK(exec.bytes("comm") == self.text("comm"));
  CHECK(exec.bytes("filename") == asked.filename);
  CHECK(kernel_path(exec, "exe") == (asked.exe.empty() ? self.text("exe") : asked.exe));
  CHECK(kernel_path(exec, "cwd") == (asked.cwd.empty() ? self.text("cwd") : asked.cwd));
  CHECK(exec.all_bytes("argv") == self.list("arg"));
  CHECK_FALSE(exec.flag("argv_truncated"));
  CHECK_FALSE(exec.has("unreadable"));
  CHECK(exec.has("lineage"));
}

void check_failed_exec(const Event& exec, const Fact& failed) {
  INFO(exec.line());
  INFO(failed.line());
  check_caller(exec, failed);
  CHECK(exec.text("error") == failed.text("error"));
  CHECK(exec.bytes("filename") == failed.text("filename"));
  CHECK(kernel_path(exec, "cwd") == failed.text("cwd"));
  CHECK(exec.all_bytes("argv") == failed.list("arg"));
  CHECK_FALSE(exec.has("unreadable"));
  CHECK(exec.has("lineage"));
}

int check_calls(const Report& report) {
  const std::vector<Fact>& facts = report.truth.facts();
  int checked = 0;
  for (size_t i = 0; i < facts.size(); i++) {
    if (facts[i].kind() != "call") continue;
    const Fact* self = program_after(facts, i);
    if (!self) continue;
    std::vector<Event> found;
    for (const Event& event : report.of("exec")) {
      if (is_call_of(event, facts[i])) found.push_back(event);
    }
    REQUIRE_MESSAGE(found.size() == 1, found.size() << " exec events for: " << facts[i].line());
    check_exec(found.front(), *self, {facts[i].text("filename"), "", ""});
    checked++;
  }
  return checked;
}

int check_exits(const Report& report) {
  int checked = 0;
  for (const Fact& gone : report.truth.of("gone")) {
    const Event exit = report.only("exit", gone.number("pid"));
    INFO(exit.line());
    INFO(gone.line());
    CHECK(exit.has("code") == gone.has("code"));
    CHECK(exit.has("signal") == gone.has("signal"));
    if (gone.has("code")) CHECK(exit.number("code") == gone.number("code"));
    if (gone.has("signal")) CHECK(exit.text("signal") == signal_name(gone.number("signal")));
    CHECK(exit.flag("core_dumped") == (gone.has("core") && gone.number("core") == 1));
    CHECK(exit.real("duration") >= 0);
    checked++;
  }
  return checked;
}

std::string signal_name(long long number) {
  // Written out: what libc's tables say is what is under test.
  static const std::map<long long, std::string> names = {
      {1, "SIGHUP"},     {2, "SIGINT"},   {3, "SIGQUIT"},  {4, "SIGILL"},     {5, "SIGTRAP"},
      {6, "SIGABRT"},    {7, "SIGBUS"},   {8, "SIGFPE"},   {9, "SIGKILL"},    {10, "SIGUSR1"},
      {11, "SIGSEGV"},   {12, "SIGUSR2"}, {13, "SIGPIPE"}, {14, "SIGALRM"},   {15, "SIGTERM"},
      {16, "SIGSTKFLT"}, {24, "SIGXCPU"}, {25, "SIGXFSZ"}, {26, "SIGVTALRM"}, {27, "SIGPROF"},
      {29, "SIGIO"},     {30, "SIGPWR"},  {31, "SIGSYS"},  {34, "SIGRTMIN"},  {37, "SIGRTMIN+3"}};
  const auto found = names.find(number);
  return found == names.end() ? "" : found->second;
}

}  // namespace aa::test
