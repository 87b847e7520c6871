// SPDX-License-Identifier: MIT OR Apache-2.0
#include "places.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace aa {
namespace {

constexpr uid_t kFirstPerson = 1000;  // UID_MIN, login.defs(5)

bool is_private(const passwd& user) {
  const std::string_view home = user.pw_dir;
  if (!home.starts_with('/') || home.find_first_not_of('/') == std::string_view::npos) return false;
  struct stat status {};
  return user.pw_uid == 0 || user.pw_uid >= kFirstPerson ||
         (stat(user.pw_dir, &status) == 0 && status.st_uid == user.pw_uid);
}

bool has_foreign_link(const std::string& path) {
  for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    struct stat status {};
    if (lstat(path.substr(0, at).c_str(), &status) == 0 && S_ISLNK(status.st_mode) && status.st_uid != 0) return true;
    if (at == std::string::npos) return false;
  }
}

}  // namespace

std::vector<std::string> home_directories(const std::string& passwd_file) {
  std::vector<std::string> homes = {"/root"};
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(passwd_file.c_str(), "re"), std::fclose);
  if (!file) return homes;
  while (const passwd* user = fgetpwent(file.get()))
    if (is_private(*user) && std::find(homes.begin(), homes.end(), user->pw_dir) == homes.end())
      homes.emplace_back(user->pw_dir);
  return homes;
}

std::optional<std::string> resolved_path(const std::string& path, Links links) {
  if (links == Links::kOfRoot && has_foreign_link(path)) return std::nullopt;
  std::string existing = path;
  while (!existing.empty()) {
    char buffer[PATH_MAX];
    if (realpath(existing.c_str(), buffer)) {
      const std::string rest = path.substr(existing.size());
      std::string resolved = std::string(buffer) == "/" ? rest : buffer + rest;
      if (resolved.empty()) resolved = "/";
      return resolved == path ? std::nullopt : std::optional(resolved);
    }
    existing.erase(existing.rfind('/'));
  }
  return std::nullopt;
}

}  // namespace aa
