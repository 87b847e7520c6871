// Runs one program the way a user's shell would, and sees everything it does from outside.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aa::test {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Long enough for a busy machine: reaching it is a failure, never a measurement.
inline constexpr milliseconds kPatience{120'000};

// The aa-trace under test: $AA_TRACE, else build/aa-trace below the current directory.
const std::string& program();

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

// A pseudo terminal; the test holds the master, as a terminal emulator would.
class Pty {
 public:
  Pty();
  int master() const { return master_.get(); }
  const std::string& path() const { return path_; }  // /dev/pts/N
  std::string number() const { return path_.substr(path_.rfind('/') + 1); }

 private:
  Fd master_;
  std::string path_;
};

struct Channel {
  enum class Kind { kCapture, kNull, kClosed, kTerminal, kBorrowed };
  Kind kind = Kind::kCapture;
  int fd = -1;
};
inline constexpr Channel kCapture{Channel::Kind::kCapture};
inline constexpr Channel kNull{Channel::Kind::kNull};
inline constexpr Channel kClosed{Channel::Kind::kClosed};
inline constexpr Channel kTerminal{Channel::Kind::kTerminal};
constexpr Channel borrowed(int fd) { return {Channel::Kind::kBorrowed, fd}; }

struct Spec {
  std::vector<std::string> argv;
  std::map<std::string, std::optional<std::string>> env;  // nullopt: not set
  std::string cwd;
  std::string input;        // what stdin holds before its end
  bool keep_input = false;  // leave stdin open for Process::feed
  Channel in = kCapture, out = kCapture, err = kCapture;
  const Pty* terminal = nullptr;  // becomes the controlling terminal
  std::vector<int> ignored, blocked;
  std::vector<std::pair<int, int>> inherited;  // number in the child, ours
  std::optional<uid_t> uid;                    // with a group of the same number, no capabilities
};

struct Outcome {
  int status = 0;  // exit status; -N: killed by signal N
  bool timed_out = false;
  std::string out, err, screen;
};

class Process {
 public:
  explicit Process(const Spec& spec);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const { return pid_; }
  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }
  const std::string& screen() const { return screen_; }
  bool alive();

  void feed(const std::string& text);
  void end_input() { in_.reset(); }
  void close_out() { out_fd_.reset(); }
  void signal(int number) const;
  void type(const std::string& keys) const;  // on its terminal

  // Reads its output until the condition holds; false when the deadline passed or it ended before.
  bool until(const std::function<bool()>& condition, milliseconds patience = kPatience);
  bool ended(milliseconds patience = kPatience);
  Outcome finish(milliseconds patience = kPatience);

 private:
  bool pump(int timeout_ms);
  void drain();

  pid_t pid_ = -1;
  Fd pidfd_, in_, out_fd_, err_fd_;
  int master_fd_ = -1;  // borrowed from the Pty
  std::string pending_, out_, err_, screen_;
  bool keep_input_ = false;
};

Outcome run(const Spec& spec, milliseconds patience = kPatience);
Outcome run(std::vector<std::string> argv);

// For conditions that no descriptor announces (a file's content, another process's state).
bool wait_until(const std::function<bool()>& condition, milliseconds patience = kPatience);

// A directory of its own, removed with all its content. Readable to every user.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0644) const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);
std::vector<std::string> lines(const std::string& text);
bool contains(const std::string& text, const std::string& part);
std::string proc_status(pid_t pid, const std::string& key);  // a value of /proc/PID/status

pid_t child_of(pid_t parent);  // 0: it has none

// Processes left behind by the program under test end up as our children; ends them and says how many.
int end_orphans();

}  // namespace aa::test
