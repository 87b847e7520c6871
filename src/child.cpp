// SPDX-License-Identifier: MIT OR Apache-2.0
#include "child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "escape.hpp"

namespace aa {
namespace {

// What the child tells through its pipe when it cannot go on.
struct Failure {
  enum Step : int { kNone, kUser, kLookUp, kExec } step;
  int error;
};

struct User {
  uid_t uid;
  gid_t gid;
};

std::optional<unsigned> number_in_environment(const char* name) {
  const char* text = std::getenv(name);
  if (!text || *text < '0' || *text > '9') return std::nullopt;
  char* end;
  const unsigned long value = std::strtoul(text, &end, 10);
  return *end || value >= 0xFFFFFFFFul ? std::nullopt : std::optional<unsigned>(value);
}

// The user who called sudo.
std::optional<User> calling_user() {
  const auto uid = number_in_environment("SUDO_UID");
  const auto gid = number_in_environment("SUDO_GID");
  if (geteuid() != 0 || !uid || !gid) return std::nullopt;
  return User{*uid, *gid};
}

bool become(const User& user) {
  const passwd* entry = getpwuid(user.uid);
  if (entry ? initgroups(entry->pw_name, user.gid) : setgroups(1, &user.gid)) return false;
  if (entry) {
    setenv("HOME", entry->pw_dir, 1);
    setenv("USER", entry->pw_name, 1);
    setenv("LOGNAME", entry->pw_name, 1);
  }
  return setresgid(user.gid, user.gid, user.gid) == 0 && setresuid(user.uid, user.uid, user.uid) == 0;
}

// 0, or why this file cannot be executed.
int executable_error(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return errno;
  if (S_ISDIR(info.st_mode)) return EISDIR;
  return faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

// As execvp(3) searches, but without trying: a failed exec would be an event that COMMAND did not cause.
int look_up(const std::string& name, std::string& path) {
  if (name.find('/') != std::string::npos) return executable_error(path = name);
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/bin:/usr/bin";
  int error = ENOENT;
  while (true) {
    const std::size_t colon = rest.find(':');
    const std::string_view directory = rest.substr(0, colon);
    path = directory.empty() ? "./" + name : std::string(directory) + "/" + name;
    const int here = executable_error(path);
    if (here == 0) return 0;
    if (here == EACCES) error = EACCES;
    if (colon == std::string_view::npos) return error;
    rest.remove_prefix(colon + 1);
  }
}

[[noreturn]] void give_up(int report_fd, Failure::Step step, int error) {
  const Failure failure{step, error};
  [[maybe_unused]] const ssize_t n = write(report_fd, &failure, sizeof failure);
  _exit(static_cast<int>(ExitCode::kNotFound));
}

void execute(const std::string& path, const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  if (errno != ENOEXEC) return;
  // a script without "#!", as the shell and execvp(3) run it
  argv.insert(argv.begin(), const_cast<char*>("sh"));
  argv[1] = const_cast<char*>(path.c_str());
  execv("/bin/sh", argv.data());
}

[[noreturn]] void run_child(const CommandSetup& setup, const StopSignals& signals, int report_fd, pid_t parent) {
  signals.restore_for_child();
  if (!setup.stdout_is_free) dup2(2, 1);
  const auto user = setup.as_root ? std::nullopt : calling_user();
  if (user && !become(*user)) give_up(report_fd, Failure::kUser, errno);
  std::string path;
  if (const int error = look_up(setup.argv.front(), path)) give_up(report_fd, Failure::kLookUp, error);
  // stopped without a reader there is no one to release it (setresuid cleared an earlier setting)
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  raise(SIGSTOP);
  prctl(PR_SET_PDEATHSIG, 0);
  execute(path, setup.argv);
  give_up(report_fd, Failure::kExec, errno);
}

Error failure_message(const std::string& command, const Failure& failure) {
  std::string name;
  append_text_string(name, command);
  name = name.substr(1, name.size() - 2);
  if (failure.step == Failure::kUser)
    return {fmt::format("cannot become the user who called sudo: {}", errno_text(failure.error))};
  if (failure.error == ENOENT && command.find('/') == std::string::npos)
    return {fmt::format("{}: command not found", name), ExitCode::kNotFound};
  return {fmt::format("{}: {}", name, errno_text(failure.error)),
          failure.error == ENOENT || failure.error == ENOTDIR ? ExitCode::kNotFound : ExitCode::kNotExecutable};
}

std::optional<Failure> read_failure(int report_fd) {
  Failure failure;
  ssize_t n;
  do n = read(report_fd, &failure, sizeof failure);
  while (n < 0 && errno == EINTR);
  return n == sizeof failure ? std::optional(failure) : std::nullopt;
}

int wait_for(pid_t pid, int options) {
  int status = 0;
  while (waitpid(pid, &status, options) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Result<Child> Child::start_stopped(const CommandSetup& setup, const StopSignals& signals) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error{fmt::format("cannot make a pipe: {}", errno_text(errno))};
  Fd report(ends[0]), report_end(ends[1]);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return Error{fmt::format("cannot fork: {}", errno_text(errno))};
  if (pid == 0) run_child(setup, signals, report_end.get(), parent);
  report_end.reset();
  if (!WIFSTOPPED(wait_for(pid, WUNTRACED))) {
    const auto failure = read_failure(report.get());
    return failure ? failure_message(setup.argv.front(), *failure) : Error{"COMMAND ended before it was started"};
  }
  Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  return Child(pid, std::move(pidfd), std::move(report), !setup.as_root && calling_user());
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      report_(std::move(other.report_)),
      own_user_(other.own_user_),
      released_(other.released_),
      exit_code_(other.exit_code_) {}

Child::~Child() {
  if (pid_ < 0 || released_) return;
  kill(pid_, SIGKILL);
  wait_for(pid_, 0);
}

Status Child::release() {
  released_ = true;
  kill(pid_, SIGCONT);
  // the other end closes with the exec
  const auto failure = read_failure(report_.get());
  report_.reset();
  if (!failure) return Done{};
  exit_code_ = WEXITSTATUS(wait_for(pid_, 0));
  return failure_message("COMMAND", *failure);
}

std::optional<int> Child::exit_code() {
  if (exit_code_) return exit_code_;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return exit_code_;
}

void Child::send_signal(int signal) const { kill(pid_, signal); }

}  // namespace aa
