#include "measure.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace aa::test {
namespace {

constexpr double kPatience = 20;

double of(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

double cpu_of(const rusage& use) { return of(use.ru_utime) + of(use.ru_stime); }

// Without the terminal's input and with a fixed language, so that programs open the same few files everywhere.
pid_t spawn(const std::vector<std::string>& command, int out, int err) {
  std::vector<char*> argv;
  for (const auto& a : command) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error) give_up(command[0] + ": " + strerror(error));
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int null_device() {
  static const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  return fd;
}

// Time the processors of this machine have spent on anything.
double busy() {
  std::istringstream stat(read_text("/proc/stat"));
  std::string cpu;
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0;
  stat >> cpu >> user >> nice >> system >> idle >> iowait >> irq >> softirq;
  return (user + nice + system + irq + softirq) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Run timed(const std::vector<std::string>& command) {
  rusage before{}, after{};
  Run run;
  getrusage(RUSAGE_CHILDREN, &before);
  const double start = seconds_now();
  run.status = wait_for(spawn(command, null_device(), null_device()));
  run.wall = seconds_now() - start;
  getrusage(RUSAGE_CHILDREN, &after);
  run.cpu = cpu_of(after) - cpu_of(before);
  return run;
}

std::string packed(const std::vector<std::string>& command, const std::string& directory) {
  std::string message = directory;
  for (const auto& a : command) message += '\0' + a;
  return message;
}

std::vector<std::string> unpacked(const std::string& message) {
  std::vector<std::string> parts;
  std::istringstream in(message);
  for (std::string part; std::getline(in, part, '\0');) parts.push_back(part);
  return parts;
}

void answer_all(int socket) {
  char buffer[8192];
  for (ssize_t n; (n = recv(socket, buffer, sizeof buffer, 0)) > 0;) {
    auto parts = unpacked(std::string(buffer, static_cast<size_t>(n)));
    if (!parts[0].empty() && chdir(parts[0].c_str()) != 0) return;
    parts.erase(parts.begin());
    const Run run = timed(parts);
    if (send(socket, &run, sizeof run, MSG_NOSIGNAL) != sizeof run) return;
  }
}

// A copy of the driver: it must never unwind into the driver's own clean-up.
[[noreturn]] void serve(int socket) {
  try {
    answer_all(socket);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench: %s\n", e.what());
  }
  _exit(0);
}

}  // namespace

double seconds_now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

void give_up(const std::string& why) { throw std::runtime_error(why); }

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Gate::Gate(std::string probe) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) give_up("socketpair");
  pid_ = fork();
  if (pid_ < 0) give_up("fork");
  if (pid_ == 0) {
    close(ends[0]);
    serve(ends[1]);
  }
  close(ends[1]);
  socket_ = ends[0];
  probe_ = std::move(probe);
}

Gate::~Gate() {
  close(socket_);
  wait_for(pid_);
}

void Gate::probe() { ask({probe_, "probe"}, ""); }

Run Gate::ask(const std::vector<std::string>& command, const std::string& directory) {
  const std::string message = packed(command, directory);
  Run run;
  if (send(socket_, message.data(), message.size(), MSG_NOSIGNAL) < 0 ||
      recv(socket_, &run, sizeof run, 0) != sizeof run)
    give_up("the gate has gone");
  return run;
}

Run Gate::run(const std::vector<std::string>& command, const std::string& directory) {
  const double before = busy();
  Run run = ask(command, directory);
  run.foreign = std::max(0.0, (busy() - before - run.cpu) / run.wall);
  if (run.status != 0) give_up(command[0] + " failed with status " + std::to_string(run.status));
  return run;
}

Tracer::Tracer(const std::string& program, const std::vector<std::string>& flags, pid_t target, std::string output)
    : output_(std::move(output)) {
  std::vector<std::string> command{program};
  command.insert(command.end(), flags.begin(), flags.end());
  command.insert(command.end(), {"-o", output_, "-p", std::to_string(target)});
  const int messages = open((output_ + ".stderr").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  pid_ = spawn(command, messages, messages);
  close(messages);
}

Tracer::~Tracer() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  wait_for(pid_);
}

void Tracer::check_alive() const {
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  if (info.si_pid != 0) give_up("aa-trace ended early:\n" + read_text(output_ + ".stderr"));
}

// An exec of ours in its output is the one proof that it watches.
void Tracer::wait_ready(Gate& watched) const {
  const double deadline = seconds_now() + kPatience;
  while (read_text(output_).find("probe\"]") == std::string::npos) {
    check_alive();
    if (seconds_now() > deadline) give_up("aa-trace does not report the probe");
    watched.probe();
    poll(nullptr, 0, 20);
  }
  wait_drained();
}

// Everything has been written once nothing has come for longer than an event may take.
void Tracer::wait_drained() const {
  const double deadline = seconds_now() + kPatience;
  std::error_code error;
  auto size = std::filesystem::file_size(output_, error);
  for (double quiet_since = seconds_now(); seconds_now() - quiet_since < 0.25;) {
    poll(nullptr, 0, 20);
    const auto now = std::filesystem::file_size(output_, error);
    if (now == size) continue;
    size = now;
    quiet_since = seconds_now();
    if (quiet_since > deadline) give_up("aa-trace does not stop writing");
  }
}

double Tracer::cpu() const {
  double total = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task")) {
    double nanoseconds = 0;
    if (!(std::istringstream(read_text(task.path() / "schedstat")) >> nanoseconds))
      give_up("the kernel keeps no schedstat");
    total += nanoseconds / 1e9;
  }
  return total;
}

long Tracer::peak_kib() const {
  const std::string status = read_text("/proc/" + std::to_string(pid_) + "/status");
  const auto at = status.find("VmHWM:");
  return at == std::string::npos ? 0 : std::atol(status.c_str() + at + 6);
}

int Tracer::stop() {
  kill(pid_, SIGINT);
  const int status = wait_for(pid_);
  pid_ = -1;
  return status;
}

double first_event(const std::string& program, const std::string& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) give_up("pipe");
  const double start = seconds_now();
  const pid_t pid = spawn({program, "-q", "-j", "-e", "exec", "--as-root", "--", command}, ends[1], null_device());
  close(ends[1]);
  std::string text;
  char chunk[4096];
  double seen = 0;
  for (ssize_t n; (n = read(ends[0], chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<size_t>(n));
    if (seen == 0 && text.find("\"event\":\"exec\"") != std::string::npos) seen = seconds_now();
  }
  close(ends[0]);
  if (wait_for(pid) != 0 || seen == 0) give_up("aa-trace -- " + command + " reported no exec");
  return seen - start;
}

}  // namespace aa::test
