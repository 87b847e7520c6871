// SPDX-License-Identifier: MIT OR Apache-2.0
#include "child.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "format.hpp"
#include "users.hpp"

namespace aa {
namespace {

// What the child tells through its pipe when it cannot go on.
struct Failure {
  enum Step : int { kNone, kUser, kLookUp, kExec } step;
  int error;
};

struct Caller {
  uid_t uid;
  gid_t gid;
};

// All ones is no id (chown(2), setresuid(2)).
Result<unsigned> id_in_environment(const char* name) {
  const char* text = std::getenv(name);
  const std::string_view digits = text ? text : "";
  unsigned id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc{} || end != digits.data() + digits.size() || id == ~0u)
    return Error{fmt::format("{} is not an id: as whom should COMMAND run? (--as-root: as root)", name)};
  return id;
}

// The user who called sudo; nobody if sudo was not called.
Result<std::optional<Caller>> find_caller() {
  if (geteuid() != 0 || (!std::getenv("SUDO_UID") && !std::getenv("SUDO_GID"))) return std::optional<Caller>();
  const auto uid = id_in_environment("SUDO_UID");
  if (!uid) return uid.error();
  const auto gid = id_in_environment("SUDO_GID");
  if (!gid) return gid.error();
  return std::optional(Caller{*uid, *gid});
}

bool become(const Caller& caller) {
  std::vector<gid_t> groups{caller.gid};
  if (const auto user = find_user(caller.uid)) {
    groups = groups_of(user->name, caller.gid);
    setenv("HOME", user->home.c_str(), 1);
    setenv("USER", user->name.c_str(), 1);
    setenv("LOGNAME", user->name.c_str(), 1);
  }
  return setgroups(groups.size(), groups.data()) == 0 && setresgid(caller.gid, caller.gid, caller.gid) == 0 &&
         setresuid(caller.uid, caller.uid, caller.uid) == 0;
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
  if (name.empty()) return ENOENT;
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
  argv.reserve(arguments.size() + 2);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  if (errno != ENOEXEC) return;
  // a script without "#!", as the shell and execvp(3) run it
  argv.insert(argv.begin(), const_cast<char*>("sh"));
  argv[1] = const_cast<char*>(path.c_str());
  execv("/bin/sh", argv.data());
}

[[noreturn]] void run_child(const CommandSetup& setup, const std::optional<Caller>& user, const StopSignals& signals,
                            int report_fd, pid_t parent) {
  signals.restore_for_child();
  if (!setup.stdout_is_free) dup2(2, 1);
  // what aa-trace was given to load its programs is not for COMMAND
  if (!setup.as_root) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
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
  const std::string name = command.empty() ? "''" : command;
  if (failure.step == Failure::kUser)
    return {fmt::format("cannot become the user who called sudo: {}{}", errno_text(failure.error),
                        failure.error == EPERM ? " (needs CAP_SETUID and CAP_SETGID; --as-root: as root)" : "")};
  if (failure.step == Failure::kExec && failure.error == ENOENT)
    return {fmt::format("{}: its interpreter does not exist", name), ExitCode::kNotFound};
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
  const auto user = setup.as_root ? Result(std::optional<Caller>()) : find_caller();
  if (!user) return user.error();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error{fmt::format("cannot make a pipe: {}", errno_text(errno))};
  Fd report(ends[0]), report_end(ends[1]);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return Error{fmt::format("cannot fork: {}", errno_text(errno))};
  if (pid == 0) run_child(setup, *user, signals, report_end.get(), parent);
  report_end.reset();
  if (!WIFSTOPPED(wait_for(pid, WUNTRACED))) {
    const auto failure = read_failure(report.get());
    return failure ? failure_message(setup.argv.front(), *failure) : Error{"COMMAND ended before it was started"};
  }
  Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  return Child(pid, setup.argv.front(), std::move(pidfd), std::move(report), user->has_value());
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      command_(std::move(other.command_)),
      pidfd_(std::move(other.pidfd_)),
      report_(std::move(other.report_)),
      own_user_(other.own_user_),
      released_(other.released_),
      exit_code_(other.exit_code_) {}

Child::~Child() {
  if (pid_ < 0 || released_) return;
  // without CAP_KILL another user's process is out of reach: it dies with us (PR_SET_PDEATHSIG)
  if (kill(pid_, SIGKILL) == 0) wait_for(pid_, 0);
}

Status Child::release() {
  released_ = true;
  kill(pid_, SIGCONT);
  // the other end closes with the exec
  const auto failure = read_failure(report_.get());
  report_.reset();
  if (!failure) return Done{};
  wait_for(pid_, 0);
  const Error error = failure_message(command_, *failure);
  exit_code_ = static_cast<int>(error.exit_code);
  return error;
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
