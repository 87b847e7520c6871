// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/file/resolved.hpp"

#include "kernel/hooks.hpp"

namespace aa::test {

std::string kernel_path(const Event& event, const std::string& key) {
  return event.bytes(key) + (event.flag(key == "path" ? "deleted" : key + "_deleted") ? " (deleted)" : "");
}

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
  const bool followed = call.has(keys.followed) && kernel_path(event, keys.path) == call.text(keys.followed);
  const std::string path = call.text(followed ? keys.followed : keys.resolved);
  for (const char* key : {keys.path, keys.name, keys.truncated}) expected.remove(key);
  expected.put(keys.path, path);
  if (given != path) expected.put(keys.name, given);
}

}  // namespace

std::string told_path(const Fact& call, const std::string& key) {
  const std::string of = key.substr(0, key.size() - std::string("path").size());  // "" or "new_"
  if (!names_are_resolved() || !call.has("lexical") || call.has("error")) return call.text(key);
  const std::string better = of + (call.has("follows") ? "followed" : "resolved");
  return call.text(call.has(better) ? better : key);
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
