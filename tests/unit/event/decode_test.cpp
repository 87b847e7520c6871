// SPDX-License-Identifier: MIT OR Apache-2.0
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "unit/event/decoded.hpp"
#include "unit/event/records.hpp"

namespace aa::test {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("decode: every field of a fork and of a join") {
  for (const aa_kind kind : {AA_FORK, AA_JOIN}) {
    const Decoded it(with_size(some_fork(kind)));
    REQUIRE(it.done);
    check_common(it.event);
    CHECK(it.event.kind == kind);
    CHECK(it.event.process.child_pid == 201);
    CHECK(it.event.process.child_start == 4'500'000'000);
  }
}

TEST_CASE("decode: every field of an exec") {
  const Decoded it(some_exec().bytes());
  REQUIRE(it.done);
  check_common(it.event);
  CHECK(it.event.kind == AA_EXEC);
  CHECK(it.event.error == 0);
  CHECK(it.event.exec.filename.bytes == "bin/ls");
  CHECK(it.event.exec.cwd.bytes == "/home/me");
  CHECK(it.event.exe.bytes == "/usr/bin/ls");
  CHECK(it.event.exec.script.state == Text::State::kAbsent);
  CHECK(it.event.exec.argv.arguments == std::vector{"ls"sv, "-l"sv});
  CHECK(it.event.exec.argv.total_bytes == 6);
  CHECK_FALSE(it.event.exec.argv.truncated);
}

TEST_CASE("decode: a comm that fills its field has no NUL") {
  aa_fork fork = some_fork();
  std::memset(fork.header.comm, 'x', sizeof fork.header.comm);
  const Decoded it(with_size(fork));
  REQUIRE(it.done);
  CHECK(it.event.comm == std::string(AA_COMM_LEN, 'x'));
}

TEST_CASE("decode: how a process ended") {
  struct Row {
    unsigned status;
    int code, signal;
    bool core;
  };
  for (const Row& row : {Row{0, 0, 0, false}, Row{7 << 8, 7, 0, false}, Row{255 << 8, 255, 0, false},
                         Row{9, 0, 9, false}, Row{6 | 0x80, 0, 6, true}, Row{64, 0, 64, false}}) {
    const Decoded it(with_size(some_exit(row.status)));
    CAPTURE(row.status);
    REQUIRE(it.done);
    check_common(it.event);
    CHECK(it.event.process.code == row.code);
    CHECK(it.event.process.signal == row.signal);
    CHECK(it.event.process.core_dumped == row.core);
  }
}

TEST_CASE("decode: what a process has used") {
  const Decoded it(with_size(some_exit(0)));
  REQUIRE(it.done);
  CHECK(it.event.process.began == 4'000'000'003);
  CHECK(it.event.process.max_rss == 10 * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024);
  CHECK(it.event.process.cpu_time == CpuTime{.user = 33'000'000, .system = 11'000'000});

  aa_exit exit = some_exit(0);
  exit.header.unreadable = 1 << AA_EXIT_TIMES;
  const Decoded no_times(with_size(exit));
  CHECK(no_times.event.process.max_rss);
  CHECK_FALSE(no_times.event.process.cpu_time);
  exit.header.unreadable = 1 << AA_EXIT_MAX_RSS;
  const Decoded no_memory(with_size(exit));
  CHECK_FALSE(no_memory.event.process.max_rss);
  CHECK(no_memory.event.process.cpu_time);
}

TEST_CASE("decode: flags") {
  const Decoded compat(some_exec().flags(AA_COMPAT).bytes());
  REQUIRE(compat.done);
  CHECK(compat.event.compat);
  const Decoded unasked(some_exec().flags(AA_UNASKED).bytes());
  REQUIRE(unasked.done);
  CHECK_FALSE(unasked.event.asked);
  CHECK(unasked.event.exec.filename.bytes == "bin/ls");
  CHECK(unasked.event.exe.bytes == "/usr/bin/ls");
}

TEST_CASE("decode: a failed exec has an error and no executable") {
  const Decoded it(some_exec().error(-2).bytes());
  REQUIRE(it.done);
  CHECK(it.event.error == 2);
  CHECK(it.event.exe.state == Text::State::kAbsent);
  CHECK(it.event.exec.cwd.bytes == "/home/me");
}

TEST_CASE("decode: an error that is none") {
  for (const int error : {1, 4095, -4096, -2147483647 - 1, 2147483647}) {
    CAPTURE(error);
    CHECK_FALSE(Decoded(some_exec().error(error).bytes()).done);
  }
  CHECK(Decoded(some_exec().error(-4095).bytes()).done);
}

TEST_CASE("decode: argv splitting") {
  const std::vector<std::pair<std::string_view, std::vector<std::string_view>>> rows = {
      {""sv, {}},
      {"\0"sv, {""}},
      {"\0\0"sv, {"", ""}},
      {"a\0"sv, {"a"}},
      {"a"sv, {"a"}},
      {"a\0b"sv, {"a", "b"}},
      {"a\0\0b\0"sv, {"a", "", "b"}},
      {"\0a\0"sv, {"", "a"}},
      {"a\0\0"sv, {"a", ""}},
  };
  for (const auto& [raw, arguments] : rows) {
    const Decoded it(ExecRecord().argv(raw).bytes());
    REQUIRE(it.done);
    CHECK(it.event.exec.argv.arguments == arguments);
    CHECK(it.event.exec.argv.state == Text::State::kPresent);
  }
}

TEST_CASE("decode: marks reach the string that they belong to, and no other") {
  struct Row {
    aa_exec_string string;
    std::function<std::pair<Text::State, bool>(const Event&)> of;
  };
  const Row rows[] = {
      {AA_EXEC_FILENAME, [](const Event& e) { return std::pair(e.exec.filename.state, e.exec.filename.truncated); }},
      {AA_EXEC_ARGV, [](const Event& e) { return std::pair(e.exec.argv.state, e.exec.argv.truncated); }},
      {AA_EXEC_CWD, [](const Event& e) { return std::pair(e.exec.cwd.state, e.exec.cwd.truncated); }},
      {AA_EXEC_EXE, [](const Event& e) { return std::pair(e.exe.state, e.exe.truncated); }},
  };
  for (const Row& marked : rows) {
    const Decoded cut(some_exec().cut(marked.string).bytes());
    const Decoded unreadable(some_exec().unreadable(marked.string).bytes());
    REQUIRE(cut.done);
    REQUIRE(unreadable.done);
    for (const Row& row : rows) {
      const bool it = row.string == marked.string;
      CAPTURE(row.string);
      CHECK(row.of(cut.event) == std::pair(Text::State::kPresent, it));
      CHECK(row.of(unreadable.event).first == (it ? Text::State::kUnreadable : Text::State::kPresent));
    }
  }
}

TEST_CASE("decode: the span of an unreadable string is not looked at") {
  ExecRecord record = some_exec().unreadable(AA_EXEC_CWD);
  record.fixed.cwd.names = {.offset = 0xFFFF, .length = 0xFFFF};
  const Decoded it(record.bytes());
  REQUIRE(it.done);
  CHECK(it.event.exec.cwd.bytes.empty());
}

TEST_CASE("decode: walked paths") {
  const std::string name_max(255, 'n');
  for (const std::string& path : {"/"s, "/a"s, "/a/b"s, "/ /\n/\xff"s, "/" + name_max + "/" + name_max}) {
    const Decoded it(ExecRecord().cwd(path).exe("/x").bytes());
    REQUIRE(it.done);
    CHECK(it.event.exec.cwd.bytes == path);
  }
  std::string deep;
  for (int i = 0; i < AA_PATH_DEPTH; i++) deep += "/c" + std::to_string(i);
  CHECK(Decoded(ExecRecord().cwd(deep).bytes()).event.exec.cwd.bytes == deep);
}

TEST_CASE("decode: a path whose last name has no slash is none") {
  ExecRecord record;
  record.put(record.fixed.cwd.names, "b/a");
  CHECK_FALSE(Decoded(record.bytes()).done);
}

TEST_CASE("decode: a deleted file") {
  ExecRecord record = some_exec();
  record.fixed.exe.flags = AA_PATH_DELETED;
  record.fixed.cwd.flags = AA_PATH_DELETED;
  const Decoded it(record.bytes());
  REQUIRE(it.done);
  CHECK(it.event.exe.bytes == "/usr/bin/ls");
  CHECK(it.event.exe.deleted);
  CHECK(it.event.exec.cwd.bytes == "/home/me");
  CHECK(it.event.exec.cwd.deleted);
}

TEST_CASE("decode: files without a path") {
  struct Row {
    std::string_view name;
    unsigned mode;
    std::string_view expected;
  };
  for (const Row& row : {Row{"", S_IFIFO | 0600, "pipe:[77]"}, Row{"", S_IFSOCK | 0777, "socket:[77]"},
                         Row{"[eventfd]", 0600, "anon:[eventfd]"}, Row{"memfd:prog", S_IFREG | 0777, "memfd:prog"},
                         Row{"", S_IFREG, "anon:[]"}, Row{"x", S_IFREG, "anon:[x]"}}) {
    const Decoded it(ExecRecord().detached_exe(row.name, row.mode, 77).bytes());
    REQUIRE(it.done);
    CHECK(it.event.exe.bytes == row.expected);
  }
}

TEST_CASE("decode: a record that ends within its strings, or claims another size") {
  const Bytes whole = some_exec().bytes();
  const auto with_header_size = [&whole](std::uint32_t size) {
    Bytes lying = whole;
    std::memcpy(lying.data(), &size, sizeof size);
    return Decoded(lying).done;
  };
  const auto size = static_cast<std::uint32_t>(whole.size());
  CHECK(with_header_size(size));
  for (const std::uint32_t lie : {0u, 1u, 63u, 64u, 127u, 128u, size - 1, size + 1, 65535u, 65536u, ~0u}) {
    CAPTURE(lie);
    CHECK_FALSE(with_header_size(lie));
  }
}

TEST_CASE("decode: bytes behind the record's size do not belong to it") {
  Bytes longer = some_exec().bytes();
  longer.resize(longer.size() + 8);
  CHECK(Decoded(longer).done);
  ExecRecord record = some_exec();
  record.fixed.filename.offset = static_cast<__u16>(record.bytes().size());
  longer = record.bytes();
  longer.resize(longer.size() + 64);
  CHECK_FALSE(Decoded(longer).done);
}

TEST_CASE("decode: kinds that do not exist") {
  for (const int kind : {0, int{AA_KINDS}, 77, 255}) {
    Bytes bytes = with_size(some_fork());
    bytes[offsetof(aa_header, kind)] = static_cast<std::byte>(kind);
    CHECK_FALSE(Decoded(bytes).done);
  }
}

TEST_CASE("decode: a decoder keeps nothing of the record before") {
  Decoder decoder;
  Event event;
  const Exact exec(some_exec().flags(AA_COMPAT | AA_SCRIPT).cut(AA_EXEC_ARGV).bytes());
  const Exact exit(with_size(some_exit(6 | 0x80)));
  const Exact fork(with_size(some_fork()));
  REQUIRE(decoder.decode(exec.span(), event));
  REQUIRE(decoder.decode(exit.span(), event));
  CHECK(event.exec.filename.state == Text::State::kAbsent);
  CHECK(event.exec.script.state == Text::State::kAbsent);
  CHECK(event.exec.argv.state == Text::State::kAbsent);
  CHECK(event.exec.argv.arguments.empty());
  CHECK_FALSE(event.exec.argv.truncated);
  CHECK_FALSE(event.compat);
  REQUIRE(decoder.decode(fork.span(), event));
  CHECK(event.process.signal == 0);
  CHECK_FALSE(event.process.core_dumped);
}

struct ScriptRow {
  std::string_view filename, cwd, base, script, shown_filename;
  bool generated;
};

TEST_CASE("decode: the path of a script") {
  const ScriptRow rows[] = {
      {"run.sh", "/home/me", "/x", "/home/me/run.sh", "run.sh", false},
      {"./a/../run.sh", "/home/me", "/x", "/home/me/run.sh", "./a/../run.sh", false},
      {"/opt//run.sh", "/home/me", "/x", "/opt/run.sh", "/opt//run.sh", false},
      {"../../../run.sh", "/home/me", "/x", "/run.sh", "../../../run.sh", false},
      {"/dev/fd/5/run.sh", "/home/me", "/base/dir", "/base/dir/run.sh", "run.sh", true},
      {"/dev/fd/5/a/b.sh", "/home/me", "/base", "/base/a/b.sh", "a/b.sh", true},
      {"/dev/fd/15", "/home/me", "/base/run.sh", "/base/run.sh", "", true},
      {"/dev/fd/5", "/home/me", "/x", "/dev/fd/5", "/dev/fd/5", false},
  };
  for (const ScriptRow& row : rows) {
    const unsigned flags = AA_SCRIPT | (row.generated ? AA_GENERATED : 0);
    const Decoded it(
        ExecRecord().filename(row.filename).cwd(row.cwd).exe("/bin/dash").base(row.base).flags(flags).bytes());
    CAPTURE(row.filename);
    REQUIRE(it.done);
    CHECK(it.event.exec.script.bytes == row.script);
    CHECK(it.event.exec.filename.bytes == row.shown_filename);
    CHECK(it.event.exe.bytes == "/bin/dash");
    CHECK(it.event.exec.cwd.bytes == row.cwd);
  }
}

TEST_CASE("decode: a failed exec below a descriptor") {
  const auto failed = [](const char* filename) {
    ExecRecord record = ExecRecord().filename(filename).cwd("/home/me").base("/opt/tools");
    record.fixed.error = -2;
    return record;
  };
  const std::pair<const char*, const char*> rows[] = {
      {"x", "/opt/tools/x"}, {"../x", "/opt/x"}, {"", "/opt/tools"}, {"/dev/fd/3", "/dev/fd/3"}};
  for (const auto& [filename, path] : rows) {
    const Decoded it(failed(filename).bytes());
    REQUIRE(it.done);
    CHECK(it.event.file.path.bytes == path);
    CHECK(it.event.file.lexical);
    CHECK(it.event.exec.filename.bytes == filename);
  }
  CHECK(Decoded(failed("x").unreadable(AA_EXEC_BASE).bytes()).event.file.path.state == Text::State::kUnreadable);
  ExecRecord none = ExecRecord().filename("x").cwd("/home/me");
  none.fixed.error = -2;
  CHECK(Decoded(none.bytes()).event.file.path.state == Text::State::kAbsent);
}

TEST_CASE("decode: a script whose place is not known is unreadable, not guessed") {
  const auto script = [](ExecRecord record, unsigned flags) {
    return Decoded(record.flags(flags).bytes()).event.exec.script;
  };
  CHECK(script(some_exec().unreadable(AA_EXEC_CWD), AA_SCRIPT).state == Text::State::kUnreadable);
  CHECK(script(some_exec().unreadable(AA_EXEC_FILENAME), AA_SCRIPT).state == Text::State::kUnreadable);
  ExecRecord by_fd = ExecRecord().filename("/dev/fd/3/x").cwd("/").exe("/bin/sh").unreadable(AA_EXEC_BASE);
  CHECK(script(by_fd, AA_SCRIPT | AA_GENERATED).state == Text::State::kUnreadable);
  CHECK(script(some_exec().cut(AA_EXEC_CWD), AA_SCRIPT).truncated);
  CHECK(script(some_exec().cut(AA_EXEC_FILENAME), AA_SCRIPT).truncated);
  // an absolute name needs no directory
  ExecRecord absolute = ExecRecord().filename("/x").unreadable(AA_EXEC_CWD).exe("/bin/sh");
  CHECK(script(absolute, AA_SCRIPT).present());
}

}  // namespace
}  // namespace aa::test
