// The format for people, on terminals, of real runs.
#include <doctest/doctest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "events.hpp"

namespace aa::test {
namespace {

// What an install script does, and nothing that it does is hidden in what its programs read of the system.
constexpr char kInstall[] = R"(set -e
mkdir -p build/out
echo hello > build/out/a.txt
cp build/out/a.txt build/out/b.txt
mv build/out/b.txt build/out/c.txt
ln -s c.txt build/out/d.txt
chmod 600 build/out/a.txt
head -c 3000 /dev/zero > build/zeros
cat nothing-here || true
rm -r build
exit 3
)";

std::string on_terminal(unsigned short columns, const std::vector<std::string>& options, const std::string& script) {
  const Scratch scratch;
  const std::string file = scratch.write("install.sh", script);
  const Pty pty;
  const winsize size{40, columns, 0, 0};
  REQUIRE(ioctl(pty.master(), TIOCSWINSZ, &size) == 0);
  std::vector<std::string> arguments{"-q", "--color", "never", "--as-root"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"--", "/bin/sh", file});
  Spec spec = aa_spec(arguments);
  spec.terminal = &pty;
  spec.in = spec.out = kTerminal;
  spec.cwd = scratch.path();
  Process process(spec);
  std::string screen = process.finish().screen;
  std::erase(screen, '\r');
  return screen;
}

// What stands behind the time and the pid, without the blanks before a size.
std::vector<std::string> deeds(const std::string& screen) {
  std::vector<std::string> all;
  for (const std::string& line : lines(screen)) {
    const std::size_t mark = line.find_first_not_of(" 0123456789.");
    std::string deed = mark == std::string::npos ? "" : line.substr(mark);
    deed.erase(std::unique(deed.begin(), deed.end(), [](char a, char b) { return a == ' ' && b == ' '; }), deed.end());
    all.push_back(deed);
  }
  return all;
}

}  // namespace

TEST_SUITE_BEGIN("short");

TEST_CASE("an install script: what it ran, made, changed and removed, a line each, in order") {
  const std::string screen = on_terminal(80, {}, kInstall);
  CAPTURE(screen);
  const std::vector<std::string> got = deeds(screen);
  auto at = got.begin();
  for (const char* deed :
       {"$ mkdir -p build/out", "+ build/", "+ build/out/", "+ build/out/a.txt 6B",
        "$ cp build/out/a.txt build/out/b.txt", "$ mv build/out/b.txt build/out/c.txt",
        "> build/out/b.txt -> build/out/c.txt", "$ ln -s c.txt build/out/d.txt", "+ build/out/d.txt -> c.txt",
        "$ chmod 600 build/out/a.txt", "m build/out/a.txt 0600", "$ head -c 3000 /dev/zero", "+ build/zeros 2.9K",
        "$ cat nothing-here", "! open nothing-here ENOENT", "= 1 cat", "$ rm -r build", "- build/", "= 3 sh"}) {
    CAPTURE(deed);
    const auto next = std::find(at, got.end(), deed);
    REQUIRE(next != got.end());
    at = next + 1;
  }
  for (const char* once : {"+ build/out/a.txt 6B", "+ build/out/b.txt 6B", "+ build/zeros 2.9K"}) {
    CAPTURE(once);
    CHECK(std::count(got.begin(), got.end(), once) == 1);
  }
  const auto about = [&got](const std::string& name) {
    return std::count_if(got.begin(), got.end(), [&name](const std::string& deed) {
      return deed.starts_with("+ " + name) || deed.starts_with("~ " + name);
    });
  };
  CHECK(about("build/out/a.txt") == 1);
  CHECK(about("build/zeros") == 1);
}

TEST_CASE("lines fit the terminal: 80, 120 and 200 columns") {
  for (const unsigned short columns : {80, 120, 200}) {
    CAPTURE(columns);
    const std::string screen =
        on_terminal(columns, {"-e", "exec,exit,io"},
                    "/bin/echo " + std::string(300, 'x') + " > /dev/null; cat install.sh > copy\n");
    CAPTURE(screen);
    const auto got = lines(screen);
    REQUIRE(got.size() > 3);
    for (const std::string& line : got) {
      std::size_t width = 0;
      for (const char c : line) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      CHECK(width <= columns);
    }
    CHECK(std::any_of(got.begin(), got.end(), [](const std::string& line) { return line.ends_with("xxx\u2026"); }));
    CHECK(std::any_of(got.begin(), got.end(),
                      [&](const std::string& line) { return contains(line, "~ copy ") && line.size() == columns; }));
  }
}

TEST_CASE("what the system reads is hidden, and no attempt to change it") {
  const std::string screen =
      on_terminal(80, {"-e", "file"}, "cat /etc/ld.so.nohwcap; rmdir /etc/ld.so.cache; exit 0\n");
  CAPTURE(screen);
  CHECK(contains(screen, "! rmdir /etc/ld.so.cache  E"));
  CHECK_FALSE(contains(screen, "open /etc/ld.so"));
  CHECK(contains(on_terminal(80, {"-e", "file", "--hide", "none"}, "exit 0\n"), "< /etc/ld.so.cache"));
}

TEST_CASE("what is written to a device, or without io, is no read and not nothing") {
  const Scratch scratch;
  const std::string file = scratch.write("f", "");
  const std::string script = "echo x >> " + file + "; dd if=/etc/hostname of=/dev/zero conv=notrunc 2>&1";
  CHECK(contains(on_terminal(80, {"-e", "open"}, script), "~ " + file));
  CHECK(contains(on_terminal(80, {"-e", "changes"}, script), "~ /dev/zero"));
  CHECK(contains(on_terminal(80, {"--fd-types", "all"}, "dd if=/dev/null of=/dev/zero conv=notrunc\n"),
                 "~ /dev/zero (opened for writing)"));
}

TEST_CASE("~ is the home of who called sudo, doas or pkexec, and else HOME") {
  const Scratch home;
  home.write("f", "text");
  const Outcome known = run({"/bin/sh", "-c", "getent passwd daemon | cut -d: -f3,6 | tr : '\\n'"});
  const auto fields = lines(known.out);
  REQUIRE(fields.size() == 2);
  const auto shown = [](const std::string& file, const std::string& name, const std::string& value) {
    Spec spec = aa_spec({"-q", "-F", "short", "-e", "chmod", "--as-root", "--", "/bin/chmod", "u+r", file});
    for (const char* caller : {"SUDO_UID", "SUDO_GID", "DOAS_USER", "PKEXEC_UID"}) spec.env[caller] = std::nullopt;
    spec.env["HOME"] = "/nowhere";
    spec.env[name] = value;
    return run(spec).out;
  };
  CHECK(contains(shown(home.file("f"), "HOME", home.path()), " m ~/f "));
  const std::string file = fields[1] + "/nologin";
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>("SUDO_UID", fields[0]), {"DOAS_USER", "daemon"}, {"PKEXEC_UID", fields[0]}})
    CHECK_MESSAGE(contains(shown(file, name, value), " m ~/nologin "), name);
}

TEST_CASE("the format: short on a terminal, line in a pipe, and as it is asked for") {
  CHECK(contains(on_terminal(80, {"-e", "exec"}, "exit 0\n"), " $ /bin/sh "));
  CHECK(contains(on_terminal(80, {"-e", "exec", "-F", "line"}, "exit 0\n"), "] exec pid="));
  CHECK(contains(on_terminal(80, {"-e", "exec", "-j"}, "exit 0\n"), "\"event\":\"exec\""));
  const auto piped = [](const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"-q", "-e", "exec", "--as-root"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--", "/bin/true"});
    return run(aa_spec(arguments)).out;
  };
  CHECK(contains(piped({}), "] exec pid="));
  CHECK(contains(piped({"-F", "short"}), " $ /bin/true\n"));
  CHECK(contains(piped({"--format", "json"}), "\"event\":\"exec\""));
  CHECK(piped({"--time", "iso"}).substr(11 + 1, 1) != " ");
  CHECK(contains(piped({"--time", "iso"}).substr(0, 32), "T"));
  CHECK(piped({"-F", "short", "--time", "clock"}).substr(2, 1) == ":");
}

TEST_SUITE_END();

}  // namespace aa::test
