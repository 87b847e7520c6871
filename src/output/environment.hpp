// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Variables of an exec's environment: which of them are shown, and how.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.hpp"
#include "output/secrets.hpp"

namespace aa {

// What the user asked for: nothing at first.
struct EnvironmentChoice {
  bool all = false;
  std::vector<std::string> names;
  bool any() const { return all || !names.empty(); }
};

class Environment {
 public:
  Environment(EnvironmentChoice choice, bool mask);
  // Leaves of `env` what was asked for, in its order, and masks secrets. The new strings live here until the next call.
  void choose_and_mask(Argv& env);

 private:
  bool is_chosen(std::string_view variable) const;

  EnvironmentChoice choice_;
  std::optional<SecretMask> secrets_;  // its own: those of the arguments stay
};

// Appends {"NAME":"VALUE",...} in the order of the first of each name. The values of a name that stands more than once
// are an array; of a string without "=", which no program finds by a name, the array is empty. False: something in it
// is not UTF-8, and its bad bytes were replaced.
bool append_json_environment(std::string& out, const std::vector<std::string_view>& variables);

}  // namespace aa
