// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/glob_set.hpp"

#include <algorithm>

namespace aa {
namespace {

constexpr int kAnyByte = -1;
// For the states that matching goes through; beyond it they are made anew.
constexpr std::int64_t kMemoryPerGlob = 256 << 10, kMemoryMin = 1 << 20, kMemoryMax = 32 << 20;

int last_byte(std::string_view pattern) {
  constexpr std::string_view kNoSingleByte = "*?]/";
  const char last = pattern.back();
  return kNoSingleByte.find(last) != std::string_view::npos ? kAnyByte : static_cast<unsigned char>(last);
}

}  // namespace

Status GlobSet::add(std::uint32_t rule, std::string_view pattern) {
  auto glob = Glob::parse(pattern);
  if (!glob) return glob.error();
  groups_[last_byte(pattern)].globs.push_back({rule, std::move(*glob)});
  return Done{};
}

void GlobSet::compile() {
  for (auto& [byte, group] : groups_) group.compile();
}

void GlobSet::match(std::string_view path, std::vector<std::uint32_t>& found) const {
  for (const int byte : {kAnyByte, static_cast<int>(static_cast<unsigned char>(path.back()))}) {
    const auto group = groups_.find(byte);
    if (group != groups_.end()) group->second.match(path, found);
  }
}

void GlobSet::Group::compile() {
  if (globs.size() < 2) return;
  RE2::Options options = Glob::regex_options();
  options.set_max_mem(std::clamp<std::int64_t>(kMemoryPerGlob * std::ssize(globs), kMemoryMin, kMemoryMax));
  all = std::make_unique<RE2::Set>(options, RE2::ANCHOR_BOTH);
  for (const NamedGlob& glob : globs)
    if (all->Add(glob.glob.regex(), nullptr) < 0) return all.reset();
  if (!all->Compile()) all.reset();
}

void GlobSet::Group::match(std::string_view path, std::vector<std::uint32_t>& found) const {
  RE2::Set::ErrorInfo error{RE2::Set::kNoError};
  std::vector<int> matched;
  if (all && all->Match({path.data(), path.size()}, &matched, &error)) {
    for (const int at : matched) found.push_back(globs[static_cast<std::size_t>(at)].rule);
  } else if (!all || error.kind != RE2::Set::kNoError) {
    for (const NamedGlob& glob : globs)
      if (glob.glob.matches(path)) found.push_back(glob.rule);
  }
}

}  // namespace aa
