// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which of the alternatives for resolved names a kernel gets.
#include "plan/resolved_names.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace aa::test {
namespace {

using Names = std::set<std::string>;
using Functions = std::map<std::string, int, std::less<>>;  // and their parameters

Names chosen(KindSet kinds, bool trampolines, bool bpf_lsm, const Functions& functions) {
  const auto parameters = [&functions](std::string_view name) {
    const auto found = functions.find(name);
    return found == functions.end() ? -1 : found->second;
  };
  Names names;
  for (const NameHook& hook :
       choose_name_hooks({.kinds = kinds}, {.trampolines = trampolines, .bpf_lsm = bpf_lsm, .parameters = parameters}))
    names.insert(hook_name(hook));
  return names;
}

const Functions kUnlink = {
    {"bpf_lsm_path_unlink", 2}, {"bpf_lsm_path_rmdir", 2}, {"security_path_unlink", 2}, {"security_path_rmdir", 2}};

TEST_CASE("name hooks: the security hook, else the function that calls it, else none") {
  const KindSet kinds = kind_bit(AA_UNLINK);
  CHECK(chosen(kinds, true, true, kUnlink) == Names{"lsm/path_unlink", "lsm/path_rmdir"});
  CHECK(chosen(kinds, true, false, kUnlink) == Names{"fentry/security_path_unlink", "fentry/security_path_rmdir"});
  CHECK(chosen(kinds, true, true, {{"security_path_unlink", 2}}) == Names{"fentry/security_path_unlink"});
  CHECK(chosen(kinds, true, true, {}) == Names{});
  CHECK(chosen(kinds, false, true, kUnlink) == Names{});
}

TEST_CASE("name hooks: what an open has opened") {
  const KindSet kinds = kind_bit(AA_OPEN);
  const Functions both = {{"bpf_lsm_file_open", 1}, {"security_file_open", 1}};
  CHECK(chosen(kinds, true, true, both) == Names{"lsm/file_open"});
  CHECK(chosen(kinds, true, false, both) == Names{"fentry/security_file_open"});
  CHECK(chosen(kinds, false, true, both) == Names{});
}

TEST_CASE("name hooks: only for what is asked about") {
  CHECK(chosen(kind_bit(AA_OPEN) | kind_bit(AA_IO) | kind_bit(AA_EXEC), true, true, kUnlink) == Names{});
  CHECK(chosen(kind_bit(AA_RENAME), true, true, kUnlink) == Names{});
  CHECK(chosen(kind_bit(AA_RMDIR), true, true, kUnlink).size() == 2);
}

TEST_CASE("name hooks: one with too few parameters is another kernel's") {
  const KindSet kinds = kind_bit(AA_RENAME);
  CHECK(chosen(kinds, true, true, {{"bpf_lsm_path_rename", 4}, {"security_path_rename", 5}}) ==
        Names{"fentry/security_path_rename"});
  CHECK(chosen(kinds, true, true, {{"bpf_lsm_path_rename", 5}, {"security_path_rename", 5}}) ==
        Names{"lsm/path_rename"});
}

TEST_CASE("name hooks: each kind of event on names has some, and says which") {
  const auto any = [](std::string_view) { return 6; };
  const std::vector<NameHook> all =
      choose_name_hooks({.kinds = ~KindSet{0}}, {.trampolines = true, .bpf_lsm = true, .parameters = any});
  Names programs;
  for (const NameHook& hook : all) CHECK(programs.insert(hook.program).second);
  for (unsigned kind = AA_UNLINK; kind <= AA_XATTR; kind++)
    CHECK_FALSE(name_hooks_of(static_cast<aa_kind>(kind), all).empty());
  CHECK(name_hooks_of(AA_OPEN, all).size() == 1);
  CHECK(name_hooks_of(AA_IO, all).empty());
  CHECK(name_hooks_of(AA_MKDIR, all).size() == 1);
}

TEST_CASE("name hooks: only where the end of each call is seen") {
  struct Row {
    Engine engine;
    Preemption preemption;
    int major, minor;
    bool certain;
  };
  const Row rows[] = {
      {Engine::kTracepoint, Preemption::kNone, 5, 16, false},   {Engine::kTracepoint, Preemption::kNone, 5, 17, true},
      {Engine::kTracepoint, Preemption::kNone, 6, 1, true},     {Engine::kTracepoint, Preemption::kFull, 6, 1, false},
      {Engine::kTracepoint, Preemption::kUnknown, 6, 1, false}, {Engine::kTracepoint, Preemption::kFull, 6, 2, true},
      {Engine::kTracepoint, Preemption::kUnknown, 7, 0, true},  {Engine::kFexit, Preemption::kNone, 6, 1, true},
      {Engine::kFexit, Preemption::kFull, 6, 12, false},        {Engine::kFexit, Preemption::kUnknown, 6, 12, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.major);
    CAPTURE(row.minor);
    CHECK(names_are_certain(row.engine, row.preemption, {.major = row.major, .minor = row.minor, .text = ""}) ==
          row.certain);
  }
}

}  // namespace
}  // namespace aa::test
