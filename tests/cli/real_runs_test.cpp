// What people run, traced as they would see it: on terminals of three widths, held to what is different on the disk
// afterwards, and to what the same command tells when nothing is hidden.
#include <doctest/doctest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iomanip>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "events.hpp"

namespace aa::test {
namespace {

namespace fs = std::filesystem;

// `prepare` and `command` are for sh, in an empty directory that is HOME too.
struct RealRun {
  const char* name;
  const char* needs;  // a program
  const char* prepare;
  const char* command;
  std::vector<std::string> read;  // files of the user's that it certainly reads
  std::size_t fitting = 90;       // percent of the lines that must fit
};

const RealRun kRuns[] = {
    {"install script",
     "/bin/sh",
     "printf 'port=80\n' >app.conf.in; printf '#!/bin/sh\necho app\n' >app.sh; echo old >old.cfg",
     "set -e; mkdir -p root/bin root/etc; cp app.sh root/bin/app; chmod 755 root/bin/app; "
     "sed 's/80/8080/' app.conf.in >root/etc/app.conf; ln -s app root/bin/a; rm -f old.cfg nothing-there; "
     "tar cf backup.tar root; mv backup.tar root/; touch -d 2026-01-01 root/etc/app.conf",
     {"app.sh", "app.conf.in"}},
    {"make of 20 files",
     "/usr/bin/gcc",
     "for i in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19; do "
     "printf '#include \"all.h\"\nint f%s(void) { return %s; }\n' $i 1$i >f$i.c; done; "
     "printf '#include <stdio.h>\n' >all.h; printf 'int main(void) { return 0; }\n' >main.c; "
     "printf 'prog: $(patsubst %%.c,%%.o,$(wildcard *.c))\n\tgcc -o prog *.o\n%%.o: %%.c\n\tgcc -c $<\n' >Makefile",
     "make -s -j2",
     {"Makefile", "main.c", "f07.c", "all.h"}},
    {"npm install",
     "/usr/bin/npm",
     "mkdir pkg app; printf '{\"name\":\"tiny\",\"version\":\"1.0.0\",\"scripts\":{\"postinstall\":\"node post.js\"}}' "
     ">pkg/package.json; printf 'require(\"fs\").writeFileSync(\"built.bin\", Buffer.alloc(1000))' >pkg/post.js; "
     "printf '{\"name\":\"app\",\"version\":\"1.0.0\"}' >app/package.json; cd pkg && npm pack --silent >/dev/null && "
     "mv tiny-1.0.0.tgz .. && cd .. && rm -rf .npm",
     "cd app && npm install --silent --no-audit --no-fund --no-update-notifier --offline ../tiny-1.0.0.tgz",
     {"app/package.json"}},
    {"git clone",
     "/usr/bin/git",
     "git init -q from && cd from && git config user.email a@b && git config user.name x && mkdir d && "
     "for i in 1 2 3 4 5; do echo $i >d/f$i; git add . && git commit -qm $i; done",
     "git clone -q \"file://$PWD/from\" to",
     {"from/.git/HEAD"},
     85},  // the names of its objects have 40 letters
    {"git commit",
     "/usr/bin/git",
     "git init -q . && git config user.email a@b && git config user.name x && echo 1 >a && git add a && "
     "git commit -qm one && echo 2 >a && mkdir d && echo 3 >d/b && git add a d",
     "git commit -qm two",
     {".git/HEAD", ".git/config"}},
    {"python",
     "/usr/bin/python3",
     "printf 'a,b\n1,2\n' >data.csv; printf 'def f(x):\n    return x\n' >helper.py",
     "/usr/bin/python3 -c 'import sys; sys.path.insert(0, \".\")\n"
     "import helper, os\n"
     "rows = [r.split(\",\") for r in open(\"data.csv\")]\n"
     "open(\"out.txt\", \"w\").write(str(rows)); os.mkdir(\"dir\"); os.rename(\"out.txt\", \"dir/out.txt\")'",
     {"data.csv", "helper.py"}},
    {"an editor", "/bin/sed", "printf 'one\ntwo\n' >text.txt", "sed -i.bak 's/one/1/' text.txt", {"text.txt"}},
    {"vim",
     "/usr/bin/vim",
     "printf 'one\ntwo\n' >text.txt",
     "TERM=dumb vim -Nu NONE -es -c 'set backupcopy=no' -c '%s/one/1/' -c wq text.txt",
     {"text.txt"}},
};

// What people call the loader's, the locale's, ..., written down apart from the tables of the program.
const std::regex kSystem(
    R"(^/(etc/(ld\.so\.|nsswitch\.conf|host\.conf|gai\.conf|locale|localtime|terminfo/|selinux/|inputrc|ssl/openssl\.cnf))"
    R"(|(usr/(local/)?)?lib(32|64|x32)?/(.*\.so(\.[0-9.]+)?$|locale/|terminfo/|.*gconv|ssl/openssl\.cnf))"
    R"(|usr/share/(locale|i18n|terminfo|tabset|zoneinfo)|proc/(filesystems|sys/)|sys/(fs/selinux|devices/system/cpu|kernel/mm)/?)"
    R"(|dev/(null|zero|full|random|urandom|tty)$))");

// A directory in which everything is prepared.
class Place {
 public:
  explicit Place(const RealRun& what) {
    Spec spec = in_it({"/bin/sh", "-c", what.prepare});
    const Outcome prepared = run(spec);
    CAPTURE(prepared.err);
    REQUIRE(prepared.status == 0);
  }
  Spec in_it(std::vector<std::string> argv) const {
    Spec spec;
    spec.argv = std::move(argv);
    spec.cwd = scratch_.path();
    spec.env["HOME"] = scratch_.path();
    spec.env["LC_ALL"] = std::nullopt;
    spec.env["PATH"] = "/usr/bin:/bin";
    spec.env["SUDO_UID"] = std::nullopt;
    spec.env["GIT_AUTHOR_DATE"] = spec.env["GIT_COMMITTER_DATE"] = "2026-01-01T00:00:00Z";
    return spec;
  }
  const std::string& path() const { return scratch_.path(); }

  // Each file and directory, and what tells that it is another one or was changed.
  std::map<std::string, std::string> state() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(path())) {
      struct stat info {};
      REQUIRE(lstat(entry.path().c_str(), &info) == 0);
      std::ostringstream what;
      what << info.st_ino << ' ' << info.st_mode;
      // what is in a directory is told of itself
      if (!S_ISDIR(info.st_mode))
        what << ' ' << info.st_size << ' ' << info.st_mtim.tv_sec << ' ' << info.st_mtim.tv_nsec;
      all[fs::relative(entry.path(), path())] = what.str();
    }
    return all;
  }

 private:
  Scratch scratch_;
};

std::vector<std::string> traced_command(const RealRun& what, std::vector<std::string> options) {
  options.insert(options.begin(), {program(), "-q", "--as-root"});
  options.insert(options.end(), {"--", "/bin/sh", "-c", what.command});
  return options;
}

std::size_t width_of(const std::string& line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string without_suffix(std::string name, const std::string& suffix) {
  if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  return name;
}

// The words of a line of short behind its head, that may be names; directories without their slash.
std::set<std::string> names_in(const std::string& screen) {
  std::set<std::string> names;
  // the arguments of a program say nothing of what it did
  static const std::regex kArguments(R"(^ *[0-9.]+ +[0-9]+ +\$ )");
  for (const std::string& line : lines(screen)) {
    if (std::regex_search(line, kArguments)) continue;
    std::istringstream words(line);
    std::string word;
    while (words >> word) names.insert(without_suffix(without_suffix(word, "/"), ","));
  }
  return names;
}

// How short tells a file below the working directory, which is HOME too.
bool is_told(const std::set<std::string>& names, const std::string& path) {
  return names.count(path) || names.count("~/" + path);
}

struct Screen {
  std::string text;
  std::size_t lines = 0, fitting = 0;
};

Screen on_terminal(const RealRun& what, const Place& place, unsigned short columns) {
  const Pty pty;
  const winsize size{50, columns, 0, 0};
  REQUIRE(ioctl(pty.master(), TIOCSWINSZ, &size) == 0);
  const Scratch elsewhere;
  Spec spec = place.in_it(traced_command(what, {}));
  spec.terminal = &pty;
  spec.in = spec.out = kTerminal;
  spec.err = kNull;
  Process process(spec);
  const Outcome outcome = process.finish();
  CHECK(outcome.status == 0);
  Screen screen{.text = without_colour(outcome.screen)};
  std::erase(screen.text, '\r');
  for (const std::string& line : lines(screen.text)) {
    screen.lines++;
    screen.fitting += width_of(line) <= columns;
  }
  return screen;
}

std::string path_of_line(const std::string& line) {
  std::smatch found;
  static const std::regex kRead(R"(^ *[0-9.]+ +[0-9]+ +(?:<|! open) (\S+))");
  return std::regex_search(line, found, kRead) ? found[1].str() : "";
}

// Names that differ from run to run.
std::string steady(std::string path) {
  static const std::regex kRandom(
      R"(tmp_(obj|pack|idx)_\w+|\.git/t\w{6}$|cc\w{6}\b|sed\w{6}$|[0-9a-f]{7,}|[0-9]+|\.sw[a-z]x?|_logs/.*|_cacache/tmp/.*|\.[a-z-]+-\w{8}\b)");
  return std::regex_replace(path, kRandom, "#");
}

// Which files are told, below the place and elsewhere.
struct Told {
  std::map<std::string, std::string> own, elsewhere;  // without what differs from run to run, and as it was
  std::size_t events = 0;

  void add(const Told& other) {
    own.insert(other.own.begin(), other.own.end());
    elsewhere.insert(other.elsewhere.begin(), other.elsewhere.end());
  }
};
Told told_with(const RealRun& what, const char* hide) {
  const Place place(what);
  const Scratch scratch;
  Spec spec = place.in_it(traced_command(what, {"-j", "--hide", hide, "-o", scratch.file("events")}));
  spec.out = spec.err = kNull;
  REQUIRE(run(spec).status == 0);
  const Events events = traced(parse_events(read_file(scratch.file("events"))));
  Told told{.events = events.size()};
  for (const Json& event : events)
    for (const char* key : {"path", "new_path"}) {
      if (!event.contains(key)) continue;
      const std::string path = text_of(event, key);
      const bool is_own = path.starts_with(place.path());
      (is_own ? told.own : told.elsewhere)[steady(is_own ? path.substr(place.path().size()) : path)] = path;
    }
  return told;
}

// @system hides what is the system's, and nothing of the user's. Returns how many events there are.
std::size_t check_hiding(const RealRun& what) {
  const Told whole = told_with(what, "none");
  Told left = told_with(what, "@system");
  // not every run of a program reads the same: what is hidden is not told in the second one either
  left.add(told_with(what, "@system"));
  REQUIRE_FALSE(whole.own.empty());
  for (const auto& [name, path] : whole.own) CHECK_MESSAGE(left.own.count(name), "of the user's, and hidden: " << path);
  CHECK(left.elsewhere.size() < whole.elsewhere.size());
  for (const auto& [name, path] : whole.elsewhere)
    if (!left.elsewhere.count(name))
      CHECK_MESSAGE(std::regex_search(path, kSystem), "hidden, and not of the system: " << path);
  for (const auto& [name, path] : left.elsewhere) {
    const bool is_system = path.ends_with(".so") || contains(path, ".so.") || contains(path, "/locale/") ||
                           contains(path, "/gconv") || contains(path, "/terminfo/");
    CHECK_MESSAGE(!is_system, "of the system, and told: " << path);
  }
  return whole.events;
}

void check_difference(const Place& place, const std::map<std::string, std::string>& before,
                      const std::set<std::string>& names) {
  const auto after = place.state();
  CHECK(after != before);
  for (const auto& [path, state] : after)
    if (!before.count(path) || before.at(path) != state)
      CHECK_MESSAGE(is_told(names, path), "made or changed, and not told: " << path);
  for (const auto& [path, state] : before)
    if (!after.count(path)) CHECK_MESSAGE(is_told(names, path), "removed, and not told: " << path);
}

Screen check_screen(const RealRun& what, unsigned short columns) {
  const Place place(what);
  const auto before = place.state();
  const Screen screen = on_terminal(what, place, columns);
  CAPTURE(screen.text);
  const std::set<std::string> names = names_in(screen.text);
  check_difference(place, before, names);
  for (const std::string& path : what.read) CHECK_MESSAGE(is_told(names, path), "read, and not told: " << path);
  for (const std::string& line : lines(screen.text)) {
    CHECK_MESSAGE(!std::regex_search(path_of_line(line), kSystem), "of the system: " << line);
    if (contains(line, " $ ")) CHECK(width_of(line) <= columns);
  }
  REQUIRE(screen.lines > 0);
  CHECK(screen.fitting * 100 >= screen.lines * what.fitting);
  return screen;
}

}  // namespace

TEST_SUITE_BEGIN("real runs");

TEST_CASE("real runs on terminals: what is different afterwards is told, and most lines fit") {
  std::ostringstream table;
  for (const RealRun& what : kRuns) {
    CAPTURE(what.name);
    if (access(what.needs, X_OK) != 0) {
      MESSAGE("skipped: ", what.name, ": there is no ", what.needs);
      continue;
    }
    table << std::left << std::setw(18) << what.name << std::right << std::setw(6) << check_hiding(what) << " events";
    for (const unsigned short columns : {80, 120, 200}) {
      CAPTURE(columns);
      const Screen screen = check_screen(what, columns);
      table << "  " << columns << ": " << screen.lines << " lines, " << screen.fitting * 100 / screen.lines << " % fit";
    }
    table << "\n";
  }
  MESSAGE("\n", table.str());
}

TEST_CASE("real runs: a shell on its terminal, seen from another one") {
  for (const unsigned short columns : {80, 120, 200}) {
    CAPTURE(columns);
    const Scratch scratch;
    const Pty shell, screen;
    const winsize size{50, columns, 0, 0};
    REQUIRE(ioctl(screen.master(), TIOCSWINSZ, &size) == 0);
    Spec spec;
    spec.argv = {"/bin/bash", "--norc", "--noprofile", "-i"};
    spec.terminal = &shell;
    spec.in = spec.out = spec.err = kTerminal;
    spec.cwd = scratch.path();
    spec.env["HISTFILE"] = std::nullopt;
    Process user(spec);
    const auto enter = [&user](const std::string& command, const std::string& then) {
      user.type(command + "; printf '%s-%s\\n' done " + then + "\n");
      REQUIRE(user.until([&] { return contains(user.screen(), "done-" + then); }));
    };
    enter("true", "0");
    Spec watch = aa_spec({"--color", "never", "--tty", shell.path()});
    watch.terminal = &screen;
    watch.out = kTerminal;
    watch.cwd = scratch.path();
    Process tracer(watch);
    REQUIRE(tracer.until([&] { return contains(tracer.err(), "watching"); }));
    enter("mkdir d", "1");
    enter("echo hello > d/a; cat d/a | tr a-z A-Z > d/b", "2");
    enter("no-such-command", "3");
    enter("sh -c 'kill -9 $$'", "4");
    REQUIRE(tracer.until([&] { return contains(tracer.screen(), "SIGKILL"); }));
    tracer.signal(SIGINT);
    const Outcome outcome = tracer.finish();
    std::string text = outcome.screen;
    std::erase(text, '\r');
    CAPTURE(text);
    std::size_t at = 0;
    for (const char* part :
         {"$ mkdir d", "+ d/", "+ d/a", "$ tr a-z A-Z", "= 127 bash", "$ sh -c 'kill -9 $$'", "= SIGKILL sh"}) {
      const std::size_t found = text.find(part, at);
      REQUIRE_MESSAGE(found != std::string::npos, "not told in its place: " << part);
      at = found;
    }
    CHECK(contains(text, "+ d/b"));
    std::size_t fitting = 0, all = 0;
    for (const std::string& line : lines(text)) {
      all++;
      fitting += width_of(line) <= columns;
      CHECK_FALSE(std::regex_search(path_of_line(line), kSystem));
    }
    CHECK(fitting * 10 >= all * 9);
    user.type("exit\n");
    CHECK(user.ended());
  }
}

TEST_SUITE_END();

}  // namespace aa::test
