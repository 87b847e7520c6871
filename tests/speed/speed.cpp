// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How many file events a second user space makes lines of, on one core: records as the kernel writes them go the way
// that they go in the tracer, into a buffer that nobody reads.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "event/decode.hpp"
#include "event/descriptors.hpp"
#include "event/process_tree.hpp"
#include "event/uring_pairs.hpp"
#include "output/sink.hpp"
#include "unit/event/records.hpp"

namespace aa::test {
namespace {

constexpr std::uint32_t kFirstPid = 1'203'480;
constexpr unsigned kTogether = 8;       // processes that run at the same time
constexpr unsigned kGenerations = 100;  // one after the other
constexpr unsigned kProcesses = kTogether * kGenerations;
constexpr unsigned kCycles = 5;                            // in the life of a process: 20 events each
constexpr std::uint64_t kBegan = 50'000'000'000'000;       // CLOCK_BOOTTIME, ns
constexpr std::uint64_t kBetween = 3'000;                  // two events, ns
constexpr std::size_t kThrownAway = std::size_t{1} << 20;  // bytes of output

struct Goal {
  const char* format;
  double events;  // a second
};
constexpr Goal kGoals[] = {{"text", 3e6}, {"json", 2e6}};

// What compilers and scripts do: headers that are there and those that are not, temporary files, renames, totals.
class Recording {
 public:
  Recording() {
    for (unsigned generation = 0; generation < kGenerations; generation++)
      for (unsigned cycle = 0; cycle < kCycles; cycle++)
        for (unsigned i = 0; i < kTogether; i++) add_cycle(kFirstPid + generation * kTogether + i, cycle);
  }

  static std::vector<Seed> seeds() {
    std::vector<Seed> seeds;
    for (std::uint32_t pid = kFirstPid; pid < kFirstPid + kProcesses; pid++)
      seeds.push_back(
          {.key = {pid, kBegan - pid}, .exec_id = 7, .comm = "cc1", .exe = "/usr/lib/gcc/x86_64-linux-gnu/12/cc1"});
    return seeds;
  }
  // In one piece, as in the ring buffer; each begins at a multiple of eight.
  template <typename Use>
  void for_each(Use use) const {
    for (std::size_t at = 0; at < bytes_.size();) {
      aa_header header;
      std::memcpy(&header, bytes_.data() + at, sizeof header);
      const std::size_t size = (header.size + 7) & ~std::size_t{7};
      use(std::span(bytes_).subspan(at, size));
      at += size;
    }
  }
  std::size_t events() const { return events_; }

 private:
  void add_cycle(std::uint32_t pid, unsigned cycle) {
    const std::string number = std::to_string(pid % 100 * 10 + cycle);
    const std::string scratch = "cc" + number + "xR2.s", object = "part" + number + ".o";
    FileRecord created = FileRecord(AA_OPEN).path("/home/me/src/project/" + scratch).name(scratch);
    created.fixed.flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    created.fixed.mode = 0600;
    for (int i = 0; i < 3; i++) add(pid, failed("/usr/local/include/bits/types" + number + ".h", ""));
    for (int i = 0; i < 8; i++) add(pid, opened("/usr/include/x86_64-linux-gnu/bits/types" + number + ".h"));
    for (int i = 0; i < 3; i++) add(pid, failed("include/../types" + number + ".h", "/home/me/src/project"));
    add(pid, created.mark(AA_FILE_CREATED).fd(4));
    add_totals(pid, 3, "/usr/include/x86_64-linux-gnu/bits/types" + number + ".h", cycle);
    add_totals(pid, 4, "/home/me/src/project/" + scratch, cycle);
    FileRecord rename = FileRecord(AA_RENAME).directory("/home/me/src/project").name(scratch);
    add(pid, rename.new_directory("/home/me/src/project").new_name(object));
    add(pid, FileRecord(AA_UNLINK).directory("/home/me/src/project").name(object));
    add(pid, FileRecord(AA_UNLINK).name("/tmp/" + scratch));
  }
  static FileRecord opened(const std::string& path) {
    FileRecord record = FileRecord(AA_OPEN).path(path).name(path).fd(3);
    record.fixed.flags = O_RDONLY | O_NOCTTY;
    return record;
  }
  static FileRecord failed(const std::string& name, const std::string& directory) {
    FileRecord record = FileRecord(AA_OPEN).error(-ENOENT);
    record.fixed.flags = O_RDONLY | O_NOCTTY;
    if (!directory.empty()) record.directory(directory);
    return record.name(name);
  }
  // A descriptor's path at its first use, what went through it at its end.
  void add_totals(std::uint32_t pid, std::uint32_t fd, const std::string& path, unsigned cycle) {
    add(pid, FileRecord(AA_DESCRIPTOR).flags(AA_UNASKED).fd(fd).size(cycle).path(path));
    aa_io io = some_io();
    io.fd = fd;
    io.generation = cycle;
    put(pid, with_size(io));
  }
  void add(std::uint32_t pid, const FileRecord& record) { put(pid, record.bytes()); }
  void put(std::uint32_t pid, const Bytes& record) {
    aa_header header;
    std::memcpy(&header, record.data(), sizeof header);
    header.time = kBegan + events_ * kBetween;
    header.start = kBegan - pid;
    header.pid = header.tid = pid;
    header.ppid = kFirstPid - 1;
    header.uid = header.gid = 1000;
    header.exec_id = 7;
    std::memcpy(header.comm, "cc1\0\0\0\0\0\0", 10);
    events_ += !(header.flags & AA_UNASKED);
    const std::size_t at = bytes_.size();
    bytes_.insert(bytes_.end(), record.begin(), record.end());
    std::memcpy(bytes_.data() + at, &header, sizeof header);
    bytes_.resize((bytes_.size() + 7) & ~std::size_t{7});
  }

  Bytes bytes_;
  std::size_t events_ = 0;
};

// As Tracer::on_record() has it.
class Pipeline {
 public:
  explicit Pipeline(bool json) : sink_(json ? make_json_sink(clock_) : make_text_sink(clock_, false)) {
    tree_.seed(Recording::seeds());
  }

  void read(std::span<const std::byte> record) {
    const auto whole = uring_pairs_.put_together(record);
    if (!whole || !decoder_.decode(*whole, event_)) return;
    tree_.apply(event_);
    if (event_.kind == AA_DESCRIPTOR) return descriptors_.begin(event_);
    if (event_.kind == AA_IO) descriptors_.end(event_);
    const std::size_t before = out_.size();
    sink_->event(out_, event_);
    lines_++;
    bytes_ += out_.size() - before;
    if (out_.size() >= kThrownAway) out_.clear();
  }
  std::uint64_t lines() const { return lines_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  TraceClock clock_{kBegan};
  std::unique_ptr<Sink> sink_;
  UringPairs uring_pairs_;
  Decoder decoder_;
  ProcessTree tree_{true};
  Descriptors descriptors_;
  Event event_;
  std::string out_;
  std::uint64_t lines_ = 0, bytes_ = 0;
};

// Of this thread: what others do on the machine does not count.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string verdict(double value, double goal) {
  char text[96];
  if (value >= goal) std::snprintf(text, sizeof text, "goal %.0f: met", goal);
  else std::snprintf(text, sizeof text, "goal %.0f: MISSED by %.0f", goal, goal - value);
  return text;
}

struct Settings {
  std::string format;  // empty: all
  unsigned rounds = 15;
  unsigned repeats = 10;  // of the recording, in a round
};

void measure(const Goal& goal, const Recording& recording, const Settings& settings) {
  Pipeline pipeline(goal.format == std::string("json"));
  std::vector<double> rates;
  for (unsigned round = 0; round <= settings.rounds; round++) {
    const std::uint64_t lines = pipeline.lines();
    const double before = cpu_seconds();
    for (unsigned i = 0; i < settings.repeats; i++)
      recording.for_each([&pipeline](std::span<const std::byte> record) { pipeline.read(record); });
    const double seconds = cpu_seconds() - before;
    const std::uint64_t made = pipeline.lines() - lines;
    if (made != recording.events() * settings.repeats) {
      std::fprintf(stderr, "speed: %s: %lu lines of %lu events\n", goal.format, made,
                   recording.events() * settings.repeats);
      std::exit(1);
    }
    // the first one warms the caches
    if (round) rates.push_back(static_cast<double>(made) / seconds);
  }
  const auto [low, high] = std::minmax_element(rates.begin(), rates.end());
  std::printf("%s  %9.0f events/s of one core  [%.0f..%.0f]  %lu bytes a line  %s\n", goal.format, median(rates), *low,
              *high, pipeline.bytes() / pipeline.lines(), verdict(median(rates), goal.events).c_str());
}

[[noreturn]] void usage(int status) {
  std::fprintf(status ? stderr : stdout,
               "usage: speed [-f text|json] [-n REPEATS] [-r ROUNDS]\n"
               "File events a second from record to line, on one core. Needs no root.\n"
               "-n: of %u events each, in a round.\n",
               kCycles * kProcesses * 20);
  std::exit(status);
}

unsigned positive(const char* text) {
  const int number = std::atoi(text);
  if (number < 1) usage(2);
  return static_cast<unsigned>(number);
}

Settings parse(int argc, char** argv) {
  Settings s;
  for (int option; (option = getopt(argc, argv, "f:n:r:h")) != -1;) {
    if (option == 'f') s.format = optarg;
    else if (option == 'n') s.repeats = positive(optarg);
    else if (option == 'r') s.rounds = positive(optarg);
    else usage(option == 'h' ? 0 : 2);
  }
  const bool known = s.format.empty() || s.format == kGoals[0].format || s.format == kGoals[1].format;
  if (optind != argc || !known) usage(2);
  return s;
}

}  // namespace
}  // namespace aa::test

int main(int argc, char** argv) {
  using namespace aa::test;
  const Settings settings = parse(argc, argv);
  const Recording recording;
  for (const Goal& goal : kGoals)
    if (settings.format.empty() || settings.format == goal.format) measure(goal, recording, settings);
}
