// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Names of secrets in every form and spelling, tokens and keys that show by their form, odd bytes around them.
#include <doctest/doctest.h>

#include <cctype>

#include "unit/output/masked.hpp"

namespace aa::test {
namespace {

const char kNames[] =
    "token|password|passwd|passphrase|passcode|secret|api-key|api_key|apikey|api.key|access-key|"
    "secret-key|private_key|client-secret|auth_token|credential|credentials|PGPASSWORD|MYSQL_PWD|"
    "session-token|storepass|keypass|DB_PASS|AWS_SECRET_ACCESS_KEY|GITHUB_TOKEN|accessToken|clientSecret|"
    "account-key|signing_key|encryption-key|master-key|AWS_SESSION_TOKEN|NPM_TOKEN|RESTIC_PASSWORD|"
    "BORG_PASSPHRASE|db.password|spring.datasource.password|SECRET_KEY_2|password1";

std::string spelt(std::string text, int (*as)(int)) {
  for (char& c : text) c = static_cast<char>(as(static_cast<unsigned char>(c)));
  return text;
}

TEST_CASE("secrets: each name in each form and case") {
  SecretMask secrets;
  const std::string forms[] = {"--<name>=<<v>>",           "<name>=<<v>>",
                               "sh|-c|x; <name>=<<v>> y",  "h?a=b&<name>=<<v>>&c",
                               "-D<name>=<<v>>",           "--set|a=b,<name>=<<v>>,c=d",
                               "x|--<name>|<<v>>|y",       "x|-<name>|<<v v>>",
                               "sh|-c|x --<name> <<v>> y", "{\"<name>\":\"<<v>>\"}",
                               "{\"<name>\" : <<v>>}",     "a: b\n<name>: <<v>>\n",
                               "{<name>: '<<v>>'}",        "sh|-c|<name> = \"<<v>>\""};
  const Arguments names = MaskedRow(kNames).given;
  CHECK(names.size() >= 39);
  for (const std::string& name : names)
    for (const std::string& form : forms)
      for (const std::string& spelling : {name, spelt(name, std::toupper), spelt(name, std::tolower)})
        check_masked(secrets, replaced(form, "<name>", spelling));
}

std::string of_length(const std::string& begin, std::size_t length) {
  return begin + filled("a1B2", length + 3).substr(0, length);
}

TEST_CASE("secrets: tokens that show by their form, wherever they stand") {
  SecretMask secrets;
  const std::string jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_DEF";
  const Arguments tokens = {"AKIAIOSFODNN7EXAMPLE",
                            "ASIAIOSFODNN7EXAMPLE",
                            of_length("ghp_", 36),
                            of_length("gho_", 36),
                            of_length("ghu_", 36),
                            of_length("ghs_", 36),
                            of_length("ghr_", 36),
                            of_length("github_pat_", 40) + "_" + of_length("", 30),
                            of_length("glpat-", 20),
                            "xoxb-123456789-abcdef",
                            "xoxp-123456789-abcdef",
                            of_length("sk-", 20),
                            of_length("sk-proj-", 40),
                            of_length("sk_live_", 24),
                            of_length("rk_live_", 24),
                            of_length("AIza", 35),
                            of_length("npm_", 36),
                            of_length("hf_", 34),
                            "dop_v1_" + filled("0123456789abcdef", 64),
                            jwt};
  for (const std::string& token : tokens)
    for (const char* around :
         {"x|<>", "x|x=<>", "x|see '<>'.", "x|https://h/<>/x", "x|a,<>,b", "x|\xff<>\xfe", "x|(<>)"})
      check_masked(secrets, replaced(around, "<>", "<<" + token + ">>"));
}

TEST_CASE("secrets: private keys") {
  SecretMask secrets;
  const std::string body = "\nMIIEow\nIBAAKC+/=\n";
  for (const char* kind : {"", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "}) {
    const std::string begin = "-----BEGIN " + std::string(kind) + "PRIVATE KEY-----";
    const std::string end = "-----END " + std::string(kind) + "PRIVATE KEY-----\n";
    CHECK(mask(secrets, {"x", "a" + begin + body + end + "b"}).arguments[1] == "a" + begin + "***" + end + "b");
    CHECK(mask(secrets, {"x", begin + body}).arguments[1] == begin + "***");
    CHECK(mask(secrets, {"x", begin + "\\nMIIE\\n" + end, "y"}).arguments[1] == begin + "***" + end);
  }
}

TEST_CASE("secrets: any bytes may stand around a secret and in it") {
  SecretMask secrets;
  for (unsigned byte = 1; byte < 256; byte++) {
    const std::string c(1, static_cast<char>(byte));
    CAPTURE(byte);
    CHECK(mask(secrets, {"x" + c, "--password=" + c + "abc" + c, c}).arguments ==
          Arguments{"x" + c, "--password=***", c});
    CHECK(mask(secrets, {c, "https://u:pw@h/" + c}).arguments == Arguments{c, "https://u:***@h/" + c});
  }
}

}  // namespace
}  // namespace aa::test
