// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/child.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace aa::test {

namespace {

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// O_APPEND: several processes of a workload write their lines into one file.
int open_for_child(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
}

[[noreturn]] void become(const std::vector<char*>& argv, const std::string& directory, int in, int out, int err) {
  std::signal(SIGPIPE, SIG_DFL);
  // the numbers of descriptors that a workload opens are told: not those that whoever runs the tests left open
  syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  if (chdir(directory.c_str()) != 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(120);
  execv(argv[0], argv.data());
  dprintf(2, "cannot start %s: %s\n", argv[0], std::strerror(errno));
  _exit(121);
}

}  // namespace

std::chrono::milliseconds deadline() {
  const char* seconds = std::getenv("AA_TEST_DEADLINE");
  return std::chrono::seconds(seconds && *seconds ? std::atoi(seconds) : 120);
}

int scaled(int full, int least) {
  const char* scale = std::getenv("AA_TEST_SCALE");
  return std::max(full / std::max(scale ? std::atoi(scale) : 1, 1), least);
}

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string TempDir::default_place() {
  const char* place = std::getenv("TMPDIR");
  return place && *place ? place : "/tmp";
}

TempDir::TempDir(const std::string& below) {
  std::string path = below + "/aa-kernel.XXXXXX";
  REQUIRE_MESSAGE(mkdtemp(path.data()) != nullptr, "cannot make a directory below " << below);
  chmod(path.c_str(), 0755);
  path_ = std::filesystem::canonical(path).string();
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Child::Child(const std::vector<std::string>& command, const std::string& directory, const std::string& name)
    : out_(directory + "/" + name + ".out"), err_(directory + "/" + name + ".err") {
  const std::vector<char*> argv = pointers_to(command);
  int ends[2];
  const int out = open_for_child(out_);
  const int err = open_for_child(err_);
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  REQUIRE(out >= 0);
  REQUIRE(err >= 0);
  pid_ = fork();
  if (pid_ == 0) become(argv, directory, ends[0], out, err);
  REQUIRE(pid_ > 0);
  close(ends[0]);
  close(out);
  close(err);
  input_ = ends[1];
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Child::~Child() {
  close_input();
  if (pid_ > 0 && !status_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (pidfd_ >= 0) close(pidfd_);
}

void Child::send(std::string_view text) const {
  CHECK(write(input_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

void Child::close_input() {
  if (input_ >= 0) close(input_);
  input_ = -1;
}

void Child::signal(int number) const { CHECK(kill(pid_, number) == 0); }

std::optional<int> Child::wait(std::chrono::milliseconds limit) {
  if (status_) return status_;
  pollfd end{pidfd_, POLLIN, 0};
  int status = 0;
  if (poll(&end, 1, static_cast<int>(limit.count())) == 1 && waitpid(pid_, &status, 0) == pid_) status_ = status;
  return status_;
}

}  // namespace aa::test
