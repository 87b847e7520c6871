// What aa-trace costs the programs it watches, and those it does not: ratios, measured side by side in one run.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "measure.hpp"

namespace aa::test {
namespace {

struct Place {
  std::string programs;  // where exec_storm and the others are
  std::string files;     // a directory for what the workloads write
  std::string program(const char* name) const { return programs + "/" + name; }
  std::string file(const char* name) const { return files + "/" + name; }
};

// A line of aa-trace's text output that a workload must produce so many times.
struct Expected {
  const char* what;
  const char* event;
  std::string part;
  long count;
};

struct Workload {
  const char* name;
  const char* title;
  long operations;
  std::function<std::vector<std::string>(const Place&, long)> command;
  std::function<void(const Place&)> prepare;
  std::function<std::vector<Expected>(const Place&, long)> expected;
  double watched_goal, unwatched_goal;  // 0: none set
  double cpu_goal;                      // microseconds of aa-trace an operation; one for each of its file events
};

void nothing(const Place&) {}

constexpr int kSources = 60;

void write_project(const Place& place) {
  const std::string dir = place.file("project");
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  std::ofstream makefile(dir + "/Makefile");
  makefile << "program: main.o $(patsubst %,part%.o,$(shell seq " << kSources
           << "))\n\t$(CC) -o $@ $^\n%.o: %.c\n\t$(CC) -O1 -c -o $@ $<\n";
  std::ofstream(dir + "/main.c") << "int main(void) { return 0; }\n";
  for (int i = 1; i <= kSources; i++)
    std::ofstream(dir + "/part" + std::to_string(i) + ".c")
        << "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint part" << i
        << "(int n) { char b[64]; snprintf(b, sizeof b, \"%d\", n * " << i << "); return atoi(b) + (int)strlen(b); }\n";
}

const std::vector<Workload>& workloads() {
  using Command = std::vector<std::string>;
  using Counts = std::vector<Expected>;
  static const std::vector<Workload> table{
      {"W1", "fork, exec and wait of a static program", 5000,
       [](const Place& p, long n) {
         return Command{p.program("exec_storm"), p.program("nop"), std::to_string(n)};
       },
       nothing,
       [](const Place&, long n) {
         return Counts{{"execs", "exec", "\"exec-storm\"", n}};
       },
       1.04, 1.01, 20},
      {"W2", "open and close of one file", 200'000,
       [](const Place& p, long n) {
         return Command{p.program("file_storm"), "open", p.file("one"), std::to_string(n)};
       },
       [](const Place& p) { std::ofstream(p.file("one")) << "one\n"; },
       [](const Place& p, long n) {
         return Counts{{"opens", "open", p.file("one"), n}};
       },
       1.45, 1.13, 1},
      {"W3", "write of 64 bytes and read of 1 KiB", 300'000,
       [](const Place& p, long n) {
         return Command{p.program("file_storm"), "rw", p.file("rw"), std::to_string(n)};
       },
       nothing, [](const Place&, long) { return Counts{}; }, 1.30, 1.18, 1},
      {"W4", "make -j2 of 61 C files", kSources + 1,
       [](const Place& p, long) {
         return Command{"make", "-s", "-j2", "-C", p.file("project")};
       },
       write_project,
       [](const Place&, long) {
         return Counts{{"execs of cc1", "exec", "/cc1\" cwd", kSources + 1}};
       },
       1.05, 0, 0},
      {"W5", "create, rename and unlink of a file", 20'000,
       [](const Place& p, long n) {
         return Command{p.program("file_storm"), "names", p.file("names"), std::to_string(n)};
       },
       [](const Place& p) { std::filesystem::create_directories(p.file("names")); },
       [](const Place&, long n) {
         return Counts{{"creates", "open", "created=true", n},
                       {"renames", "rename", "/names/", n},
                       {"unlinks", "unlink", "/names/", n}};
       },
       1.25, 0, 3},
      {"W7", "burst of 8 processes: fork, 20 x open and close, exec", 2000,
       [](const Place& p, long n) {
         return Command{p.program("burst"), p.program("nop"), p.file("one"), "8", std::to_string(n / 8), "20"};
       },
       [](const Place& p) { std::ofstream(p.file("one")) << "one\n"; },
       [](const Place& p, long n) {
         return Counts{{"execs", "exec", "\"burst-child\"", n / 8 * 8}, {"opens", "open", p.file("one"), n / 8 * 160}};
       },
       1.20, 0, 22},
  };
  return table;
}

struct Settings {
  std::string program;
  std::vector<std::string> flags;  // of aa-trace
  std::vector<std::string> names{"all"};
  int rounds = 5;
  long operations = 0;  // 0: each workload's own
  Place place;
};

enum class Beside { kNothing, kWatching, kWatchingAnother };

struct Series {
  std::vector<double> wall, cpu;  // traced divided by the untraced runs before and after it
};

struct Result {
  std::map<Beside, Series> series;
  std::vector<double> tracer_cpu, foreign, base;
  long peak_kib = 0;
  std::vector<std::string> remarks;
  std::map<std::string, std::pair<long, long>> captured;  // the worst round: got, expected
};

long count_lines(const std::string& text, const Expected& wanted) {
  const std::string name = "] " + std::string(wanted.event) + " ";
  std::istringstream in(text);
  long count = 0;
  for (std::string line; std::getline(in, line);)
    count += line.find(name) != std::string::npos && line.find(wanted.part) != std::string::npos;
  return count;
}

class Bench {
 public:
  Bench(const Settings& settings, const Workload& workload)
      : settings_(settings),
        workload_(workload),
        operations_(settings.operations && workload.name != std::string("W4") ? settings.operations
                                                                              : workload.operations) {}

  Result measure() {
    run(Beside::kNothing);  // warms the caches; not counted
    Run before = run(Beside::kNothing);
    for (int round = 0; round < settings_.rounds; round++) {
      // The order turns round each time, so that a machine that grows slower favours none.
      Beside order[] = {Beside::kWatching, Beside::kWatchingAnother};
      if (round % 2) std::swap(order[0], order[1]);
      for (const Beside beside : order) {
        const Run traced = run(beside);
        const Run after = run(Beside::kNothing);
        result_.series[beside].wall.push_back(traced.wall / ((before.wall + after.wall) / 2));
        result_.series[beside].cpu.push_back(traced.cpu / ((before.cpu + after.cpu) / 2));
        result_.base.push_back(after.wall);
        before = after;
      }
    }
    return std::move(result_);
  }

  long operations() const { return operations_; }

 private:
  Run run(Beside beside) {
    workload_.prepare(settings_.place);
    Gate gate(settings_.place.program("nop"));
    if (beside == Beside::kNothing) {
      const Run run = go(gate);
      result_.foreign.push_back(run.foreign);
      return run;
    }
    Gate bystander(settings_.place.program("nop"));
    Gate& target = beside == Beside::kWatching ? gate : bystander;
    const std::string output = settings_.place.file("events");
    std::filesystem::remove(output);
    Tracer tracer(settings_.program, settings_.flags, target.pid(), output);
    tracer.wait_ready(target);
    const double before = tracer.cpu();
    const Run run = go(gate);
    if (beside == Beside::kWatching) {
      tracer.wait_drained();
      note(tracer, tracer.cpu() - before, output);
    }
    if (const int status = tracer.stop(); status != 0)
      result_.remarks.push_back("aa-trace ended with status " + std::to_string(status));
    return run;
  }

  Run go(Gate& gate) const { return gate.run(workload_.command(settings_.place, operations_), settings_.place.files); }

  void note(const Tracer& tracer, double cpu, const std::string& output) {
    result_.tracer_cpu.push_back(cpu);
    result_.peak_kib = std::max(result_.peak_kib, tracer.peak_kib());
    const std::string text = read_text(output);
    for (const auto& wanted : workload_.expected(settings_.place, operations_)) {
      const long got = count_lines(text, wanted);
      const auto [entry, first] = result_.captured.emplace(wanted.what, std::pair{got, wanted.count});
      if (!first && std::labs(got - wanted.count) > std::labs(entry->second.first - wanted.count))
        entry->second.first = got;
    }
  }

  const Settings& settings_;
  const Workload& workload_;
  long operations_;
  Result result_;
};

std::string verdict(double value, double goal, const char* unit) {
  if (goal == 0) return "";
  char text[96];
  if (value <= goal) std::snprintf(text, sizeof text, "goal %g%s: met", goal, unit);
  else std::snprintf(text, sizeof text, "goal %g%s: MISSED by %.3g%s", goal, unit, value - goal, unit);
  return text;
}

void print_series(const char* label, const Series& s, double goal) {
  const auto [low, high] = std::minmax_element(s.wall.begin(), s.wall.end());
  std::printf("  %-26s %6.3f  [%.3f..%.3f]  cpu %6.3f  %s\n", label, median(s.wall), *low, *high, median(s.cpu),
              verdict(median(s.wall), goal, "").c_str());
}

void print_result(const Workload& w, const Result& r, long operations) {
  const double ops = static_cast<double>(operations);
  std::printf("%s  %s: %ld, untraced %.2f us each\n", w.name, w.title, operations, median(r.base) / ops * 1e6);
  print_series("watched", r.series.at(Beside::kWatching), w.watched_goal);
  print_series("another process watched", r.series.at(Beside::kWatchingAnother), w.unwatched_goal);
  const double each = median(r.tracer_cpu) / ops * 1e6;
  std::printf("  %-26s %6.2f us an operation  %s\n", "aa-trace's own CPU", each,
              verdict(each, w.cpu_goal, " us").c_str());
  std::printf("  %-26s %6.1f MB  %s\n", "resident memory, peak", static_cast<double>(r.peak_kib) / 1024,
              verdict(static_cast<double>(r.peak_kib) / 1024, 30, " MB").c_str());
  for (const auto& [what, count] : r.captured)
    std::printf("  %-26s %ld of %ld%s\n", ("reported " + what).c_str(), count.first, count.second,
                count.first == count.second ? "" : "  NOT ALL");
  for (const auto& remark : r.remarks) std::printf("  note: %s\n", remark.c_str());
  if (median(r.foreign) > 0.3)
    std::printf("  note: other programs used %.1f processors meanwhile; the ratios are rough\n", median(r.foreign));
  std::printf("\n");
  std::fflush(stdout);
}

void print_start(const Settings& s) {
  std::vector<double> times;
  for (int i = 0; i < 7; i++) times.push_back(first_event(s.program, s.place.program("nop")) * 1000);
  const auto [low, high] = std::minmax_element(times.begin(), times.end());
  std::printf("start to the first event   %6.0f ms  [%.0f..%.0f]  %s\n", median(times), *low, *high,
              verdict(median(times), 300, " ms").c_str());
}

void print_size(const Settings& s) {
  const std::string copy = s.place.file("stripped");
  const std::string strip = "strip -o '" + copy + "' '" + s.program + "'";
  if (std::system(strip.c_str()) != 0) give_up("strip failed");
  const double size = static_cast<double>(std::filesystem::file_size(copy)) / 1e6;
  std::printf("size, stripped             %6.2f MB  %s\n", size, verdict(size, 3, " MB").c_str());
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

[[noreturn]] void usage(int status) {
  std::fprintf(status ? stderr : stdout,
               "usage: bench [-w NAME,...|all] [-n OPERATIONS] [-r ROUNDS]\n"
               "Compares programs watched by aa-trace with the same ones unwatched, in turns. Needs root.\n"
               "AA_TRACE: the program (default build/aa-trace); AA_TRACE_FLAGS: more options for it.\n");
  for (const auto& w : workloads())
    std::fprintf(status ? stderr : stdout, "  %s  %s (%ld)\n", w.name, w.title, w.operations);
  std::exit(status);
}

Settings parse(int argc, char** argv) {
  Settings s;
  for (int option; (option = getopt(argc, argv, "w:n:r:h")) != -1;) {
    if (option == 'w') s.names = split(optarg, ',');
    else if (option == 'n') s.operations = std::atol(optarg);
    else if (option == 'r') s.rounds = std::atoi(optarg);
    else usage(option == 'h' ? 0 : 2);
  }
  if (optind != argc || s.operations < 0 || s.rounds < 1) usage(2);
  if (s.names == std::vector<std::string>{"all"}) {
    s.names.clear();
    for (const auto& w : workloads()) s.names.push_back(w.name);
  }
  const char* program = std::getenv("AA_TRACE");
  char absolute[PATH_MAX];
  if (!realpath(program && *program ? program : "build/aa-trace", absolute))
    give_up("no aa-trace: build it, or set AA_TRACE");
  s.program = absolute;
  if (const char* flags = std::getenv("AA_TRACE_FLAGS")) s.flags = split(flags, ' ');
  s.place.programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return s;
}

const Workload& find(const std::string& name) {
  for (const auto& w : workloads())
    if (name == w.name) return w;
  give_up("no workload " + name);
}

// In memory where that is possible: re-creating files on a disk costs more by far, and not the same each time.
std::string make_directory() {
  char name[] = "/dev/shm/aa-bench-XXXXXX";
  if (mkdtemp(name)) return name;
  char other[] = "/tmp/aa-bench-XXXXXX";
  if (!mkdtemp(other)) give_up("no directory for the workloads");
  return other;
}

// Removed however the measurement ends.
struct Directory {
  std::string path = make_directory();
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

void bench(Settings settings) {
  if (geteuid() != 0) give_up("needs root, as aa-trace does");
  setenv("LC_ALL", "C", 1);
  const Directory directory;
  settings.place.files = directory.path;
  print_start(settings);
  print_size(settings);
  std::printf("\nwall time, traced / untraced: median of %d rounds [lowest..highest]; cpu: of the workload alone\n\n",
              settings.rounds);
  for (const auto& name : settings.names) {
    const Workload& workload = find(name);
    Bench one(settings, workload);
    const Result result = one.measure();
    print_result(workload, result, one.operations());
  }
}

}  // namespace
}  // namespace aa::test

int main(int argc, char** argv) {
  try {
    aa::test::bench(aa::test::parse(argc, argv));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench: %s\n", e.what());
    return 1;
  }
}
