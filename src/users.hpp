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
};

// From the name service; a static build has none that works everywhere and reads /etc/passwd and /etc/group.
std::optional<User> find_user(uid_t uid);
// All groups of the user, `group` among them.
std::vector<gid_t> groups_of(const std::string& name, gid_t group);

}  // namespace aa
