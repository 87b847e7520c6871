// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/event.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "json_shapes.hpp"

#include <algorithm>
#include <ctime>

namespace aa::test {

struct Event::Json {
  nlohmann::json value;
  std::string line;
};

namespace {

std::string decode_base64(const std::string& text) {
  static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned buffer = 0;
  int bits = 0;
  if (text.size() % 4 != 0) FAIL("base64 without padding: " << text);
  for (const char digit : text) {
    if (digit == '=') break;
    const size_t value = digits.find(digit);
    if (value == std::string::npos) FAIL("no base64: " << text);
    buffer = buffer << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(buffer >> bits & 0xff);
    }
  }
  return bytes;
}

std::string shortened(const std::string& line) { return line.size() > 600 ? line.substr(0, 600) + "..." : line; }

}  // namespace

Event::Event(const std::string& line) {
  auto json = std::make_shared<Json>();
  json->value = nlohmann::json::parse(line, nullptr, false);
  json->line = shortened(line);
  if (!json->value.is_object()) FAIL("no JSON object: " << json->line);
  note_shape(json->value, line);
  json_ = std::move(json);
}

const std::string& Event::line() const { return json_->line; }

bool Event::has(const std::string& key) const { return json_->value.contains(key); }

long long Event::number(const std::string& key) const {
  if (!(has(key) && json_->value[key].is_number_integer())) FAIL("no integer " << key << ": " << line());
  return json_->value[key].get<long long>();
}

double Event::real(const std::string& key) const {
  if (!(has(key) && json_->value[key].is_number())) FAIL("no number " << key << ": " << line());
  return json_->value[key].get<double>();
}

bool Event::flag(const std::string& key) const {
  if (!has(key)) return false;
  if (!json_->value[key].is_boolean()) FAIL("no boolean " << key << ": " << line());
  return json_->value[key].get<bool>();
}

std::string Event::text(const std::string& key) const {
  if (!(has(key) && json_->value[key].is_string())) FAIL("no string " << key << ": " << line());
  return json_->value[key].get<std::string>();
}

std::vector<std::string> Event::texts(const std::string& key) const {
  if (!(has(key) && json_->value[key].is_array())) FAIL("no array " << key << ": " << line());
  std::vector<std::string> values;
  for (const auto& value : json_->value[key]) {
    if (!value.is_string()) FAIL("no strings in " << key << ": " << line());
    values.push_back(value.get<std::string>());
  }
  return values;
}

std::vector<Event> Event::objects(const std::string& key) const {
  if (!(has(key) && json_->value[key].is_array())) FAIL("no array " << key << ": " << line());
  std::vector<Event> values;
  for (const auto& value : json_->value[key]) values.emplace_back(value.dump());
  return values;
}

std::string Event::bytes(const std::string& key) const {
  const std::string value = text(key);
  return has(key + "_raw") ? decode_base64(text(key + "_raw")) : value;
}

std::vector<std::string> Event::all_bytes(const std::string& key) const {
  std::vector<std::string> values = texts(key);
  if (!has(key + "_raw")) return values;
  values = texts(key + "_raw");
  for (std::string& value : values) value = decode_base64(value);
  return values;
}

bool Event::unreadable(const std::string& key) const {
  if (!has("unreadable")) return false;
  const std::vector<std::string> keys = texts("unreadable");
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

long long Event::realtime() const {
  const std::string time = text("time");
  tm day{};
  const char* rest = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &day);
  const std::string fraction = rest ? rest : "";
  const bool complete = fraction.size() == 11 && fraction.front() == '.' && fraction.back() == 'Z';
  if (!complete) FAIL("no RFC 3339 UTC time with nanoseconds: " << time);
  return static_cast<long long>(timegm(&day)) * 1'000'000'000 + std::stoll(fraction.substr(1, 9));
}

}  // namespace aa::test
