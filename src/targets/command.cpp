// SPDX-License-Identifier: MIT OR Apache-2.0
#include "targets/command.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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

#include "base/format.hpp"
#include "targets/users.hpp"

namespace aa {
namespace {

// What the child tells: that it is ready, or why it cannot go on.
struct Message {
  enum Step : int { kReady, kUser, kLookUp, kExec } step;
  int error;
};

// All signals, also those that a handler of ours would take from the child between fork and exec.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_;
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

// sudo sets both. Where only the user is handed on, as by `env -i SUDO_UID=...`, it is the group that he logs in with.
Result<gid_t> group_of_caller(uid_t uid) {
  if (std::getenv("SUDO_GID")) return id_in_environment("SUDO_GID");
  if (const auto user = find_user(uid)) return user->group;
  return Error{fmt::format(
      "SUDO_GID is not set, and no user has the id {}: with which group should COMMAND run? (--as-root: as root)",
      uid)};
}

Result<std::optional<Caller>> caller_of_sudo() {
  if (!std::getenv("SUDO_UID"))
    return Error{"SUDO_UID is not set, but SUDO_GID is: as whom should COMMAND run? (--as-root: as root)"};
  const auto uid = id_in_environment("SUDO_UID");
  if (!uid) return uid.error();
  const auto gid = group_of_caller(*uid);
  if (!gid) return gid.error();
  return std::optional(Caller{*uid, *gid});
}

// These do not tell the group: it is the user's own.
Result<std::optional<Caller>> caller_known_as(const char* variable, const std::optional<User>& user) {
  if (user) return std::optional(Caller{user->uid, user->group});
  return Error{fmt::format("{}: no such user: as whom should COMMAND run? (--as-root: as root)", variable)};
}

// The user who called sudo, doas or pkexec; nobody if none of them was called.
Result<std::optional<Caller>> find_caller() {
  if (geteuid() != 0) return std::optional<Caller>();
  if (std::getenv("SUDO_UID") || std::getenv("SUDO_GID")) return caller_of_sudo();
  if (const char* name = std::getenv("DOAS_USER")) return caller_known_as("DOAS_USER", find_user(std::string(name)));
  if (!std::getenv("PKEXEC_UID")) return std::optional<Caller>();
  const auto uid = id_in_environment("PKEXEC_UID");
  if (!uid) return uid.error();
  return caller_known_as("PKEXEC_UID", find_user(*uid));
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

void tell(int line_fd, Message::Step step, int error) {
  const Message message{step, error};
  [[maybe_unused]] const ssize_t n = send(line_fd, &message, sizeof message, MSG_NOSIGNAL);
}

[[noreturn]] void give_up(int line_fd, Message::Step step, int error) {
  tell(line_fd, step, error);
  _exit(static_cast<int>(ExitCode::kNotFound));
}

// False: aa-trace has gone. Asks without reading: that would be COMMAND's first event.
bool await_release(int line_fd) {
  pollfd line{line_fd, POLLIN, 0};
  while (poll(&line, 1, -1) <= 0) {
  }
  int bytes = 0;
  return ioctl(line_fd, FIONREAD, &bytes) == 0 && bytes > 0;
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

// What was closed stays closed (standard_descriptors.hpp).
void share_stderr() {
  const int flags = fcntl(2, F_GETFD);
  dup3(2, 1, flags >= 0 && flags & FD_CLOEXEC ? O_CLOEXEC : 0);
}

// Called with all signals blocked.
[[noreturn]] void run_child(const CommandSetup& setup, const std::optional<Caller>& user, const StopSignals& signals,
                            int line_fd, pid_t parent) {
  signals.restore_actions();
  if (!setup.stdout_is_free) share_stderr();
  // what aa-trace was given to load its programs is not for COMMAND
  if (!setup.as_root) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (user && !become(*user)) give_up(line_fd, Message::kUser, errno);
  // both after setresuid(), which sets them anew; the exec makes it dumpable again (begin_new_exec() in fs/exec.c)
  prctl(PR_SET_DUMPABLE, 0);
  // it ends with aa-trace even while somebody has stopped it
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  std::string path;
  if (const int error = look_up(setup.argv.front(), path)) give_up(line_fd, Message::kLookUp, error);
  tell(line_fd, Message::kReady, 0);
  if (!await_release(line_fd)) _exit(1);
  prctl(PR_SET_PDEATHSIG, 0);
  signals.restore_mask();
  execute(path, setup.argv);
  give_up(line_fd, Message::kExec, errno);
}

Error failure_message(const std::string& command, const Message& failure) {
  const std::string name = command.empty() ? "''" : command;
  if (failure.step == Message::kUser)
    return {fmt::format("cannot become the user who called sudo, doas or pkexec: {}{}", errno_text(failure.error),
                        failure.error == EPERM ? " (needs CAP_SETUID and CAP_SETGID; --as-root: as root)" : "")};
  if (failure.step == Message::kExec && failure.error == ENOENT)
    return {fmt::format("{}: its interpreter does not exist", name), ExitCode::kNotFound};
  if (failure.error == ENOENT && command.find('/') == std::string::npos)
    return {fmt::format("{}: command not found", name), ExitCode::kNotFound};
  return {fmt::format("{}: {}", name, errno_text(failure.error)),
          failure.error == ENOENT || failure.error == ENOTDIR ? ExitCode::kNotFound : ExitCode::kNotExecutable};
}

// Nothing: the other end has gone without a word, or has none to say for now.
std::optional<Message> receive(int line_fd, int flags) {
  Message message;
  ssize_t n;
  do n = recv(line_fd, &message, sizeof message, flags);
  while (n < 0 && errno == EINTR);
  return n == sizeof message ? std::optional(message) : std::nullopt;
}

// False: a signal asked for the end. A file system may hold the child for long, when it looks COMMAND up.
bool await_message(int line_fd, const StopSignals& signals) {
  const BlockedSignals blocked;
  pollfd line{line_fd, POLLIN, 0};
  while (!signals.received())
    if (ppoll(&line, 1, nullptr, &blocked.before()) > 0) return true;
  return false;
}

// The exit code, by the descriptor: no other process can get this number meanwhile. Nothing while it runs.
std::optional<int> wait_for(int pid_fd, int options) {
  siginfo_t end{};
  while (waitid(P_PIDFD, static_cast<id_t>(pid_fd), &end, WEXITED | options) < 0) {
    // ECHILD: its status was lost, which only a parent that ignores SIGCHLD has to fear
    if (errno != EINTR) return static_cast<int>(ExitCode::kFailure);
  }
  if (end.si_pid == 0) return std::nullopt;
  return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}

}  // namespace

Result<Command> Command::start_held(const CommandSetup& setup, const StopSignals& signals) {
  const auto user = setup.as_root ? Result(std::optional<Caller>()) : find_caller();
  if (!user) return user.error();
  // not a pipe: through /proc/PID/fd of its end that is read one could open the other
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error{fmt::format("cannot make a pair of sockets: {}", errno_text(errno))};
  Fd line(ends[0]), end_of_child(ends[1]);
  const pid_t parent = getpid();
  pid_t pid;
  {
    const BlockedSignals blocked;
    pid = fork();
    if (pid == 0) {
      line.reset();
      run_child(setup, *user, signals, end_of_child.get(), parent);
    }
  }
  if (pid < 0) return Error{fmt::format("cannot fork: {}", errno_text(errno))};
  end_of_child.reset();
  Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  // without `line` it ends
  if (!pidfd) return Error{fmt::format("cannot open COMMAND's process: {}", errno_text(errno))};
  Command child(pid, setup.argv.front(), std::move(pidfd), std::move(line), user->has_value());
  if (!await_message(child.line_.get(), signals))
    return Error{"asked to end before COMMAND began", static_cast<ExitCode>(128 + signals.received())};
  const auto message = receive(child.line_.get(), MSG_DONTWAIT);
  if (message && message->step == Message::kReady) return child;
  child.exit_code_ = wait_for(child.pidfd_.get(), 0);
  return message ? failure_message(setup.argv.front(), *message) : Error{"COMMAND ended before it was started"};
}

Command::Command(Command&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      name_(std::move(other.name_)),
      pidfd_(std::move(other.pidfd_)),
      line_(std::move(other.line_)),
      own_user_(other.own_user_),
      released_(other.released_),
      failed_(std::move(other.failed_)),
      exit_code_(other.exit_code_) {}

Command::~Command() {
  if (pid_ < 0 || released_ || exit_code_) return;
  // without CAP_KILL another user's process is out of reach: it dies with us (PR_SET_PDEATHSIG)
  if (syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0) == 0) wait_for(pidfd_.get(), 0);
}

void Command::release(std::uint64_t now, std::function<void(const Error&)> failed) {
  released_ = now;
  failed_ = std::move(failed);
  // where this fails it is dead already
  send(line_.get(), "", 1, MSG_NOSIGNAL);
}

std::optional<int> Command::exit_code() {
  if (exit_code_) return exit_code_;
  exit_code_ = wait_for(pidfd_.get(), WNOHANG);
  if (!exit_code_ || !released_) return exit_code_;
  if (const auto failure = receive(line_.get(), MSG_DONTWAIT)) {
    const Error error = failure_message(name_, *failure);
    exit_code_ = static_cast<int>(error.exit_code);
    failed_(error);
  }
  return exit_code_;
}

void Command::send_signal(int signal) const { syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0); }

}  // namespace aa
