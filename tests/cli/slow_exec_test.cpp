// An exec that something holds: a file system, or a program that is asked for permission first.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>

#include "events.hpp"

namespace aa::test {
namespace {

// A program that nobody can exec as long as this lives.
class HeldProgram {
 public:
  HeldProgram() : permission_(fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY | O_CLOEXEC)) {
    REQUIRE(run({"/bin/cp", "/bin/true", path()}).status == 0);
    // a kernel without CONFIG_FANOTIFY_ACCESS_PERMISSIONS asks nobody
    held_ = permission_.valid() &&
            fanotify_mark(permission_.get(), FAN_MARK_ADD, FAN_OPEN_EXEC_PERM, AT_FDCWD, path().c_str()) == 0;
    if (!held_) MESSAGE("skipped: this kernel asks nobody for permission to exec");
  }
  bool is_supported() const { return held_; }
  std::string path() const { return scratch_.file("held"); }
  // Has an exec of it begun?
  bool is_asked() {
    fanotify_event_metadata event{};
    if (read(permission_.get(), &event, sizeof event) < static_cast<ssize_t>(sizeof event)) return false;
    close(event.fd);
    return true;
  }

 private:
  Scratch scratch_;
  Fd permission_;
  bool held_ = false;
};

// A directory in which every look-up waits for an answer that nobody gives.
class SilentDirectory {
 public:
  SilentDirectory() : server_(open("/dev/fuse", O_RDWR | O_CLOEXEC)) {
    const std::string options = "fd=" + std::to_string(server_.get()) + ",rootmode=40000,user_id=0,group_id=0";
    mounted_ =
        server_.valid() && mount("silent", scratch_.path().c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
    if (!mounted_) MESSAGE("skipped: no file systems in user space here");
  }
  ~SilentDirectory() {
    if (mounted_) umount2(scratch_.path().c_str(), MNT_DETACH);
  }
  bool is_supported() const { return mounted_; }
  std::string file(const std::string& name) const { return scratch_.file(name); }

 private:
  Scratch scratch_;
  Fd server_;
  bool mounted_ = false;
};

}  // namespace

TEST_SUITE_BEGIN("slow exec");

TEST_CASE("--duration counts although COMMAND's exec is held") {
  HeldProgram held;
  if (!held.is_supported()) return;
  Process tracer(aa_spec({"-j", "-d", "0.2", "--as-root", "--", held.path()}));
  const Outcome o = tracer.finish();
  CAPTURE(o.err);
  REQUIRE_FALSE(o.timed_out);
  CHECK(o.status == 0);
  CHECK(held.is_asked());
  CHECK(text_of(parse_events(o.out).back(), "reason") == "duration");
  CHECK(contains(o.err, "still runs"));
}

TEST_CASE("SIGTERM and SIGINT end it although COMMAND's exec is held") {
  for (const int number : {SIGTERM, SIGINT}) {
    HeldProgram held;
    if (!held.is_supported()) return;
    Process tracer(aa_spec({"-j", "-e", "process", "--as-root", "--", held.path()}));
    REQUIRE(tracer.until([&] { return held.is_asked(); }));
    tracer.signal(number);
    const Outcome o = tracer.finish();
    CAPTURE(o.err);
    REQUIRE_FALSE(o.timed_out);
    CHECK(o.status == 128 + number);
    CHECK(text_of(parse_events(o.out).back(), "event") == "end");
  }
}

TEST_CASE("SIGTERM and SIGINT end it although COMMAND's look-up is held") {
  for (const int number : {SIGTERM, SIGINT}) {
    const SilentDirectory silent;
    if (!silent.is_supported()) return;
    Process tracer(aa_spec({"-j", "--as-root", "--", silent.file("program")}));
    pid_t command = 0;
    REQUIRE(tracer.until([&] { return (command = child_of(tracer.pid())) != 0; }));
    tracer.signal(number);
    const Outcome o = tracer.finish();
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 128 + number);
    CHECK(o.err == "aa-trace: asked to end before COMMAND began\n");
    kill(command, SIGKILL);
  }
}

TEST_CASE("events of others are told although COMMAND's exec is held") {
  HeldProgram held;
  if (!held.is_supported()) return;
  Process watched(shell_spec());
  Process tracer(aa_spec({"-j", "-e", "exec", "-p", std::to_string(watched.pid()), "--as-root", "--", held.path()}));
  REQUIRE(tracer.until([&] { return held.is_asked(); }));
  watched.feed("/bin/true meanwhile\n");
  CHECK(tracer.until([&] { return contains(tracer.out(), "meanwhile"); }));
}

TEST_CASE("COMMAND's status, although the caller ignores SIGCHLD") {
  Spec spec = aa_spec({"-q", "-o", "/dev/null", "--as-root", "--", "/bin/sh", "-c", "exit 7"});
  spec.ignored = {SIGCHLD};
  const Outcome o = run(spec);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 7);
}

TEST_SUITE_END();

}  // namespace aa::test
