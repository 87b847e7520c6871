// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the machine knows of a user.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace aa {

struct User {
  std::string name, home;
  uid_t uid = 0;
  gid_t group = 0;
};

// From the name service; a static build has none that works everywhere and reads /etc/passwd and /etc/group.
std::optional<User> find_user(uid_t uid);
std::optional<User> find_user(const std::string& name);
// Who called sudo, doas or pkexec, by the environment alone: it may say anything.
std::optional<User> calling_user();
// All groups of the user, `group` among them.
std::vector<gid_t> groups_of(const std::string& name, gid_t group);

}  // namespace aa
