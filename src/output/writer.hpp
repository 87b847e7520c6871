// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a format of keys and values must be able to write.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "event/event.hpp"

namespace aa {

// Strings that an event has. What is absent or unreadable is left out.
template <typename T>
concept StringWriter = requires(T writer, std::string_view key, const Text& text, const Argv& argv,
                                const Lineage& lineage) {
  writer.string(key, text);
  writer.argv(key, argv);
  writer.environment(key, argv);
  writer.names(key, lineage);
};

// All of an event. Words need no escaping. One that is `kDetailed` gets also what only programs read, and must be able
// to write that.
template <typename T>
concept EventWriter = StringWriter<T> &&
    requires(T writer, std::string_view key, std::int64_t number, const std::vector<std::string_view>& words,
             std::span<const Alert> alerts) {
  { T::kDetailed } -> std::convertible_to<bool>;
  writer.number(key, number);
  writer.octal(key, std::uint32_t{});
  writer.word(key, key);
  writer.words(key, words);
  writer.flag(key);
  writer.truth(key, true);
  writer.seconds(key, std::uint64_t{});
  writer.alert(key, key);
  writer.alerts(key, alerts);
  requires !T::kDetailed || requires(const Event& event) {
    writer.device(key, std::uint32_t{}, std::uint32_t{});
    writer.process(key, event);
  };
};

}  // namespace aa
