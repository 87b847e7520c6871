// SPDX-License-Identifier: MIT OR Apache-2.0
//
// docs/recipes.md: every block of code is run, and must show what the comment before it says.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <regex>

#include "run.hpp"

namespace aa::test {
namespace {

struct Recipe {
  std::string text;
  std::optional<std::string> shows;  // a regular expression that a line of the output matches
  int status = 0;
  bool has_expectation = false;
};

// A comment "<!-- shows: REGEX -->" or "<!-- status: N -->" is about the next block.
std::vector<Recipe> read_recipes(const std::string& markdown) {
  std::vector<Recipe> recipes;
  Recipe next;
  bool inside = false;
  const std::regex comment("<!-- (shows|status): (.*) -->");
  for (const std::string& line : lines(markdown)) {
    std::smatch found;
    if (line.starts_with("```")) {
      if (inside) recipes.push_back(std::exchange(next, {}));
      inside = !inside;
    } else if (inside) {
      next.text += line + "\n";
    } else if (std::regex_match(line, found, comment)) {
      next.has_expectation = true;
      if (found[1] == "shows") next.shows = found[2];
      else next.status = std::stoi(found[2]);
    }
  }
  CHECK_FALSE(inside);
  return recipes;
}

bool shows(const std::string& output, const std::string& pattern) {
  const std::regex expected(pattern);
  for (const std::string& line : lines(output))
    if (std::regex_search(line, expected)) return true;
  return false;
}

// The directory that the page describes, and the tools that a user has in PATH.
class Place {
 public:
  Place() {
    scratch_.write("install.sh",
                   "#!/bin/sh\n"
                   ": >old.cfg\n"
                   "env gcc-99 2>/dev/null\n"
                   "mkdir -p bin\n"
                   "echo 'echo hello' >bin/hello.tmp\n"
                   "mv bin/hello.tmp bin/hello\n"
                   "cat /etc/passwd >/dev/null\n"
                   "rm old.cfg\n"
                   "cat no-such-file 2>/dev/null\n"
                   "exit 0\n",
                   0755);
    std::filesystem::create_directory(tools());
    // these tests are root already
    scratch_.write("tools/sudo", "#!/bin/sh\nexec \"$@\"\n", 0755);
    std::filesystem::create_symlink(std::filesystem::absolute(program()), tools() + "/aa-trace");
  }

  Outcome run(const std::string& script) const {
    Spec spec;
    spec.argv = {"/bin/sh", "-c", script};
    spec.cwd = scratch_.path();
    spec.env["PATH"] = tools() + ":/usr/local/bin:/usr/bin:/bin";
    return aa::test::run(spec);
  }

 private:
  std::string tools() const { return scratch_.file("tools"); }

  Scratch scratch_;
};

}  // namespace

TEST_SUITE_BEGIN("recipes");

TEST_CASE("every recipe of docs/recipes.md shows what it is for") {
  const std::vector<Recipe> recipes = read_recipes(read_file("docs/recipes.md"));
  CHECK(recipes.size() >= 15);
  const Place place;
  for (const Recipe& recipe : recipes) {
    INFO(recipe.text);
    CHECK_MESSAGE(recipe.has_expectation, "no comment says what it must show");
    const Outcome outcome = place.run(recipe.text);
    INFO(outcome.out);
    INFO(outcome.err);
    CHECK_FALSE(outcome.timed_out);
    CHECK(outcome.status == recipe.status);
    if (recipe.shows) CHECK_MESSAGE(shows(outcome.out, *recipe.shows), "not shown: " << *recipe.shows);
  }
}

TEST_SUITE_END();

}  // namespace aa::test
