// SPDX-License-Identifier: MIT OR Apache-2.0
#include "targets/users.hpp"

#include <grp.h>
#include <pwd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/numbers.hpp"

namespace aa {
namespace {

std::optional<User> user_of(const passwd* entry) {
  if (!entry) return std::nullopt;
  return User{.name = entry->pw_name, .home = entry->pw_dir, .uid = entry->pw_uid, .group = entry->pw_gid};
}

}  // namespace

#if defined(AA_STATIC)

namespace {

using File = std::unique_ptr<FILE, decltype(&std::fclose)>;

template <typename Wanted>
std::optional<User> find(Wanted wanted) {
  const File file(std::fopen("/etc/passwd", "re"), &std::fclose);
  while (const passwd* entry = file ? fgetpwent(file.get()) : nullptr)
    if (wanted(*entry)) return user_of(entry);
  return std::nullopt;
}

}  // namespace

std::optional<User> find_user(uid_t uid) {
  return find([uid](const passwd& entry) { return entry.pw_uid == uid; });
}

std::optional<User> find_user(const std::string& name) {
  return find([&name](const passwd& entry) { return entry.pw_name == name; });
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

std::optional<User> find_user(uid_t uid) { return user_of(getpwuid(uid)); }

std::optional<User> find_user(const std::string& name) { return user_of(getpwnam(name.c_str())); }

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

std::optional<User> calling_user() {
  const char* sudo = std::getenv("SUDO_UID");
  const char* doas = std::getenv("DOAS_USER");
  const char* pkexec = std::getenv("PKEXEC_UID");
  if (!sudo && doas) return find_user(std::string(doas));
  const auto uid = sudo || pkexec ? number_in(sudo ? sudo : pkexec) : std::nullopt;
  return uid ? find_user(*uid) : std::nullopt;
}

}  // namespace aa
