// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the kernel side keeps of descriptors goes with them, however their table came to an end.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <map>

namespace aa::test {

namespace {

// Of the workload itself, which goes on: its stdout, and the device of its file system.
constexpr int kOwn = 2;

long call_bpf(int command, bpf_attr& attribute) { return syscall(SYS_bpf, command, &attribute, sizeof attribute); }

int map_of_id(unsigned id) {
  bpf_attr attribute{};
  attribute.map_id = id;
  return static_cast<int>(call_bpf(BPF_MAP_GET_FD_BY_ID, attribute));
}

std::string name_of_map(int map) {
  bpf_map_info info{};
  bpf_attr attribute{};
  attribute.info.bpf_fd = static_cast<unsigned>(map);
  attribute.info.info_len = sizeof info;
  attribute.info.info = reinterpret_cast<std::uintptr_t>(&info);
  return call_bpf(BPF_OBJ_GET_INFO_BY_FD, attribute) ? "" : info.name;
}

int entries_of_map(int map) {
  char key[64] = {}, next[64] = {};
  bpf_attr attribute{};
  attribute.map_fd = static_cast<unsigned>(map);
  attribute.next_key = reinterpret_cast<std::uintptr_t>(next);
  int entries = 0;
  for (; call_bpf(BPF_MAP_GET_NEXT_KEY, attribute) == 0; entries++) {
    std::memcpy(key, next, sizeof key);
    attribute.key = reinterpret_cast<std::uintptr_t>(key);
  }
  return entries;
}

// How many entries the maps about descriptors have that this process holds, by the names the kernel keeps.
std::map<std::string, int> entries_of(pid_t pid) {
  std::map<std::string, int> entries;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fdinfo")) {
    const std::string text = read_file(entry.path());
    const size_t at = text.find("map_id:");
    if (at == std::string::npos) continue;
    const int map = map_of_id(static_cast<unsigned>(std::stoul(text.substr(at + 7))));
    const std::string name = name_of_map(map);
    if (name == "descriptors" || name.starts_with("descriptor_user") || name == "used_nodes")
      entries[name] = entries_of_map(map);
    close(map);
  }
  return entries;
}

}  // namespace

TEST_CASE(
    "threads that share a table and end at once, of files that rules allow: nothing of them stays in the kernel") {
  const int processes = scaled(50, 10);
  const TempDir directory;
  Workload workload(directory, "io_shared_ends", {std::to_string(processes)});
  const std::string pid = workload.await_ready().text("pid");
  Trace trace(directory, {"-e", "io", "--allow", directory.file("left"), "--pid", pid});
  trace.await_start();
  workload.go();
  workload.await("left");
  const std::vector<Fact> reasons = workload.so_far().of("unsupported");
  if (!reasons.empty()) MESSAGE("skipped: " << reasons.front().text("why"));
  const auto is_empty = [&] {
    for (const auto& [name, count] : entries_of(trace.pid()))
      if (count > kOwn) return false;
    return true;
  };
  const bool emptied = wait_until(is_empty);
  const std::map<std::string, int> left = entries_of(trace.pid());
  CHECK(left.size() == 3);
  for (const auto& [name, count] : left) CHECK_MESSAGE(count <= kOwn, name << ": " << count << " entries");
  CHECK(emptied);
  workload.go();
  workload.finish();
  const Report report = trace.finish();
  CHECK(report.code == 0);
  CHECK(report.lost() == 0);
}

}  // namespace aa::test
