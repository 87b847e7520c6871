// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A directory of a test, with everything in it gone afterwards.
#pragma once

#include <climits>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace aa::test {

class Scratch {
 public:
  Scratch() {
    std::string pattern = std::filesystem::canonical(std::filesystem::temp_directory_path()) / "aa-bpf-XXXXXX";
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace aa::test
