// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What holds whatever the arguments are.
#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <random>

#include "unit/output/masked.hpp"

namespace aa::test {
namespace {

TEST_CASE("secrets: nothing to find in no arguments, empty ones, and arguments without a trigger") {
  SecretMask secrets;
  CHECK(secrets.ok());
  CHECK_FALSE(mask(secrets, {}).found);
  CHECK_FALSE(mask(secrets, {"", "", ""}).found);
  CHECK(mask(secrets, {"", "--token", "x", ""}).arguments == Arguments{"", "--token", "***", ""});
  CHECK_FALSE(mask(secrets, {"--token", "", "x"}).found);
  const std::string bytes = "bcdfgjlmq=:,-'\"\\ \n\xff\x80";
  std::mt19937 random(20'261'120);
  for (int i = 0; i < 2000; i++) {
    Arguments arguments(random() % 6);
    for (std::string& argument : arguments)
      for (std::size_t n = random() % 40; n > 0; n--) argument.push_back(bytes[random() % bytes.size()]);
    const Masked result = mask(secrets, arguments);
    CHECK_FALSE(result.found);
    CHECK(result.arguments == arguments);
  }
}

// Is `masked` what `given` was, but for parts that have become "***"?
bool only_masked(std::string_view given, std::string_view masked) {
  const std::size_t mark = masked.find("***");
  if (mark == std::string_view::npos) return given == masked;
  if (given.substr(0, mark) != masked.substr(0, mark)) return false;
  const std::string_view rest = masked.substr(mark + 3);
  for (std::size_t at = mark + 1; at <= given.size(); at++)
    if (only_masked(given.substr(at), rest)) return true;
  return false;
}

// In the middle of a word no token begins, but behind one that was masked a word does: hence the blanks.
const char kParts[] =
    "token|password|=|:|: | |\"|'|--|-p|x|a1|$X|$(|)|&|;|,|{|}|\\|\\\"|\n|https://|u:|@|/|Authorization|"
    "Bearer |secret|curl |-u |mysql |\xff|pass:|eyJabcd.eyJabcd.x|-----BEGIN PRIVATE KEY-----|<|>|"
    " AKIAIOSFODNN7EXAMPLE |set|cookie|[|]|(|`";

TEST_CASE("secrets: masking twice is masking once, and nothing else changes") {
  SecretMask secrets;
  const Arguments parts = MaskedRow(kParts).given;
  const Arguments first = {"x", "curl", "sh", "sudo", "mysql", "sshpass", "docker", "openssl"};
  std::mt19937 random(4711);
  int found = 0;
  for (int i = 0; i < 30'000; i++) {
    Arguments arguments = {first[random() % first.size()]};
    for (std::size_t n = random() % 4; n > 0; n--) {
      std::string& argument = arguments.emplace_back(random() % 5 == 0 ? "-c" : "");
      for (std::size_t k = argument.empty() ? random() % 9 : 0; k > 0; k--) argument += parts[random() % parts.size()];
    }
    const Masked once = mask(secrets, arguments);
    CAPTURE(joined_arguments(arguments));
    found += once.found;
    REQUIRE(once.arguments.size() == arguments.size());
    if (!once.found) CHECK(once.arguments == arguments);
    for (std::size_t k = 0; k < arguments.size(); k++) CHECK(only_masked(arguments[k], once.arguments[k]));
    const Masked twice = mask(secrets, once.arguments);
    CHECK(joined_arguments(twice.arguments) == joined_arguments(once.arguments));
    CHECK_FALSE(twice.found);
  }
  CHECK(found > 3000);
}

const char kHostile[] =
    "a=|password|password=|password=\"|password='|password=\"'|--password |token=$(|token: |\"token\":\"|"
    "://|://a:|://a:b@|@|eyJaaaa.|eyJ|-----BEGIN PRIVATE KEY-----|-----BEGIN PRIVATE KEY-----\n|"
    "authorization:|authorization:$(|authorization:{{|cookie: |bearer |AKIA|sk-|curl |curl -u |mysql -p|"
    "-p|token|token,|token=a,|token: ${|{{|<token>|docker |docker login |x-|_|a:|;\\|password=\\\"|$|pass|sk-a ";

double cpu_ms() { return static_cast<double>(std::clock()) * 1e3 / CLOCKS_PER_SEC; }

TEST_CASE("secrets: no arguments take long") {
  // Work that grows with the square of the length would take ten thousand times as long as what is harmless does.
  constexpr double kLongest = 3000;
  SecretMask secrets;
  constexpr std::size_t kBytes = 32 * 1024;
  double harmless = 1e9;
  for (int turn = 0; turn < 5; turn++) {
    const double before = cpu_ms();
    for (int times = 0; times < 10; times++) mask(secrets, {"x", std::string(kBytes, 'x')});
    harmless = std::min(harmless, (cpu_ms() - before) / 10);
  }
  double longest = 0;
  for (const std::string& part : MaskedRow(kHostile).given) {
    const std::string whole = filled(part, kBytes);
    const std::vector<Arguments> cases = {
        {"x", whole}, {"sh", "-c", whole}, {"curl", whole + "@x"}, {"x", "t=" + whole}};
    for (const Arguments& arguments : cases) {
      const double before = cpu_ms();
      mask(secrets, arguments);
      CAPTURE(part);
      longest = std::max(longest, cpu_ms() - before);
      CHECK(cpu_ms() - before < kLongest * harmless);
    }
    const double before = cpu_ms();
    mask(secrets, Arguments(kBytes / (part.size() + 1), part));
    longest = std::max(longest, cpu_ms() - before);
    CHECK(cpu_ms() - before < kLongest * harmless);
  }
  MESSAGE("the longest took ", longest, " ms, what is harmless ", harmless, " ms");
}

}  // namespace
}  // namespace aa::test
