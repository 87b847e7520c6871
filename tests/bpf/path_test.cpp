// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The path walk: directories of which the test knows the path, as the current directory of an exec.
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "bpf/scratch.hpp"
#include "bpf/trace.hpp"

namespace aa::test {
namespace {

constexpr char kTrue[] = "/usr/bin/true";
constexpr std::size_t kWhole = 4095;  // bytes of a path that is captured whole

[[noreturn]] void exec_here(const char* program = kTrue) {
  const char* argv[] = {"true", nullptr};
  // the walk on the way of a failed call comes first
  must(execv("./missing", const_cast<char**>(argv)) == -1);
  execv(program, const_cast<char**>(argv));
  _exit(97);
}

void enter(const std::string& name) {
  must((mkdir(name.c_str(), 0755) == 0 || errno == EEXIST) && chdir(name.c_str()) == 0);
}

// Steps down one by one: longer than what a system call takes.
void enter_all(const std::vector<std::string>& names) {
  for (const std::string& name : names) enter(name);
}

std::string joined(const std::string& root, const std::vector<std::string>& names) {
  std::string path = root == "/" ? "" : root;
  for (const std::string& name : names) path += "/" + name;
  return path;
}

std::size_t depth_of(const std::string& path) { return static_cast<std::size_t>(std::ranges::count(path, '/')); }

// Both execs of the child saw this directory.
void check_cwd(const Traced& traced, const std::string& expected, bool truncated = false) {
  CHECK(traced.clean());
  REQUIRE(traced.execs.size() == 2);
  CHECK(traced.execs[0].error == ENOENT);
  CHECK(traced.execs[1].error == 0);
  for (const SeenExec& exec : traced.execs) {
    CHECK(exec.cwd.state == Text::State::kPresent);
    CHECK(exec.cwd.truncated == truncated);
    CHECK(exec.cwd.bytes.size() == expected.size());
    CHECK(exec.cwd.bytes == expected);
  }
}

Traced trace_in(const KernelFeatures& features, const std::string& root, const std::vector<std::string>& names) {
  return trace_child(features, [&] {
    must(chdir(root.c_str()) == 0);
    enter_all(names);
    exec_here();
  });
}

// The longest prefix of whole components.
std::string prefix_of(const std::string& root, const std::vector<std::string>& names) {
  std::string path = root;
  for (const std::string& name : names) {
    const std::string longer = path + "/" + name;
    if (longer.size() > kWhole || depth_of(longer) > AA_PATH_DEPTH) break;
    path = longer;
  }
  return path;
}

// A mount namespace of its own, from which nothing gets out.
void leave_mounts() {
  must(unshare(CLONE_NEWNS) == 0);
  must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
}

TEST_CASE("path: the root and one below") {
  for (const NamedFeatures& row : loadable_features()) {
    CAPTURE(row.name);
    check_cwd(trace_in(row.features, "/", {}), "/");
    check_cwd(trace_in(row.features, "/usr", {}), std::filesystem::canonical("/usr"));
  }
}

TEST_CASE("path: many components") {
  for (const NamedFeatures& row : loadable_features())
    for (const std::size_t depth : {2u, 20u, 127u, 128u, 129u, 130u, 200u, 600u}) {
      const Scratch scratch;
      std::vector<std::string> names;
      for (std::size_t i = depth_of(scratch.path()); i < depth; i++) names.push_back("d" + std::to_string(i));
      CAPTURE(row.name);
      CAPTURE(depth);
      check_cwd(trace_in(row.features, scratch.path(), names), prefix_of(scratch.path(), names), depth > AA_PATH_DEPTH);
    }
}

// Names that make a path of exactly this length.
std::vector<std::string> names_for(const std::string& root, std::size_t length) {
  std::vector<std::string> names;
  std::size_t left = length - root.size();
  while (left > 256) {
    names.emplace_back(198, static_cast<char>('a' + names.size() % 26));
    left -= 199;
  }
  names.emplace_back(left - 1, 'z');
  return names;
}

TEST_CASE("path: many bytes") {
  for (const NamedFeatures& row : loadable_features())
    for (const std::size_t length : {1000u, 4094u, 4095u, 4097u, 4300u, 9000u}) {
      const Scratch scratch;
      const std::vector<std::string> names = names_for(scratch.path(), length);
      CAPTURE(row.name);
      CAPTURE(length);
      REQUIRE(joined(scratch.path(), names).size() == length);
      check_cwd(trace_in(row.features, scratch.path(), names), prefix_of(scratch.path(), names), length > kWhole);
    }
}

TEST_CASE("path: the longest names") {
  for (const NamedFeatures& row : loadable_features()) {
    const Scratch scratch;
    const std::vector<std::string> names = {std::string(255, 'n'), "x", std::string(255, '\n'),
                                            std::string(255, '\xff')};
    CAPTURE(row.name);
    check_cwd(trace_in(row.features, scratch.path(), names), joined(scratch.path(), names));
  }
}

TEST_CASE("path: a directory that was removed") {
  for (const NamedFeatures& row : loadable_features()) {
    const Scratch scratch;
    CAPTURE(row.name);
    const Traced traced = trace_child(row.features, [&scratch] {
      must(chdir(scratch.path().c_str()) == 0);
      enter_all({"a", "gone"});
      must(rmdir("../gone") == 0);
      exec_here();
    });
    check_cwd(traced, scratch.path() + "/a/gone");
    for (const SeenExec& exec : traced.execs) CHECK(exec.cwd.deleted);
  }
}

TEST_CASE("path: mounts within mounts, and a bind mount") {
  for (const NamedFeatures& row : loadable_features()) {
    const Scratch scratch;
    CAPTURE(row.name);
    const auto mounted = [&scratch](const char* directory) {
      return [&scratch, directory] {
        leave_mounts();
        must(chdir(scratch.path().c_str()) == 0);
        enter("outer");
        must(mount("none", ".", "tmpfs", 0, nullptr) == 0 && chdir("../outer") == 0);
        enter_all({"a", "inner"});
        must(mount("none", ".", "tmpfs", 0, nullptr) == 0 && chdir("../inner") == 0);
        enter_all({"b", "c"});
        must(chdir(scratch.path().c_str()) == 0 && mkdir("bound", 0755) == 0);
        must(mount("outer/a/inner/b", "bound", nullptr, MS_BIND, nullptr) == 0);
        must(chdir(directory) == 0);
        exec_here();
      };
    };
    check_cwd(trace_child(row.features, mounted("outer/a/inner/b/c")), scratch.path() + "/outer/a/inner/b/c");
    std::filesystem::remove_all(scratch.path() + "/bound");
    check_cwd(trace_child(row.features, mounted("bound/c")), scratch.path() + "/bound/c");
    std::filesystem::remove_all(scratch.path() + "/bound");
    check_cwd(trace_child(row.features, mounted("outer")), scratch.path() + "/outer");
  }
}

// Each `every`th directory is a mount point.
void enter_mounts(const std::vector<std::string>& names, std::size_t every) {
  for (std::size_t i = 0; i < names.size(); i++) {
    enter(names[i]);
    if (i % every == 0) must(mount("none", ".", "tmpfs", 0, nullptr) == 0 && chdir(("../" + names[i]).c_str()) == 0);
  }
}

TEST_CASE("path: many mounts on the way, also of a path that is cut") {
  struct Row {
    std::size_t depth, every;
  };
  for (const NamedFeatures& row : loadable_features())
    for (const Row& shape : {Row{60, 2}, Row{128, 6}, Row{150, 10}}) {
      const Scratch scratch;
      std::vector<std::string> names;
      for (std::size_t i = depth_of(scratch.path()); i < shape.depth; i++) names.push_back("m" + std::to_string(i));
      CAPTURE(row.name);
      CAPTURE(shape.depth);
      const Traced traced = trace_child(row.features, [&] {
        leave_mounts();
        must(chdir(scratch.path().c_str()) == 0);
        enter_mounts(names, shape.every);
        exec_here();
      });
      check_cwd(traced, prefix_of(scratch.path(), names), shape.depth > AA_PATH_DEPTH);
    }
}

TEST_CASE("path: in a chroot it is still from the root of the mount namespace") {
  for (const NamedFeatures& row : loadable_features()) {
    const Scratch scratch;
    CAPTURE(row.name);
    const std::string root = scratch.path() + "/root";
    const std::string directory = std::filesystem::canonical("/usr/bin");
    const Traced traced = trace_child(row.features, [&] {
      leave_mounts();
      must(mkdir(root.c_str(), 0755) == 0 && mount("/", root.c_str(), nullptr, MS_BIND, nullptr) == 0);
      must(chroot(root.c_str()) == 0 && chdir(directory.c_str()) == 0);
      exec_here("./true");
    });
    check_cwd(traced, root + directory);
    CHECK(traced.execs[1].exe.is(root + std::string(std::filesystem::canonical(kTrue))));
  }
}

// There is no way from it to the root: a path that begins with '/' as if there were is made up.
TEST_CASE("path: a directory on a file system that was detached") {
  for (const NamedFeatures& row : loadable_features()) {
    const Scratch scratch;
    CAPTURE(row.name);
    const Traced traced = trace_child(row.features, [&scratch] {
      leave_mounts();
      must(chdir(scratch.path().c_str()) == 0);
      must(mount("none", ".", "tmpfs", 0, nullptr) == 0 && chdir(scratch.path().c_str()) == 0);
      enter_all({"a", "b"});
      must(umount2(scratch.path().c_str(), MNT_DETACH) == 0);
      exec_here();
    });
    CHECK(traced.clean());
    REQUIRE(traced.execs.size() == 2);
    for (const SeenExec& exec : traced.execs) CHECK_FALSE(exec.cwd.is("/a/b"));
  }
}

TEST_CASE("path: a current directory outside of the chroot") {
  for (const NamedFeatures& row : loadable_features()) {
    const Scratch scratch;
    CAPTURE(row.name);
    const Traced traced = trace_child(row.features, [&] {
      must(chdir(scratch.path().c_str()) == 0);
      enter("outside");
      must(mkdir("jail", 0755) == 0 && chroot("jail") == 0);
      const char* argv[] = {"x", nullptr};
      must(execv("./missing", const_cast<char**>(argv)) == -1);
      _exit(0);
    });
    CHECK(traced.clean());
    REQUIRE(traced.execs.size() == 1);
    CHECK(traced.execs[0].cwd.is(scratch.path() + "/outside"));
  }
}

}  // namespace
}  // namespace aa::test
