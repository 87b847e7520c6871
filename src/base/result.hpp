// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A value or an error: thin, until std::expected is at hand (C++23).
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <variant>

#include "base/exit_code.hpp"

namespace aa {

// What went wrong, as a sentence without the program's name and without a newline.
struct Error {
  std::string message;
  ExitCode exit_code = ExitCode::kFailure;
};

// The one place where an errno value becomes text.
inline std::string errno_text(int error) { return std::strerror(error); }

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

}  // namespace aa
