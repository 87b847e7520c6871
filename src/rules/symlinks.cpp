// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/symlinks.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace aa {
namespace {

constexpr int kLinksMax = 40;  // MAXSYMLINKS, include/linux/namei.h

void go_up(std::string& path) { path.erase(std::min(path.rfind('/'), path.size())); }

}  // namespace

void LinkFollower::step(Place& place, std::string_view name, int& links_left) {
  if (name.empty() || name == ".") return;
  if (name == "..") return go_up(place.path);
  place.path.append("/").append(name);
  struct stat status {};
  if (!place.missing) place.missing = lstat(place.path.c_str(), &status) != 0;
  if (place.missing || !S_ISLNK(status.st_mode) || links_left == 0) return;
  char target[PATH_MAX];
  const ssize_t length = readlink(place.path.c_str(), target, sizeof target);
  if (length <= 0) return;
  links_left--;
  place.by_root &= status.st_uid == 0;
  std::string_view rest(target, static_cast<std::size_t>(length));
  if (rest.starts_with('/')) place.path.clear();
  else go_up(place.path);
  while (!rest.empty()) {
    const std::string_view next = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(next.size() + 1, rest.size()));
    step(place, next, links_left);
  }
}

// A link that leads in circles stays what it is, like what is missing.
LinkFollower::Place LinkFollower::follow(const Place& from, std::string_view name) {
  Place place = from;
  int links_left = kLinksMax;
  step(place, name, links_left);
  if (links_left > 0) return place;
  place = from;
  place.path.append("/").append(name);
  place.missing = true;
  return place;
}

// Below one that is missing there is nothing to remember.
LinkFollower::Place LinkFollower::directory(const std::string& path) {
  if (path.empty()) return {};
  const auto known = directories_.find(path);
  if (known != directories_.end()) return known->second;
  const std::size_t slash = path.rfind('/');
  const Place above = directory(path.substr(0, slash));
  Place place = follow(above, std::string_view(path).substr(slash + 1));
  if (!above.missing) directories_.emplace(path, place);
  return place;
}

std::vector<std::string> LinkFollower::other_names(const std::string& path, Links links) {
  std::vector<std::string> names;
  if (path.size() < 2 || path.size() >= PATH_MAX) return names;
  const std::size_t slash = path.rfind('/');
  const Place above = directory(path.substr(0, slash));
  Place link = above;
  link.path += path.substr(slash);
  for (const Place& place : {follow(above, std::string_view(path).substr(slash + 1)), link}) {
    if (links == Links::kOfRoot && !place.by_root) continue;
    std::string name = place.path.empty() ? "/" : place.path;
    if (name != path && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace aa
