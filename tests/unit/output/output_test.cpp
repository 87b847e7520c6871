// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/output.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace aa::test {
namespace {

// A file name of a test, gone afterwards.
class FileName {
 public:
  FileName() {
    const char* directory = std::getenv("TMPDIR");
    name_ = std::string(directory ? directory : "/tmp") + "/aa-output-XXXXXX";
    close(mkstemp(name_.data()));
  }
  ~FileName() { unlink(name_.c_str()); }
  FileName(const FileName&) = delete;
  FileName& operator=(const FileName&) = delete;
  const std::string& name() const { return name_; }
  std::string content() const {
    std::ostringstream out;
    out << std::ifstream(name_, std::ios::binary).rdbuf();
    return out.str();
  }

 private:
  std::string name_;
};

// No file may grow beyond; SIGXFSZ becomes EFBIG.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_;
};

// Puts another file in the place of stdout for a while.
class StdoutIs {
 public:
  explicit StdoutIs(int fd) : saved_(dup(1)) { dup2(fd, 1); }
  ~StdoutIs() { dup2(saved_.get(), 1); }

 private:
  Fd saved_;
};

TEST_CASE("output: lines arrive, and a file is emptied when all is ready") {
  const FileName file;
  const std::string old = "old content that is longer than the new one\n";
  std::ofstream(file.name()) << old;
  auto output = Output::open(file.name());
  REQUIRE(bool(output));
  CHECK(file.content() == old);
  REQUIRE(bool(output->begin({})));
  CHECK_FALSE(output->is_terminal());
  output->buffer() = "one\ntwo\n";
  CHECK(output->flush() == Output::Written::kAll);
  CHECK(output->buffer().empty());
  output->buffer() = "three\n";
  CHECK(output->flush() == Output::Written::kAll);
  CHECK(output->flush() == Output::Written::kAll);
  CHECK(file.content() == "one\ntwo\nthree\n");
  CHECK(output->error().empty());
}

TEST_CASE("output: what cannot be opened") {
  for (const char* path : {"/", "/nonexistent/file", "", "/proc/self/status/x"}) {
    CAPTURE(path);
    const auto output = Output::open(path);
    REQUIRE_FALSE(bool(output));
    CHECK(output.error().exit_code == ExitCode::kFailure);
    CHECK(output.error().message.starts_with("cannot write to "));
  }
}

TEST_CASE("output: full when much has come together") {
  auto output = Output::open("/dev/null");
  REQUIRE(bool(output));
  output->buffer().assign(1000, 'x');
  CHECK_FALSE(output->is_full());
  output->buffer().assign(1 << 20, 'x');
  CHECK(output->is_full());
  CHECK(output->flush() == Output::Written::kAll);
}

TEST_CASE("output: the reader has gone") {
  const auto handler = std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  Output::Written written{};
  {
    const Fd end(ends[1]);
    const StdoutIs stdout_is(end.get());
    auto output = Output::open("-");
    if (output) {
      output->buffer() = "line\n";
      written = output->flush();
    }
  }
  std::signal(SIGPIPE, handler);
  CHECK(written == Output::Written::kReaderGone);
}

TEST_CASE("output: a full disk is an error that names the file") {
  auto output = Output::open("/dev/full");
  REQUIRE(bool(output));
  output->buffer() = "line\n";
  CHECK(output->flush() == Output::Written::kFailed);
  CHECK(output->error().starts_with("cannot write to /dev/full: No space left"));
  CHECK(output->buffer().empty());
}

TEST_CASE("output: a file that cannot grow ends with a whole line") {
  const std::string line = "0123456789\n";
  for (const rlim_t limit : {0u, 1u, 10u, 11u, 12u, 100u, 109u, 110u, 111u}) {
    const FileName file;
    auto output = Output::open(file.name());
    REQUIRE(bool(output));
    Output::Written first{}, second{};
    {
      const FileSizeLimit limited(limit);
      // the second flush begins where an earlier one ended
      for (int i = 0; i < 5; i++) output->buffer() += line;
      first = output->flush();
      for (int i = 0; i < 10; i++) output->buffer() += line;
      second = output->flush();
    }
    CAPTURE(limit);
    CHECK(first == (limit < 55 ? Output::Written::kFailed : Output::Written::kAll));
    CHECK(second == Output::Written::kFailed);
    CHECK(file.content().size() == limit / line.size() * line.size());
    CHECK((file.content().empty() || file.content().ends_with('\n')));
  }
}

TEST_CASE("output: a line longer than what the disk takes leaves nothing of itself") {
  const FileName file;
  auto output = Output::open(file.name());
  REQUIRE(bool(output));
  Output::Written written{};
  {
    const FileSizeLimit limited(1000);
    output->buffer() = "first\n" + std::string(5000, 'x') + "\n";
    written = output->flush();
  }
  CHECK(written == Output::Written::kFailed);
  CHECK(file.content() == "first\n");
}

TEST_CASE("output: a reader that is slow and a pipe that does not block") {
  int ends[2];
  REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
  const Fd reader(ends[0]);
  const std::string lines(300'000, '\n');
  std::size_t got = 0;
  Output::Written written{};
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    close(reader.get());
    dup2(ends[1], 1);
    auto output = Output::open("-");
    output->buffer() = lines;
    if (!output->begin({})) _exit(1);
    written = output->flush();
    for (output->want_progress(); output->unwritten(); output->want_progress()) {
      pollfd progress{output->progress_fd(), POLLIN, 0};
      if (output->unwritten()) poll(&progress, 1, -1);
    }
    _exit(written == Output::Written::kAll ? 0 : 1);
  }
  close(ends[1]);
  fcntl(reader.get(), F_SETFL, 0);
  char buffer[4096];
  for (ssize_t n; (n = read(reader.get(), buffer, sizeof buffer)) > 0;) got += static_cast<std::size_t>(n);
  CHECK(got == lines.size());
}

}  // namespace
}  // namespace aa::test
