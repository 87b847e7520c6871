// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/escape.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "unit/reference.hpp"

namespace aa::test {
namespace {

std::string text_of(std::string_view bytes) {
  std::string out;
  append_text_string(out, bytes);
  return out;
}

struct JsonString {
  std::string line;
  bool valid;
};

JsonString json_of(std::string_view bytes) {
  JsonString json;
  json.valid = append_json_string(json.line, bytes);
  return json;
}

std::string base64_of(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out.substr(1, out.size() - 2);
}

// Null, or what is wrong with what both formats make of the bytes.
const char* fault(std::string_view bytes) {
  const std::string text = text_of(bytes);
  if (!is_valid_utf8(text) || has_hostile(text)) return "the text is not clean";
  if (unescape_text(text) != std::string(bytes)) return "the text stands for other bytes";
  const JsonString json = json_of(bytes);
  if (!is_valid_utf8(json.line) || has_hostile(json.line)) return "the JSON is not clean";
  if (json.valid != is_valid_utf8(bytes)) return "the JSON's validity";
  const auto parsed = nlohmann::json::parse(json.line, nullptr, false);
  if (!parsed.is_string()) return "the JSON does not parse";
  return parsed.get<std::string>() == replace_ill_formed(bytes) ? nullptr : "the JSON stands for another string";
}

void check_all(const std::vector<std::string>& strings) {
  for (const std::string& bytes : strings) {
    const char* const what = fault(bytes);
    CAPTURE(base64_of(bytes));
    CHECK(what == nullptr);
  }
}

// A string alone and with neighbours on either side.
std::vector<std::string> with_neighbours(const std::string& part) {
  return {part, "a" + part, part + "z", "a" + part + "z", part + part, "\"" + part + "\\", "é" + part + "é"};
}

TEST_CASE("reference: the decoder of the test knows the examples of the standard") {
  const std::string r = "\uFFFD";
  CHECK(replace_ill_formed("a\xF1\x80\x80\xE1\x80\xC2"
                           "b\x80"
                           "c\x80\xBF"
                           "d") == "a" + r + r + r + "b" + r + "c" + r + r + "d");
  CHECK(replace_ill_formed("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
                           "A") == r + r + r + r + r + r + r + r + "A");
  CHECK(replace_ill_formed("\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
                           "A") == r + r + r + r + r + r + r + r + "A");
  CHECK(replace_ill_formed("\xF4\x91\x92\x93\xFF"
                           "A\x80\xBF"
                           "B") == r + r + r + r + r + "A" + r + r + "B");
  CHECK(replace_ill_formed("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
                           "A") == r + r + r + r + "A");
  CHECK(is_valid_utf8("a é € 😀 \u07FF \uFFFF"));
}

TEST_CASE("escape: every byte") {
  for (unsigned byte = 0; byte < 256; byte++) check_all(with_neighbours(std::string(1, static_cast<char>(byte))));
}

TEST_CASE("escape: every pair of bytes beyond ASCII") {
  int pairs = 0;
  for (unsigned first = 0x80; first < 256; first++)
    for (unsigned second = 0x80; second < 256; second++) {
      const std::string pair{static_cast<char>(first), static_cast<char>(second)};
      for (const std::string& bytes : {pair, "a" + pair, pair + "a", "a" + pair + "\""}) {
        const char* const what = fault(bytes);
        if (what) FAIL_CHECK(base64_of(bytes), ": ", what);
      }
      pairs++;
    }
  CHECK(pairs == 128 * 128);
}

TEST_CASE("escape: each boundary of UTF-8, whole and cut at each position") {
  for (const std::uint32_t code : {0x80u, 0x7FFu, 0x800u, 0xFFFu, 0x1000u, 0xCFFFu, 0xD7FFu, 0xE000u, 0xFFFDu, 0xFFFFu,
                                   0x10000u, 0x3FFFFu, 0x40000u, 0xFFFFFu, 0x100000u, 0x10FFFFu}) {
    const std::string whole = encode_utf8(code);
    for (std::size_t length = 1; length <= whole.size(); length++) check_all(with_neighbours(whole.substr(0, length)));
    for (std::size_t at = 1; at < whole.size(); at++) check_all(with_neighbours(whole.substr(at)));
  }
}

TEST_CASE("escape: overlong, surrogates, beyond the last character") {
  for (const std::string& part :
       {std::string("\xC0\x80"), std::string("\xC1\xBF"), std::string("\xE0\x80\x80"), std::string("\xE0\x9F\xBF"),
        std::string("\xF0\x80\x80\x80"), std::string("\xF0\x8F\xBF\xBF"), std::string("\xED\xA0\x80"),
        std::string("\xED\xBF\xBF"), std::string("\xED\xA0\xBD\xED\xB8\x80"), std::string("\xF4\x90\x80\x80"),
        std::string("\xF5\x80\x80\x80"), std::string("\xF8\x88\x80\x80\x80"), std::string("\xFE\xFF")}) {
    CHECK_FALSE(json_of(part).valid);
    check_all(with_neighbours(part));
  }
}

TEST_CASE("escape: the characters that must not show, and their neighbours that may") {
  int hidden = 0;
  for (std::uint32_t code = 0x80; code < 0xE2000; code += code == 0xD7FF ? 0x801 : 1) {
    const std::string character = encode_utf8(code);
    const bool shown = text_of(character) == "\"" + character + "\"";
    if (shown == is_hostile(code) || !json_of(character).valid) FAIL_CHECK(code);
    hidden += !shown;
    if (!shown && hidden % 16 == 0) check_all(with_neighbours(character));
  }
  CHECK(hidden == 32 + 4218 + 7 + 4);  // controls; the others of Unicode 14; what 15 added; blanks
  for (const char* unseen : {"\u200B", "\uFEFF", "\U000E0001", "\uFE0F", "\u00AD", "\u3164"})
    CHECK(text_of(unseen).starts_with("\"\\u{"));
  CHECK(json_of("\U000E0001").line == R"("\udb40\udc01")");
  CHECK(text_of("\u202E\u0085") == R"("\u{202e}\u{85}")");
  CHECK(json_of("\u202E\u0085").line == R"("\u202e\u0085")");
}

TEST_CASE("escape: a list in one pair of quotes") {
  const auto list = [](const std::vector<std::string_view>& strings) {
    std::string out;
    append_text_list(out, strings, '>');
    return out;
  };
  CHECK(list({"sh", "make"}) == R"("sh>make")");
  CHECK(list({"a>b", ">", "c"}) == R"("a\x3eb>\x3e>c")");
  CHECK(list({R"(\x3e)", "\"", "\n"}) == R"("\\x3e>\">\n")");
  CHECK(list({""}) == R"("")");
}

TEST_CASE("escape: literal forms") {
  CHECK(text_of("") == R"("")");
  CHECK(text_of("a\\\"\n\r\t\x1b\x7f\x01\xff") == R"("a\\\"\n\r\t\x1b\x7f\x01\xff")");
  CHECK(text_of("é€😀") == "\"é€😀\"");
  CHECK(json_of("a\\\"\n\r\t\x1b\x01").line == R"("a\\\"\n\r\t\u001b\u0001")");
  CHECK(json_of("\xff"
                "b")
            .line == "\"\uFFFDb\"");
}

TEST_CASE("escape: quotes and backslashes in every order") {
  static constexpr std::string_view kPieces[] = {"\"", "\\", "n", "x41", "u{41}", "\n", "\xff", "\u202E"};
  for (const auto first : kPieces)
    for (const auto second : kPieces)
      for (const auto third : kPieces) check_all({std::string(first).append(second).append(third)});
}

TEST_CASE("escape: long names") {
  for (const std::size_t length : {255u, 4095u}) {
    std::string mixed;
    for (std::size_t i = 0; mixed.size() < length; i++) mixed.push_back(static_cast<char>(i * 7 % 256));
    check_all({std::string(length, 'a'), std::string(length, '\xff'), std::string(length, '\n'), mixed});
    for (std::size_t at = length - 4; at <= length; at++) check_all({std::string(at, 'a') + "\xF0\x9F\x98"});
  }
}

TEST_CASE("escape: random strings") {
  std::mt19937 random(4711);
  int wrong = 0;
  for (int i = 0; i < 20'000; i++) {
    std::string bytes;
    for (unsigned length = random() % 24; length > 0; length--)
      bytes.push_back(static_cast<char>(random() % 3 ? 0x80 | random() % 128 : random() % 128));
    wrong += fault(bytes) != nullptr;
  }
  CHECK(wrong == 0);
}

TEST_CASE("messages: one line without control characters, quotes as they are") {
  CHECK(one_line("'a b' is \"c\\d\"") == "'a b' is \"c\\d\"");
  CHECK(one_line("a\nb\x1b[31m\xff\xe2\x80\xae") == "a\\nb\\x1b[31m\\xff\\u{202e}");
  CHECK(one_line("") == "");
}

TEST_CASE("base64: the vectors of RFC 4648") {
  CHECK(base64_of("") == "");
  CHECK(base64_of("f") == "Zg==");
  CHECK(base64_of("fo") == "Zm8=");
  CHECK(base64_of("foo") == "Zm9v");
  CHECK(base64_of("foob") == "Zm9vYg==");
  CHECK(base64_of("fooba") == "Zm9vYmE=");
  CHECK(base64_of("foobar") == "Zm9vYmFy");
  CHECK(base64_of("\xfb\xff\xbf") == "+/+/");
}

TEST_CASE("base64: random data comes back") {
  std::mt19937 random(42);
  for (int i = 0; i < 2'000; i++) {
    std::string bytes(random() % 60, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    REQUIRE(decode_base64(base64_of(bytes)) == bytes);
  }
}

}  // namespace
}  // namespace aa::test
