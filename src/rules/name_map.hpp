// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Values by name, for look-ups that mostly find nothing: those are over after a glance at the name.
#pragma once

#include <bitset>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace aa {

template <typename Value>
class NameMap {
 public:
  // There from now on.
  Value& operator[](const std::string& name) {
    seen_.set(glance(name));
    return values_[name];
  }
  // Null: it is not there.
  const Value* find(std::string_view name) const {
    if (!seen_[glance(name)]) return nullptr;
    const auto at = values_.find(name);
    return at == values_.end() ? nullptr : &at->second;
  }
  bool empty() const { return values_.empty(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };

  static std::size_t glance(std::string_view name) {
    if (name.empty()) return 0;
    const auto first = static_cast<unsigned char>(name.front()), last = static_cast<unsigned char>(name.back());
    return (first * 7 + last * 31 + name.size()) % 256;
  }

  std::bitset<256> seen_;
  std::unordered_map<std::string, Value, Hash, std::equal_to<>> values_;
};

}  // namespace aa
