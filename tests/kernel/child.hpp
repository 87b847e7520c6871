// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <sys/types.h>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aa::test {

// Far above what anything here takes, so that only a hang runs into it. An emulated machine needs
// more: AA_TEST_DEADLINE, in seconds.
std::chrono::milliseconds deadline();

// How often a test does what it does very often: `full`, divided by AA_TEST_SCALE (default 1), but `least` at least. On
// an emulated machine each system call takes thirty times as long. Numbers in the names of tests are those of scale 1.
int scaled(int full, int least);

// Asks again until it is so; false if it never was before the deadline.
bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = deadline());

std::string read_file(const std::string& path);

// A directory of its own for a test, that every user may enter; gone with the test.
class TempDir {
 public:
  explicit TempDir(const std::string& below = default_place());
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  // Resolved: what the kernel reports of a file in here begins with this.
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  static std::string default_place();

 private:
  std::string path_;
};

// A program started by a test: its stdin is a pipe, stdout and stderr are files. If it is still there
// when the test is over it is killed; nothing else ever is.
class Child {
 public:
  Child(const std::vector<std::string>& command, const std::string& directory, const std::string& name);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  void send(std::string_view text) const;
  void close_input();
  void signal(int number) const;
  // The wait status; nothing if it is still running after the limit.
  std::optional<int> wait(std::chrono::milliseconds limit = deadline());
  std::string out() const { return read_file(out_); }
  std::string err() const { return read_file(err_); }

 private:
  std::string out_;
  std::string err_;
  pid_t pid_ = -1;
  int input_ = -1;
  int pidfd_ = -1;
  std::optional<int> status_;
};

}  // namespace aa::test
