#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "run.hpp"

namespace aa::test {

const std::string& program() {
  static const std::string path = [] {
    const char* given = getenv("AA_TRACE");
    char absolute[PATH_MAX];
    const char* wanted = given && *given ? given : "build/aa-trace";
    return std::string(realpath(wanted, absolute) ? absolute : wanted);
  }();
  return path;
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Fd::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Pty::Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
  char name[64];
  if (!master_.valid() || grantpt(master()) != 0 || unlockpt(master()) != 0 ||
      ptsname_r(master(), name, sizeof name) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot open a pseudo terminal");
  path_ = name;
}

bool wait_until(const std::function<bool()>& condition, milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

Scratch::Scratch() {
  char name[] = "/tmp/aa-cli-XXXXXX";
  if (!mkdtemp(name)) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  path_ = name;
  chmod(name, 0777);
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Scratch::write(const std::string& name, const std::string& text, mode_t mode) const {
  const std::string path = file(name);
  std::ofstream(path, std::ios::binary) << text;
  chmod(path.c_str(), mode);
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result.push_back(line);
  return result;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string proc_status(pid_t pid, const std::string& key) {
  for (const auto& line : lines(read_file("/proc/" + std::to_string(pid) + "/status"))) {
    if (!line.starts_with(key + ":")) continue;
    const auto start = line.find_first_not_of(" \t", key.size() + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

// Not /proc/PID/task/TID/children: kernels without CONFIG_PROC_CHILDREN do not have it.
pid_t child_of(pid_t parent) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = std::stoi(name);
    if (proc_status(pid, "PPid") == std::to_string(parent)) return pid;
  }
  return 0;
}

int end_orphans() {
  int count = 0;
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  while (const pid_t pid = child_of(getpid())) {
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    count++;
  }
  return count;
}

}  // namespace aa::test
