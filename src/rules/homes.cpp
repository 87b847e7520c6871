// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/homes.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
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

}  // namespace aa
