#include "events.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "json_shapes.hpp"

namespace aa::test {
namespace {

using Keys = std::vector<std::string>;

const std::map<std::string, Keys>& own_keys() {
  static const std::map<std::string, Keys> keys{
      {"fork", {"child_pid"}},
      {"exec", {"error", "loginuid", "ruid", "exe", "script", "filename", "cwd", "argv", "env", "lineage"}},
      {"exit", {"code", "signal", "core_dumped", "duration", "max_rss", "user_time", "system_time"}},
      {"lost", {"count", "reason"}},
      {"start", {"version", "kernel", "host", "boot_id", "cwd", "command", "targets", "events"}},
      {"end", {"count", "lost", "duration", "reason"}},
  };
  return keys;
}

const Keys kCommon{"v", "time", "elapsed", "event"};
const Keys kTask{"pid", "tid", "ppid", "uid", "gid", "comm"};

// Keys that any event may carry besides; where they stand is not laid down.
bool is_remark(const std::string& key) {
  static const Keys remarks{
      "unreadable",   "lexical",          "via",           "compat", "argv_bytes", "argv_redacted", "env_bytes",
      "env_redacted", "command_redacted", "command_bytes", "alert",  "level",      "rule",          "alerts"};
  return key.ends_with("_raw") || key.ends_with("_truncated") ||
         std::find(remarks.begin(), remarks.end(), key) != remarks.end();
}

bool is_stream_line(const std::string& name) { return name == "start" || name == "end" || name == "lost"; }

Keys expected_order(const std::string& name, bool json) {
  Keys order = json ? kCommon : Keys{};
  if (!is_stream_line(name)) order.insert(order.end(), kTask.begin(), kTask.end());
  if (json && !is_stream_line(name)) order.insert(order.end(), {"proc", "exe"});
  for (const auto& key : own_keys().at(name))
    if (!(json && key == "exe")) order.push_back(key);
  return order;
}

std::string order_error(const Keys& present, const Keys& order) {
  size_t next = 0;
  for (const auto& key : present) {
    if (is_remark(key)) continue;
    const auto found = std::find(order.begin(), order.end(), key);
    if (found == order.end()) return "unknown key " + key;
    const auto at = static_cast<size_t>(found - order.begin());
    if (at < next) return "key " + key + " is out of order";
    next = at + 1;
  }
  return "";
}

std::string missing_error(const Keys& present, const Keys& wanted) {
  for (const auto& key : wanted)
    if (std::find(present.begin(), present.end(), key) == present.end()) return "no key " + key;
  return "";
}

bool is_time(const std::string& text) {
  const std::string form = "dddd-dd-ddTdd:dd:dd.dddddddddZ";
  if (text.size() != form.size()) return false;
  for (size_t i = 0; i < form.size(); i++) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) return false;
  }
  return true;
}

// What is said of the arguments follows them at once.
std::string redacted_error(const Keys& present) {
  auto key = std::find(present.begin(), present.end(), "argv_redacted");
  if (key == present.end()) return "";
  while (key != present.begin() && key->starts_with("argv_")) --key;
  return *key == "argv" ? "" : "argv_redacted does not follow argv";
}

std::string type_error(const Json& event) {
  static const Keys numbers{"v",   "elapsed",   "pid",  "tid",      "ppid", "uid",
                            "gid", "child_pid", "code", "duration", "count"};
  static const Keys strings{"event",  "time",     "comm", "proc",   "host",   "boot_id", "exe",   "error",
                            "script", "filename", "cwd",  "signal", "reason", "version", "kernel"};
  static const Keys arrays{"command", "argv", "argv_raw", "lineage", "unreadable", "alerts"};
  for (const auto& [key, value] : event.items()) {
    const auto in = [&key = key](const Keys& keys) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
    if (in(numbers) && !value.is_number()) return key + " is no number";
    if (in(strings) && !value.is_string()) return key + " is no string";
    if (in(arrays) && !value.is_array()) return key + " is no array";
    if (key == "argv_redacted" && value != true) return key + " is not true";
    if (value.is_null()) return key + " is null instead of absent";
  }
  return "";
}

// What an event must have when nothing went wrong while reading it.
Keys required(const Json& event) {
  const std::string name = text_of(event, "event");
  Keys keys = kCommon;
  if (!is_stream_line(name)) {
    keys.insert(keys.end(), kTask.begin(), kTask.end());
    keys.insert(keys.end(), {"proc", "exe"});
  }
  if (name == "fork") keys.push_back("child_pid");
  if (name == "exec") keys.insert(keys.end(), {"filename", "cwd", "argv", "lineage"});
  if (name == "exit") keys.insert(keys.end(), {event.contains("signal") ? "signal" : "code", "duration"});
  if (is_stream_line(name)) keys.insert(keys.end(), own_keys().at(name).begin(), own_keys().at(name).end());
  if (name == "start") std::erase(keys, "command");  // there may be none
  if (!event.contains("unreadable")) return keys;
  for (const auto& gone : event["unreadable"]) std::erase(keys, gone.get<std::string>());
  return keys;
}

}  // namespace

Events parse_events(const std::string& text) {
  Events events;
  for (const auto& line : lines(text)) {
    Json event = Json::parse(line, nullptr, false);
    INFO("line: " << line);
    REQUIRE(!event.is_discarded());
    REQUIRE(event.is_object());
    note_shape(event, line);
    events.push_back(std::move(event));
  }
  return events;
}

Events parse_complete(const std::string& text) { return parse_events(text.substr(0, text.rfind('\n') + 1)); }

Events named(const Events& events, const std::string& name) {
  Events result;
  std::copy_if(events.begin(), events.end(), std::back_inserter(result),
               [&](const Json& e) { return text_of(e, "event") == name; });
  return result;
}

Events traced(const Events& events) {
  Events result;
  std::copy_if(events.begin(), events.end(), std::back_inserter(result), [](const Json& e) {
    const auto name = text_of(e, "event");
    return name != "start" && name != "end";
  });
  return result;
}

std::string text_of(const Json& event, const std::string& key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> argv_of(const Json& event) {
  const auto found = event.find("argv");
  return found != event.end() && found->is_array() ? found->get<std::vector<std::string>>()
                                                   : std::vector<std::string>{};
}

bool has_argument(const Json& event, const std::string& argument) {
  const auto argv = argv_of(event);
  return std::find(argv.begin(), argv.end(), argument) != argv.end();
}

std::string describe(const Events& events) {
  std::string text;
  for (const auto& event : events) text += event.dump() + "\n";
  return text;
}

std::string shape_error(const Json& event) {
  const std::string name = text_of(event, "event");
  if (!own_keys().contains(name)) return "unknown event '" + name + "'";
  Keys present;
  for (const auto& [key, value] : event.items()) present.push_back(key);
  if (auto e = order_error(present, expected_order(name, true)); !e.empty()) return e;
  if (auto e = missing_error(present, required(event)); !e.empty()) return e;
  if (auto e = redacted_error(present); !e.empty()) return e;
  if (auto e = type_error(event); !e.empty()) return e;
  if (event["v"] != 2) return "v is not 2";
  if (!is_time(text_of(event, "time"))) return "time is not RFC 3339 UTC with nanoseconds";
  if (name == "exit" && event.contains("code") == event.contains("signal")) return "not exactly one of code and signal";
  return "";
}

std::string TextEvent::value(const std::string& key) const {
  for (const auto& [own, text] : pairs)
    if (own == key) return text;
  return "";
}

std::string text_shape_error(const TextEvent& event) {
  if (!own_keys().contains(event.name)) return "unknown event '" + event.name + "'";
  Keys present;
  for (const auto& [key, value] : event.pairs) present.push_back(key);
  if (auto e = order_error(present, expected_order(event.name, false)); !e.empty()) return e;
  if (auto e = redacted_error(present); !e.empty()) return e;
  return is_stream_line(event.name) ? "" : missing_error(present, kTask);
}

Spec shell_spec() {
  Spec spec;
  spec.argv = {"/bin/sh"};
  spec.keep_input = true;
  return spec;
}

Spec aa_spec(std::vector<std::string> arguments) {
  Spec spec;
  spec.argv = std::move(arguments);
  spec.argv.insert(spec.argv.begin(), program());
  return spec;
}

Traced trace(const std::vector<std::string>& options, const std::vector<std::string>& command, Spec spec) {
  const Scratch scratch;
  spec.argv = {program(), "-j", "-o", scratch.file("events"), "--as-root"};
  spec.argv.insert(spec.argv.end(), options.begin(), options.end());
  spec.argv.push_back("--");
  spec.argv.insert(spec.argv.end(), command.begin(), command.end());
  Traced result;
  result.outcome = run(spec);
  INFO("stderr: " << result.outcome.err);
  REQUIRE(!result.outcome.timed_out);
  result.events = parse_events(read_file(scratch.file("events")));
  return result;
}

bool started(Process& tracer) {
  return tracer.until([&] { return contains(tracer.out(), "\"event\":\"start\"") && contains(tracer.out(), "\n"); });
}

bool banner_seen(Process& tracer) {
  return tracer.until([&] { return contains(tracer.err(), "\n"); });
}

}  // namespace aa::test
