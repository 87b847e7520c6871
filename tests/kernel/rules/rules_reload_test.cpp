// SPDX-License-Identifier: MIT OR Apache-2.0
//
// SIGHUP: what the new rules say holds for what happens from then on, also through descriptors that stay open; what is
// wrong with a file leaves the old ones in force.
#include "kernel/io/io_lines.hpp"
#include "kernel/rules/rules_file.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

constexpr Totals kRound{1, 4, 3, 30};

// io_stays, traced with rules from before its first round. Each round makes a directory, and reads and writes through a
// descriptor that stays open.
struct Stay {
  TempDir directory;
  std::string allowing = "allow " + directory.path() + "/ # everything\n";
  RulesFile rules{directory, allowing};
  Workload workload{directory, "io_stays"};
  Trace trace;
  int rounds = 0;

  Stay()
      : trace(directory, {"-e", "mkdir,io", "--io-interval", "0.02", "--no-default-rules", "--rules", rules.path(),
                          "--pid", workload.await_ready().text("pid")}) {
    trace.await_start();
  }

  void reload(const std::string& text) {
    rules.write(text);
    rules.reload(trace);
  }

  // The workload has told of it when it is over.
  void do_round() {
    workload.go();
    rounds++;
    REQUIRE(wait_until([&] { return workload.so_far().of("round").size() == static_cast<size_t>(rounds); }));
  }

  // Until its directory, and all that went through the descriptor, were told; of no other round.
  void await_round() {
    const std::string made = directory.file("round." + std::to_string(rounds - 1));
    bool is_made = false;
    Totals moved;
    trace.await_event([&](const Event& event) {
      if (event.kind() == "io" && event.number("fd") == 30) moved += totals_of(event);
      is_made |= event.kind() == "mkdir" && event.text("path") == made;
      return is_made && moved == kRound;
    });
  }

  Report finish() {
    workload.stop();
    workload.finish();
    Report report = trace.finish();
    CHECK_MESSAGE(report.code == 0, report.errors);
    return report;
  }
};

std::vector<std::string> directories(const Stay& stay, const Report& report) {
  std::vector<std::string> made;
  for (const Event& event : report.of("mkdir")) made.push_back(event.text("path").substr(stay.directory.path().size()));
  return made;
}

Totals through_descriptor(const Stay& stay, const Report& report) {
  return on_path(told_uses(report.of("io")), stay.directory.file("stays"));
}

}  // namespace

TEST_CASE("reload: what was allowed is told afterwards, and what was told is allowed afterwards") {
  Stay stay;
  stay.do_round();
  stay.reload("");
  stay.do_round();
  stay.await_round();
  stay.reload(stay.allowing);
  stay.do_round();
  const Report report = stay.finish();
  CHECK(directories(stay, report) == std::vector<std::string>{"/round.1"});
  // and nothing of what went through the descriptor before or after
  CHECK(through_descriptor(stay, report) == kRound);
}

TEST_CASE("reload: a descriptor that is not used again is not told") {
  Stay stay;
  stay.do_round();
  stay.reload("");
  const Report report = stay.finish();
  CHECK(report.events.empty());
}

TEST_CASE("reload: rules that cannot be read leave those from before in force, and it says why") {
  Stay stay;
  stay.reload(stay.allowing + "\nallow relative/path\n");
  stay.do_round();
  stay.rules.remove();
  stay.rules.reload(stay.trace);
  stay.do_round();
  stay.reload("");
  stay.do_round();
  stay.await_round();
  const Report report = stay.finish();
  CHECK(directories(stay, report) == std::vector<std::string>{"/round.2"});
  const std::string& file = stay.rules.path();
  for (const std::string& line :
       {file + ":3: 'relative/path' does not begin with '/', '~/' or '**/'; the rules from",
        "cannot read the rules in " + file + ": No such file or directory", file + ": rules read again"}) {
    CAPTURE(line);
    CHECK_MESSAGE(report.errors.find(line) != std::string::npos, report.errors);
  }
}

}  // namespace aa::test
