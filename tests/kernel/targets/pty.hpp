// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>
#include <cstdlib>
#include <string>

namespace aa::test {

// A terminal. The master end must stay open as long as anybody is on it.
class Pty {
 public:
  Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    char name[64];
    REQUIRE_MESSAGE(master_ >= 0, "no pty: is /dev/pts mounted?");
    REQUIRE(grantpt(master_) == 0);
    REQUIRE(unlockpt(master_) == 0);
    REQUIRE(ptsname_r(master_, name, sizeof name) == 0);
    path_ = name;
  }
  ~Pty() { close(master_); }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  const std::string& path() const { return path_; }
  std::string number() const { return path_.substr(path_.rfind('/') + 1); }

 private:
  int master_;
  std::string path_;
};

}  // namespace aa::test
