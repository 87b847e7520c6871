// SPDX-License-Identifier: MIT OR Apache-2.0
#include "users.hpp"

#include <grp.h>
#include <pwd.h>

#include <cstdio>
#include <memory>

namespace aa {

#if defined(AA_STATIC)

namespace {

using File = std::unique_ptr<FILE, decltype(&std::fclose)>;

}  // namespace

std::optional<User> find_user(uid_t uid) {
  const File file(std::fopen("/etc/passwd", "re"), &std::fclose);
  while (const passwd* entry = file ? fgetpwent(file.get()) : nullptr)
    if (entry->pw_uid == uid) return User{entry->pw_name, entry->pw_dir};
  return std::nullopt;
}

std::vector<gid_t> groups_of(const std::string& name, gid_t group) {
  std::vector<gid_t> groups{group};
  const File file(std::fopen("/etc/group", "re"), &std::fclose);
  while (const struct group* entry = file ? fgetgrent(file.get()) : nullptr)
    for (char** member = entry->gr_mem; *member; member++)
      if (name == *member && entry->gr_gid != group) groups.push_back(entry->gr_gid);
  return groups;
}

#else

std::optional<User> find_user(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry ? std::optional(User{entry->pw_name, entry->pw_dir}) : std::nullopt;
}

std::vector<gid_t> groups_of(const std::string& name, gid_t group) {
  int count = 64;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  if (getgrouplist(name.c_str(), group, groups.data(), &count) < 0) {
    // `count` is now how many there are
    groups.resize(static_cast<std::size_t>(count));
    getgrouplist(name.c_str(), group, groups.data(), &count);
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

#endif

}  // namespace aa
