// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What aa-trace needs of its surroundings: without the rest it works in full, without one of these it says in a
// sentence what to do.
#include "kernel/expect.hpp"
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <elf.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace aa::test {

namespace {

using Restrictions = std::vector<std::string>;

std::string without(int capability) { return "without=" + std::to_string(capability); }

// aa-trace and a workload, where whoever runs them can read them.
struct Programs {
  std::string aa_trace = aa_trace_path(), workload = workload_path("writing_child");
};

std::vector<std::string> restricted(const Restrictions& restrictions, const std::string& aa_trace) {
  std::vector<std::string> words{workload_path("restricted")};
  words.insert(words.end(), restrictions.begin(), restrictions.end());
  words.insert(words.end(), {"--", aa_trace});
  return words;
}

void check_works(const Restrictions& restrictions, const std::vector<std::string>& options = {},
                 const Programs& programs = {}) {
  CAPTURE(restrictions.back());
  const TempDir directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
  const std::string written_to = directory.file("written");
  std::vector<std::string> arguments = options;
  arguments.insert(arguments.end(), {"-e", "process,open,io", "--as-root", "--", programs.workload, written_to});
  const Report report =
      Trace(directory, arguments, Trace::Format::kJson, restricted(restrictions, programs.aa_trace)).finish();
  CHECK_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  CHECK(check_exits(report) == 1);
  const Fact written = report.truth.only("written");
  const Event open = report.only("open", written.number("pid"));
  CHECK(open.text("path") == written_to);
  CHECK(open.text("exe") == programs.workload);
  CHECK(on_path(told_uses(report.of("io")), written_to) == Totals{0, 0, 1, written.number("bytes")});
  CHECK(report.of("exec").size() == 1);
}

// What it says: one line on stderr, status 1, no event.
std::string refusal(const Restrictions& restrictions, const std::vector<std::string>& arguments = {"--", "/bin/true"},
                    const Programs& programs = {}) {
  const TempDir directory;
  std::vector<std::string> command = restricted(restrictions, programs.aa_trace);
  command.insert(command.end(), arguments.begin(), arguments.end());
  Child trace(command, directory.path(), "refused");
  const std::optional<int> status = trace.wait();
  REQUIRE(status.has_value());
  const std::string text = trace.err();
  CAPTURE(text);
  CHECK(WEXITSTATUS(*status) == 1);
  CHECK(trace.out().empty());
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.starts_with("aa-trace: "));
  return text;
}

// A file of only these types, as a kernel image has them.
std::string elf_with(const std::string& types) {
  constexpr char kNames[] = "\0.BTF\0.shstrtab";
  Elf64_Ehdr header{};
  Elf64_Shdr sections[3]{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof *sections;
  header.e_shnum = 3;
  header.e_shstrndx = 2;
  header.e_shoff = sizeof header;
  sections[1].sh_name = 1;
  sections[1].sh_type = SHT_PROGBITS;
  sections[1].sh_offset = sizeof header + sizeof sections;
  sections[1].sh_size = types.size();
  sections[1].sh_addralign = 1;
  sections[2].sh_name = sizeof "\0.BTF";
  sections[2].sh_type = SHT_STRTAB;
  sections[2].sh_offset = sections[1].sh_offset + types.size();
  sections[2].sh_size = sizeof kNames;
  sections[2].sh_addralign = 1;
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) +
         std::string(reinterpret_cast<const char*>(sections), sizeof sections) + types +
         std::string(kNames, sizeof kNames);
}

void check_says(const std::string& text, const std::string& part) {
  CHECK_MESSAGE(text.find(part) != std::string::npos, text << " does not say " << part);
}

}  // namespace

TEST_CASE("restricted: without a capability that root has beside the needed ones") {
  for (const int capability : {CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, CAP_SYS_RESOURCE,
                               CAP_KILL, CAP_SETUID, CAP_SETGID, CAP_SETPCAP})
    check_works({without(capability)});
}

TEST_CASE("restricted: without CAP_BPF, or CAP_PERFMON") {
  // CAP_SYS_ADMIN stands for both
  check_works({without(CAP_BPF), without(CAP_PERFMON)});
  check_says(refusal({without(CAP_SYS_ADMIN), without(CAP_BPF)}), "CAP_BPF is missing");
  check_says(refusal({without(CAP_SYS_ADMIN), without(CAP_PERFMON)}), "CAP_PERFMON is missing");
  check_says(refusal({without(CAP_SYS_ADMIN), without(CAP_PERFMON), without(CAP_BPF)}),
             "--cap-add BPF --cap-add PERFMON");
}

TEST_CASE("restricted: nobody with CAP_BPF and CAP_PERFMON needs nothing else") {
  const TempDir place;
  const Programs programs{place.file("aa-trace"), place.file("workload")};
  std::filesystem::copy_file(aa_trace_path(), programs.aa_trace);
  std::filesystem::copy_file(workload_path("writing_child"), programs.workload);
  const std::string bpf = std::to_string(CAP_BPF), perfmon = std::to_string(CAP_PERFMON);
  check_works({"only=" + bpf + "," + perfmon}, {}, programs);
  check_says(refusal({"only=" + bpf}, {"-p", "1"}, programs), "CAP_PERFMON is missing");
  check_says(refusal({"only=" + perfmon}, {"-p", "1"}, programs), "CAP_BPF is missing");
}

TEST_CASE("restricted: without what it takes to become the user who called sudo") {
  for (const int capability : {CAP_SETUID, CAP_SETGID}) {
    const Restrictions as_sudo{"set=SUDO_UID=1", "set=SUDO_GID=1", without(capability)};
    const std::string text = refusal(as_sudo);
    check_says(text, "CAP_SETUID and CAP_SETGID");
    check_says(text, "--as-root");
  }
}

TEST_CASE("restricted: root of a user namespace") {
  const std::string text = refusal({"user-namespace"});
  check_says(text, "user namespace");
  check_says(text, "outside");
}

TEST_CASE("restricted: bpf() refused by seccomp") {
  const std::string text = refusal({"deny=" + std::to_string(SYS_bpf)});
  check_says(text, "seccomp");
  check_says(text, "bpf()");
}

TEST_CASE("restricted: the kernel's type information is not visible") {
  check_works({"hide=/sys/kernel/btf"});  // the kernel is asked for it
  check_works({"hide=/sys"});
  const std::string text = refusal({"hide=/sys/kernel/btf", without(CAP_SYS_ADMIN)});
  check_says(text, "/sys/kernel/btf/vmlinux is not visible");
  check_says(text, "CAP_SYS_ADMIN");
}

TEST_CASE("restricted: --btf") {
  const TempDir directory;
  const std::string own = directory.file("own"), image = directory.file("image"), other = directory.file("other"),
                    text = directory.file("text");
  std::filesystem::copy_file("/sys/kernel/btf/vmlinux", own);
  // a copy with one bit turned, in the last letter of the last name
  const std::string bytes = read_file(own);
  std::ofstream(other) << bytes.substr(0, bytes.size() - 2) << static_cast<char>(bytes[bytes.size() - 2] ^ 1) << '\0';
  std::ofstream(text) << "no types\n";
  std::ofstream(image) << elf_with(bytes);
  for (const Restrictions& visible : {Restrictions{"set=A=B"}, Restrictions{"hide=/sys/kernel/btf"}}) {
    check_works(visible, {"--btf", own});
    check_works(visible, {"--btf", image});
    check_says(refusal(visible, {"--btf", other, "-p", "1"}), "other: of another kernel than the one that runs");
    check_says(refusal(visible, {"--btf", text, "-p", "1"}), "text: no type information (BTF) in it");
    check_says(refusal(visible, {"--btf", directory.file("none"), "-p", "1"}), "none: No such file or directory");
  }
}

TEST_CASE("restricted: tracefs is not mounted") {
  check_works({"unmount=/sys/kernel/debug", "unmount=/sys/kernel/tracing"});
}

TEST_CASE("restricted: the kernel reads its memory to nobody (lockdown=confidentiality)") {
  const std::string modes = read_file("/sys/kernel/security/lockdown");
  if (modes.find("[confidentiality]") == std::string::npos) {
    check_works({"hide=/sys/kernel/security"});  // integrity, none, or a kernel without lockdown
    return;
  }
  for (const Restrictions& restrictions : {Restrictions{}, Restrictions{"unmount=/sys/kernel/security"}}) {
    const std::string text = refusal(restrictions);
    check_says(text, "locked down (confidentiality)");
    check_says(text, "lockdown=integrity");
  }
}

}  // namespace aa::test
