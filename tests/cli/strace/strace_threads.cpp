// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/strace/strace_threads.hpp"

#include "cli/words.hpp"

namespace aa::test {
namespace {

// ".." stops at the root.
std::string folded(const std::string& path) {
  std::vector<std::string> kept;
  for (const auto& name : words(path, '/')) {
    if (name.empty() || name == ".") continue;
    if (name != "..") kept.push_back(name);
    else if (!kept.empty()) kept.pop_back();
  }
  std::string result;
  for (const auto& name : kept) result += "/" + name;
  return result.empty() ? "/" : result;
}

std::string clone_flags(const Call& call) {
  for (const auto& argument : call.arguments)
    if (auto flags = field_of(argument, "flags"); !flags.empty()) return flags;
  return "";
}

}  // namespace

StraceThreads::StraceThreads(int first, std::string cwd) {
  places_[first] = std::make_shared<Place>(Place{.cwd = std::move(cwd), .root = ""});
  process_of_[first] = first;
}

void StraceThreads::take(const Call& call, const CallResult& result) {
  Place& place = *places_.at(call.tid);
  // what strace shows there it has asked the kernel for
  for (const auto& argument : call.arguments)
    if (const auto d = descriptor_of(argument); d.number == "AT_FDCWD" && d.path) place.cwd = *d.path;
  if (result.kind != CallResult::Kind::kValue) return;
  const auto& name = call.name;
  const auto child = static_cast<int>(result.value);
  if (name == "clone" || name == "clone3") add(child, call.tid, clone_flags(call));
  if (name == "fork" || name == "vfork") add(child, call.tid, "");
  if (name == "fchdir") place.cwd = descriptor_of(call.argument(0)).path.value_or("");
  if (name == "unshare" && has_word(call.argument(0), "CLONE_FS")) places_[call.tid] = std::make_shared<Place>(place);
  if (name != "chdir" && name != "chroot") return;
  const auto directory = absolute(call.tid, place.cwd, string_of(call.argument(0)).value_or(""));
  if (name == "chdir") place.cwd = directory;
  else place.root = directory == "/" ? "" : directory;
}

void StraceThreads::add(int tid, int parent, std::string_view flags) {
  const auto& place = places_.at(parent);
  places_[tid] = has_word(flags, "CLONE_FS") ? place : std::make_shared<Place>(*place);
  process_of_[tid] = has_word(flags, "CLONE_THREAD") ? process_of_.at(parent) : tid;
}

// ".." does not lead out of a root, but who is outside of it is not held.
std::string StraceThreads::absolute(int tid, const std::string& directory, const std::string& name) const {
  const std::string& root = places_.at(tid)->root;
  const bool from_root = name.starts_with('/');
  const bool held = from_root || directory == root || directory.starts_with(root + "/");
  const std::string path = from_root ? name : (held ? directory.substr(root.size()) : directory) + "/" + name;
  if (!held || root.empty()) return folded(path);
  const auto below = folded(path);
  return below == "/" ? root : root + below;
}

std::string field_of(std::string_view text, std::string_view key) {
  const auto at = text.find(std::string(key) + "=");
  if (at == std::string_view::npos) return "";
  const auto begin = at + key.size() + 1;
  return std::string(text.substr(begin, text.find_first_of(", }", begin) - begin));
}

}  // namespace aa::test
