// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/workload.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace aa::test {

namespace {

std::string unescape(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '%' && i + 2 < text.size()) {
      bytes += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

std::vector<std::string> command_line(const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{workload_path(name)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

// Two runs of one workload in one directory must not write into one file.
std::string new_name(const std::string& name) {
  static int number = 0;
  return name + "." + std::to_string(++number);
}

}  // namespace

Fact::Fact(const std::string& line) : line_(line.substr(0, 300)) {
  std::istringstream words(line);
  std::string word;
  words >> kind_;
  while (words >> word) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) FAIL("no truth: " << line_);
    values_.emplace_back(word.substr(0, equals), unescape(word.substr(equals + 1)));
  }
}

bool Fact::has(const std::string& key) const {
  for (const auto& value : values_) {
    if (value.first == key) return true;
  }
  return false;
}

std::string Fact::text(const std::string& key) const {
  if (!has(key)) FAIL("truth without " << key << ": " << line_);
  return list(key).front();
}

long long Fact::number(const std::string& key) const { return std::stoll(text(key)); }

std::vector<std::string> Fact::list(const std::string& key) const {
  std::vector<std::string> values;
  for (const auto& value : values_) {
    if (value.first == key) values.push_back(value.second);
  }
  return values;
}

void Fact::remove(const std::string& key) {
  std::erase_if(values_, [&key](const auto& value) { return value.first == key; });
}

Truth::Truth(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) facts_.emplace_back(line);
}

std::vector<Fact> Truth::of(const std::string& kind) const {
  std::vector<Fact> chosen;
  for (const Fact& fact : facts_) {
    if (fact.kind() == kind) chosen.push_back(fact);
  }
  return chosen;
}

Fact Truth::only(const std::string& kind, const std::string& key, const std::string& value) const {
  std::vector<Fact> chosen;
  for (const Fact& fact : of(kind)) {
    if (fact.has(key) && fact.text(key) == value) chosen.push_back(fact);
  }
  REQUIRE_MESSAGE(chosen.size() == 1, chosen.size() << " facts " << kind << " " << key << "=" << value);
  return chosen.front();
}

Fact Truth::only(const std::string& kind) const {
  const std::vector<Fact> chosen = of(kind);
  REQUIRE_MESSAGE(chosen.size() == 1, chosen.size() << " facts " << kind);
  return chosen.front();
}

std::string workload_path(const std::string& name) {
  const char* place = std::getenv("AA_WORKLOADS");
  const std::filesystem::path path = std::filesystem::path(place && *place ? place : "build/workloads") / name;
  REQUIRE_MESSAGE(std::filesystem::exists(path), "no workload " << path.string());
  return std::filesystem::canonical(path).string();
}

Workload::Workload(const TempDir& directory, const std::string& name, const std::vector<std::string>& arguments)
    : child_(command_line(name, arguments), directory.path(), new_name(name)) {}

Fact Workload::await(const std::string& kind) {
  std::vector<Fact> found;
  const bool came = wait_until([&] {
    found = so_far().of(kind);
    return !found.empty();
  });
  REQUIRE_MESSAGE(came, "the workload never said " << kind << ": " << child_.err());
  return found.front();
}

Truth Workload::so_far() const {
  const std::string text = child_.out();
  return Truth(text.substr(0, text.rfind('\n') + 1));
}

Truth Workload::finish(int expected_code) {
  const std::optional<int> status = child_.wait();
  REQUIRE_MESSAGE(status.has_value(), "the workload does not end");
  CHECK_MESSAGE((WIFEXITED(*status) && WEXITSTATUS(*status) == expected_code),
                "the workload ended with status " << *status << ": " << child_.err());
  return Truth(child_.out());
}

}  // namespace aa::test
