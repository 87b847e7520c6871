// One measured run: a gate that starts the workload when told, and the tracer beside it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace aa::test {

double seconds_now();
[[noreturn]] void give_up(const std::string& why);
std::string read_text(const std::string& path);
double median(std::vector<double> values);

struct Run {
  double wall = 0;     // seconds
  double cpu = 0;      // user and system of the workload and all its children
  double foreign = 0;  // processors' worth of other people's work meanwhile
  int status = 0;
};

// The root of a process tree that does nothing until told: the tracer's start-up is in no measurement.
class Gate {
 public:
  explicit Gate(std::string probe);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();
  pid_t pid() const { return pid_; }
  void probe();  // execs the probe program once
  Run run(const std::vector<std::string>& command, const std::string& directory);

 private:
  Run ask(const std::vector<std::string>& command, const std::string& directory);
  pid_t pid_ = -1;
  int socket_ = -1;
  std::string probe_;
};

class Tracer {
 public:
  Tracer(const std::string& program, const std::vector<std::string>& flags, pid_t target, std::string output);
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  ~Tracer();
  void wait_ready(Gate& watched) const;
  void wait_drained() const;
  double cpu() const;     // seconds so far, all threads
  long peak_kib() const;  // VmHWM
  int stop();             // its exit status

 private:
  void check_alive() const;
  pid_t pid_ = -1;
  std::string output_;
};

// Seconds from starting `program -j -e exec -- command` until its first event can be read.
double first_event(const std::string& program, const std::string& command);

}  // namespace aa::test
