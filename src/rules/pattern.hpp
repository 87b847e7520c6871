// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The pattern of a path rule, taken apart: most are a path, or a name wherever it is, and need no wildcards.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace aa {

struct Pattern {
  enum class Shape {
    kPath,    // `parts`
    kName,    // **/NAME: `name` is a component at any depth
    kSuffix,  // **/*.END: `name` is how the last component ends, from its last dot on
    kGlob,    // `glob`, below `parts`
  };
  Shape shape = Shape::kPath;
  bool below = false;              // also everything below it; a glob knows that by itself
  std::vector<std::string> parts;  // components from the root, up to the first with a wildcard
  std::string name;
  std::string glob;  // the components with wildcards and what follows, as text
};

// `text` begins with "/" or "**/". Without "." and "..", without slashes that mean nothing. Errors: another beginning;
// a "[" or "\" without its end; ".." behind a wildcard; more than a path can have.
Result<Pattern> parse_pattern(std::string_view text);

// "/a/b"; "/" without any.
std::string joined_path(const std::vector<std::string>& parts);
// Of a path; without "." and "..".
std::vector<std::string> split_path(std::string_view path);
// Each character stands for itself then.
std::string quoted_pattern(std::string_view path);

}  // namespace aa
