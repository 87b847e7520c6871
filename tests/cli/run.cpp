#include "run.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace aa::test {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

std::pair<Fd, Fd> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  return {Fd(ends[0]), Fd(ends[1])};
}

void nonblocking(const Fd& fd) { fcntl(fd.get(), F_SETFL, O_NONBLOCK | fcntl(fd.get(), F_GETFL)); }

// Everything the child needs, made before fork: afterwards only async-signal-safe calls are allowed.
struct Plan {
  std::vector<std::string> env;
  std::vector<char*> argv, envp;
  int stdio[3] = {-1, -1, -1};
  std::string terminal;
};

std::vector<std::string> environment(const Spec& spec) {
  std::map<std::string, std::string> merged;
  for (char** e = environ; *e; e++) {
    const std::string entry = *e;
    const auto equals = entry.find('=');
    const std::string key = entry.substr(0, equals);
    // A test run under sudo or with colours turned off must not see other results than one that is not.
    if (key.starts_with("SUDO_") || key == "DOAS_USER" || key == "PKEXEC_UID" || key == "NO_COLOR") continue;
    merged[key] = entry.substr(equals + 1);
  }
  merged["LC_ALL"] = "C";
  merged["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (const auto& [key, value] : spec.env) {
    if (value) merged[key] = *value;
    else merged.erase(key);
  }
  std::vector<std::string> result;
  for (const auto& [key, value] : merged) result.push_back(key + "=" + value);
  return result;
}

Plan make_plan(const Spec& spec) {
  Plan plan;
  plan.env = environment(spec);
  for (const auto& a : spec.argv) plan.argv.push_back(const_cast<char*>(a.c_str()));
  for (const auto& e : plan.env) plan.envp.push_back(const_cast<char*>(e.c_str()));
  plan.argv.push_back(nullptr);
  plan.envp.push_back(nullptr);
  if (spec.terminal) plan.terminal = spec.terminal->path();
  return plan;
}

// The program starts with the signals of a fresh login, whatever the runner of the tests ignores.
void set_signals(const Spec& spec) {
  for (int n = 1; n < NSIG; n++) ::signal(n, SIG_DFL);
  for (const int n : spec.ignored) ::signal(n, SIG_IGN);
  sigset_t mask;
  sigemptyset(&mask);
  for (const int n : spec.blocked) sigaddset(&mask, n);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
}

bool set_stdio(const Spec& spec, const Plan& plan, int terminal) {
  const Channel* channels[3] = {&spec.in, &spec.out, &spec.err};
  for (int n = 0; n < 3; n++) {
    int source = plan.stdio[n];
    if (channels[n]->kind == Channel::Kind::kTerminal) source = terminal;
    if (channels[n]->kind == Channel::Kind::kClosed) close(n);
    else if (dup2(source, n) < 0) return false;
  }
  // Whatever the runner of the tests has open is no part of the surroundings a test describes.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const auto& [target, source] : spec.inherited)
    if (dup2(source, target) < 0) return false;
  return true;
}

bool become(uid_t uid) {
  return setgroups(0, nullptr) == 0 && setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0;
}

[[noreturn]] void child(const Spec& spec, const Plan& plan, int report_fd) {
  int terminal = -1;
  bool ok = true;
  if (plan.terminal.empty()) {
    ok = setpgid(0, 0) == 0;
  } else {
    setsid();
    terminal = open(plan.terminal.c_str(), O_RDWR | O_CLOEXEC);
    ok = terminal >= 0 && ioctl(terminal, TIOCSCTTY, 0) == 0;
  }
  ok = ok && set_stdio(spec, plan, terminal);
  ok = ok && (spec.cwd.empty() || chdir(spec.cwd.c_str()) == 0);
  ok = ok && (!spec.uid || become(*spec.uid));
  set_signals(spec);
  if (ok) execvpe(plan.argv[0], plan.argv.data(), plan.envp.data());
  const int error = errno;
  if (write(report_fd, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

struct Stdio {
  Fd ours, theirs;
};

Stdio open_channel(const Channel& channel, bool input) {
  Stdio s;
  switch (channel.kind) {
    case Channel::Kind::kCapture: {
      auto [reader, writer] = make_pipe();
      s.ours = std::move(input ? writer : reader);
      s.theirs = std::move(input ? reader : writer);
      nonblocking(s.ours);
      break;
    }
    case Channel::Kind::kNull: s.theirs = Fd(open("/dev/null", O_RDWR | O_CLOEXEC)); break;
    case Channel::Kind::kBorrowed: s.theirs = Fd(fcntl(channel.fd, F_DUPFD_CLOEXEC, 3)); break;
    default: break;
  }
  return s;
}

// Appends what can be read now; false at the end of the stream.
bool take(int fd, std::string& into) {
  char chunk[65536];
  for (;;) {
    const ssize_t n = read(fd, chunk, sizeof chunk);
    if (n > 0) into.append(chunk, static_cast<size_t>(n));
    else if (n < 0 && errno == EINTR) continue;
    else return n < 0 && errno == EAGAIN;
  }
}

}  // namespace

Process::Process(const Spec& spec) : pending_(spec.input), keep_input_(spec.keep_input) {
  Plan plan = make_plan(spec);
  Stdio in = open_channel(spec.in, true);
  Stdio out = open_channel(spec.out, false);
  Stdio err = open_channel(spec.err, false);
  plan.stdio[0] = in.theirs.get();
  plan.stdio[1] = out.theirs.get();
  plan.stdio[2] = err.theirs.get();
  auto [report_reader, report_writer] = make_pipe();
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) child(spec, plan, report_writer.get());
  report_writer.reset();
  int error = 0;
  if (read(report_reader.get(), &error, sizeof error) == sizeof error) {
    waitpid(pid_, nullptr, 0);
    throw std::runtime_error("cannot start " + spec.argv[0] + ": " + strerror(error));
  }
  pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_.valid()) fail("pidfd_open");
  in_ = std::move(in.ours);
  out_fd_ = std::move(out.ours);
  err_fd_ = std::move(err.ours);
  if (spec.terminal) master_fd_ = spec.terminal->master();
  if (pending_.empty() && !keep_input_) in_.reset();
}

Process::~Process() {
  // Our zombie keeps the number taken until waitpid, so the group can be no one else's.
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Process::feed(const std::string& text) {
  pending_ += text;
  pump(0);
}

void Process::signal(int number) const { ::kill(pid_, number); }

void Process::type(const std::string& keys) const {
  if (write(master_fd_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) fail("write to the pty");
}

bool Process::alive() {
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return info.si_pid == 0;
}

// One round of poll; false when the process has ended.
bool Process::pump(int timeout_ms) {
  if (pending_.empty() && !keep_input_) in_.reset();
  pollfd fds[5] = {{pidfd_.get(), POLLIN, 0},
                   {out_fd_.get(), POLLIN, 0},
                   {err_fd_.get(), POLLIN, 0},
                   {master_fd_, POLLIN, 0},
                   {pending_.empty() ? -1 : in_.get(), POLLOUT, 0}};
  if (poll(fds, 5, timeout_ms) < 0 && errno != EINTR) fail("poll");
  if (fds[1].revents && !take(out_fd_.get(), out_)) out_fd_.reset();
  if (fds[2].revents && !take(err_fd_.get(), err_)) err_fd_.reset();
  if (fds[3].revents && !take(master_fd_, screen_)) master_fd_ = -1;
  if (fds[4].revents) {
    const ssize_t n = write(in_.get(), pending_.data(), pending_.size());
    if (n > 0) pending_.erase(0, static_cast<size_t>(n));
    else if (errno != EAGAIN) pending_.clear();
  }
  return fds[0].revents == 0;
}

void Process::drain() {
  if (out_fd_.valid()) take(out_fd_.get(), out_);
  if (err_fd_.valid()) take(err_fd_.get(), err_);
  if (master_fd_ >= 0) take(master_fd_, screen_);
}

bool Process::until(const std::function<bool()>& condition, milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    // The condition may also depend on something other than our streams: look again soon.
    if (!pump(10)) {
      drain();
      return condition();
    }
  }
  return true;
}

bool Process::ended(milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (Clock::now() < deadline) {
    if (!pump(50)) {
      drain();
      return true;
    }
  }
  return false;
}

Outcome Process::finish(milliseconds patience) {
  Outcome outcome;
  outcome.timed_out = !ended(patience);
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  outcome.status = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
  outcome.out = out_;
  outcome.err = err_;
  outcome.screen = screen_;
  return outcome;
}

Outcome run(const Spec& spec, milliseconds patience) { return Process(spec).finish(patience); }

Outcome run(std::vector<std::string> argv) {
  Spec spec;
  spec.argv = std::move(argv);
  return run(spec);
}

}  // namespace aa::test
