// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/environment.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/escape.hpp"

namespace aa {
namespace {

struct Variable {
  std::string name;  // as JSON
  std::vector<std::string_view> values;
  bool has_value = true;  // false: one of its strings has no "="
};

}  // namespace

Environment::Environment(EnvironmentChoice choice, bool mask) : choice_(std::move(choice)) {
  if (mask) secrets_.emplace();
}

bool Environment::is_chosen(std::string_view variable) const {
  const std::string_view name = variable.substr(0, variable.find('='));
  return choice_.all || std::find(choice_.names.begin(), choice_.names.end(), name) != choice_.names.end();
}

void Environment::choose_and_mask(Argv& env) {
  std::erase_if(env.arguments, [this](std::string_view variable) { return !is_chosen(variable); });
  if (secrets_ && !env.arguments.empty()) env.redacted = secrets_->mask(env.arguments);
}

bool append_json_environment(std::string& out, const std::vector<std::string_view>& variables) {
  bool valid = true;
  std::vector<Variable> found;
  std::unordered_map<std::string, std::size_t> places;  // by the name as it is shown: that must not stand twice
  for (const std::string_view variable : variables) {
    const std::size_t equals = variable.find('=');
    std::string name;
    valid &= append_json_string(name, variable.substr(0, equals));
    const auto [place, is_new] = places.try_emplace(name, found.size());
    if (is_new) found.push_back({.name = std::move(name)});
    Variable& known = found[place->second];
    if (equals == std::string_view::npos) known.has_value = false;
    else known.values.push_back(variable.substr(equals + 1));
  }
  out.push_back('{');
  for (const Variable& variable : found) {
    if (&variable != found.data()) out.push_back(',');
    out.append(variable.name).push_back(':');
    const bool is_list = variable.values.size() != 1 || !variable.has_value;
    if (is_list) out.push_back('[');
    for (std::size_t i = 0; i < variable.values.size(); i++) {
      if (i) out.push_back(',');
      valid &= append_json_string(out, variable.values[i]);
    }
    if (is_list) out.push_back(']');
  }
  out.push_back('}');
  return valid;
}

}  // namespace aa
