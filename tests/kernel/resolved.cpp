// SPDX-License-Identifier: MIT OR Apache-2.0
#include "resolved.hpp"

#include <doctest/doctest.h>

#include "trace.hpp"

namespace aa::test {

namespace {

// One name of a call: where the keys of its fact are.
struct Keys {
  const char* path;
  const char* name;
  const char* resolved;  // its directory resolved, and the last component as it is
  const char* followed;  // the same with the last component followed
  const char* truncated;
};

void resolve(const Fact& call, const Event& event, const Keys& keys, Fact& expected) {
  if (!call.has(keys.resolved)) return;
  const std::string given = call.has(keys.name) ? call.text(keys.name) : call.text(keys.path);
  const bool followed = call.has(keys.followed) && event.bytes(keys.path) == call.text(keys.followed);
  const std::string path = call.text(followed ? keys.followed : keys.resolved);
  for (const char* key : {keys.path, keys.name, keys.truncated}) expected.remove(key);
  expected.put(keys.path, path);
  if (given != path) expected.put(keys.name, given);
}

}  // namespace

bool names_are_resolved() {
  static const bool resolved = [] {
    const TempDir directory;
    std::vector<std::string> command = aa_trace_command();
    command.push_back("--check");
    Child check(command, directory.path(), "check");
    check.wait();
    const std::string text = check.out();
    REQUIRE(text.find("\nunlink ") != std::string::npos);
    return text.find("/path_unlink") != std::string::npos || text.find("/security_path_unlink") != std::string::npos;
  }();
  return resolved;
}

Fact as_resolved(const Fact& call, const Event& event) {
  Fact expected = call;
  if (!call.has("lexical") || !call.has("resolved") || !names_are_resolved()) return expected;
  // what fails may fail before the hook
  if (call.has("error") && event.has("lexical")) return expected;
  const bool attribute = call.text("event") == "xattr";
  resolve(call, event, {"path", attribute ? "filename" : "name", "resolved", "followed", "path_truncated"}, expected);
  resolve(call, event, {"new_path", "new_name", "new_resolved", "new_followed", "new_path_truncated"}, expected);
  expected.remove("lexical");
  return expected;
}

}  // namespace aa::test
