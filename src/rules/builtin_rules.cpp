// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/builtin_rules.hpp"

namespace aa {
namespace {

constexpr struct {
  const char* pattern;
  Level level;
} kSensitive[] = {
    {"/etc/shadow", Level::kCritical},
    {"/etc/gshadow", Level::kCritical},
    {"/etc/sudoers", Level::kCritical},
    {"/etc/sudoers.d/", Level::kCritical},
    {"/root/.ssh/", Level::kCritical},
    {"~/.ssh/", Level::kCritical},
    {"~/.gnupg/", Level::kCritical},
    {"~/.aws/credentials", Level::kCritical},
    {"~/.kube/config", Level::kCritical},
    {"~/.netrc", Level::kCritical},
    {"~/.git-credentials", Level::kCritical},
    {"~/.docker/config.json", Level::kCritical},
    {"/proc/*/mem", Level::kCritical},
    {"/proc/*/environ", Level::kCritical},
    // the same through /proc/thread-self
    {"/proc/*/task/*/mem", Level::kCritical},
    {"/proc/*/task/*/environ", Level::kCritical},
    {"/var/run/secrets/", Level::kCritical},
    {"**/.env", Level::kWarning},
    {"**/id_rsa", Level::kWarning},
    {"**/id_ed25519", Level::kWarning},
    {"**/*.pem", Level::kWarning},
    {"/etc/passwd", Level::kInfo},
    {"/home/", Level::kInfo},
};

}  // namespace

std::vector<Rule> builtin_rules() {
  std::vector<Rule> rules;
  for (const auto& [pattern, level] : kSensitive) rules.push_back({RuleKind::kSensitive, level, pattern});
  return rules;
}

}  // namespace aa
