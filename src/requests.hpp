// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Requests of io_uring: what one asks for comes in one record, its result in a later one. Makes one record of both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "events.h"

namespace aa {

class Requests {
 public:
  using Record = std::span<const std::byte>;

  // The record to go on with: the same one where it is no request, the request with its result where that came, nothing
  // while the result is awaited. What it returns is valid until the next call. Records that make no sense pass: the
  // decoder refuses them.
  std::optional<Record> put_together(Record record);
  std::size_t waiting() const { return waiting_.size(); }

 private:
  std::optional<Record> finish(const aa_file& result, Record record);
  bool is_the_asked(const aa_file& request, const aa_file& result, Record record);

  std::unordered_map<std::int64_t, std::vector<std::byte>> waiting_;  // by the request's address
  std::vector<std::byte> whole_;
  std::string found_, directory_, root_, asked_;
};

}  // namespace aa
