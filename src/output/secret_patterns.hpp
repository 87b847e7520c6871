// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What secrets look like in the arguments of a program: regular expressions, as RE2 has them.
//
// They are matched against all arguments as one text, so that an option and the argument after it are one match, as
// they are within a command string. Two NUL bytes stand before each argument, one before the command string of a
// shell (sh -c '...'), one behind the last: what belongs to a whole argument begins with \0\0, what may stand anywhere
// does not, and no secret has a \0.
#pragma once

#include <string>
#include <vector>

namespace aa {

struct SecretPattern {
  std::string programs = {};  // empty: of any program; else only behind the name of one, which this matches
  std::string regex;          // its groups are what is replaced
  std::string unless = {};    // no secret if this matches within the match
};

std::vector<SecretPattern> secret_patterns();

// Arguments in which this matches nothing have no secret: they are the most, and this is one look at them.
std::string secret_triggers();

// Values that are no secret, as a whole: what is masked already, a reference to where the secret is ("$TOKEN",
// "${TOKEN}", "$(cat file)", "%s", "env:NAME"), a placeholder ("<password>", "{{ token }}"), a word of the language
// around it ("null", "Bearer"), one digit.
extern const char kNoSecret[];

}  // namespace aa
