// SPDX-License-Identifier: MIT OR Apache-2.0
//
// COMMAND may be of the same user as aa-trace, and hostile: it must not come by what aa-trace holds.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <linux/capability.h>
#include <sys/xattr.h>
#include <algorithm>
#include <filesystem>

namespace aa::test {

namespace {

// aa-trace and the workload, where nobody may run them.
struct Programs {
  TempDir place;
  std::string aa_trace = place.file("aa-trace"), workload = place.file("reach_into");

  Programs() {
    std::filesystem::copy_file(aa_trace_path(), aa_trace);
    std::filesystem::copy_file(workload_path("reach_into"), workload);
  }
};

std::string with_capabilities(std::initializer_list<int> capabilities) {
  std::string word = "only=";
  for (const int capability : capabilities) word += std::to_string(capability) + ",";
  word.pop_back();
  return word;
}

void give_file_capabilities(const std::string& path) {
  vfs_cap_data value{};
  value.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
  for (const int capability : {CAP_BPF, CAP_PERFMON})
    value.data[CAP_TO_INDEX(capability)].permitted |= CAP_TO_MASK(capability);
  REQUIRE(setxattr(path.c_str(), "security.capability", &value, XATTR_CAPS_SZ_2, 0) == 0);
}

void check_closed(const std::string& capabilities, const Programs& programs) {
  const TempDir directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
  const std::string made = directory.file("made");
  const Report report = Trace(directory, {"-e", "exec,open", "--", programs.workload, made}, Trace::Format::kJson,
                              {workload_path("restricted"), capabilities, "--", programs.aa_trace})
                            .finish();
  CHECK_MESSAGE(report.code == 0, report.errors);
  const auto ways = report.truth.of("way");
  CHECK(ways.size() == 7);
  for (const Fact& way : ways) CHECK_MESSAGE(way.number("open") == 0, way.text("name"));
  CHECK(report.truth.of("map").empty());
  bool told = false;
  for (const Event& open : report.of("open")) told = told || open.text("path") == made;
  CHECK(told);
  CHECK(report.lost() == 0);
}

}  // namespace

TEST_CASE("closed: aa-trace with capabilities from its caller, to a COMMAND of its user") {
  check_closed(with_capabilities({CAP_BPF, CAP_PERFMON}), {});
}

TEST_CASE("closed: aa-trace with capabilities from its file, to a COMMAND of its user") {
  const Programs programs;
  give_file_capabilities(programs.aa_trace);
  check_closed(with_capabilities({CAP_CHOWN}), programs);
}

TEST_CASE("closed: a COMMAND whose exec fails is known all the same") {
  const TempDir directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
  const Programs programs;
  const std::string script = programs.place.file("script");
  std::ofstream(script) << "#!/no/such/interpreter\n";
  std::filesystem::permissions(script, std::filesystem::perms(0755));
  const Report report =
      Trace(directory, {"-e", "exec", "--", script}, Trace::Format::kJson,
            {workload_path("restricted"), with_capabilities({CAP_BPF, CAP_PERFMON}), "--", programs.aa_trace})
          .finish();
  CHECK(report.code == 127);
  REQUIRE(report.of("exec").size() == 1);
  CHECK(report.of("exec")[0].text("error") == "ENOENT");
  CHECK(report.of("exec")[0].text("exe") == programs.aa_trace);
}

// Root comes by them; what nobody but the programs has to change, it cannot change through them.
TEST_CASE("closed: maps that user space has filled are frozen") {
  const TempDir directory;
  const Report report =
      trace_command(directory, {"-e", "all", "--allow", "/nowhere/"}, "reach_into", {directory.file("made")});
  CHECK_MESSAGE(report.code == 0, report.errors);
  const auto maps = report.truth.of("map");
  CHECK(maps.size() > 10);
  std::vector<std::string> writable;
  for (const Fact& map : maps)
    if (map.number("writable")) writable.push_back(map.text("name"));
  std::sort(writable.begin(), writable.end());
  // user space writes to its memory, and the kernel freezes no map that is mapped to be written to; out of the others
  // it takes what processes left. The kernel's names have 15 bytes.
  std::string names;
  for (const std::string& name : writable) names += name + " ";
  CHECK(names == "aa_trace.bss bell descriptor_user descriptors events used_nodes ");
}

}  // namespace aa::test
