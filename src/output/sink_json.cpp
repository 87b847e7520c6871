// SPDX-License-Identifier: MIT OR Apache-2.0
//
// JSON Lines: one object an event.
#include <string>

#include "base/escape.hpp"
#include "base/numbers.hpp"
#include "event/kinds.hpp"
#include "output/describe.hpp"
#include "output/environment.hpp"
#include "output/line_heads.hpp"
#include "output/sink.hpp"

namespace aa {
namespace {

class JsonWriter {
 public:
  static constexpr bool kDetailed = true;
  explicit JsonWriter(std::string& out) : out_(out) { out_.append("{\"v\":2"); }

  template <typename T>
  void number(std::string_view key, T value) {
    begin(key);
    append_number(out_, value);
  }
  // What no other process of this boot has.
  void process(std::string_view key, const Event& event) {
    begin(key).push_back('"');
    append_number(out_, event.pid);
    out_.push_back('-');
    append_number(out_, event.start);
    out_.push_back('"');
  }
  // As in /proc/self/mountinfo.
  void device(std::string_view key, std::uint32_t major, std::uint32_t minor) {
    begin(key).push_back('"');
    append_number(out_, major);
    out_.push_back(':');
    append_number(out_, minor);
    out_.push_back('"');
  }
  void octal(std::string_view key, std::uint32_t value) {
    begin(key).push_back('"');
    append_octal(out_, value);
    out_.push_back('"');
  }
  // For words of our own: nothing in them needs escaping.
  void word(std::string_view key, std::string_view value) {
    begin(key);
    out_.append("\"").append(value).append("\"");
  }
  void words(std::string_view key, const std::vector<std::string_view>& values) {
    begin(key);
    list(values, [this](std::string_view value) { out_.append("\"").append(value).append("\""); });
  }
  void flag(std::string_view key) { truth(key, true); }
  void truth(std::string_view key, bool value) {
    begin(key);
    out_.append(value ? "true" : "false");
  }
  void seconds(std::string_view key, std::uint64_t ns, unsigned digits = 6) {
    begin(key);
    append_seconds(out_, ns, digits);
  }
  void string(std::string_view key, const Text& text) {
    if (!text.present()) return;
    begin(key);
    if (!append_json_string(out_, text.bytes)) {
      begin(key, "_raw");
      append_base64(out_, text.bytes);
    }
    if (text.truncated) truncated(key);
    if (text.deleted) flag(deleted_key(key));
  }
  void argv(std::string_view key, const Argv& argv) {
    if (argv.state != Text::State::kPresent) return;
    strings(key, argv.arguments);
    remarks(key, argv);
  }
  void environment(std::string_view key, const Argv& env) {
    if (env.state != Text::State::kPresent) return;
    if (!append_json_environment(begin(key), env.arguments)) {
      begin(key, "_raw");
      list(env.arguments, [this](std::string_view variable) { append_base64(out_, variable); });
    }
    remarks(key, env);
  }
  void names(std::string_view key, const Lineage& lineage) {
    if (lineage.state != Text::State::kPresent) return;
    strings(key, lineage.names);
    if (lineage.truncated) truncated(key);
  }
  template <typename Strings>
  void strings(std::string_view key, const Strings& values) {
    begin(key);
    bool valid = true;
    list(values, [&](std::string_view value) { valid &= append_json_string(out_, value); });
    if (valid) return;
    begin(key, "_raw");
    list(values, [this](std::string_view value) { append_base64(out_, value); });
  }
  void alert(std::string_view key, std::string_view name) { word(key, name); }
  [[gnu::cold, gnu::noinline]] void alerts(std::string_view key, std::span<const Alert> alerts) {
    begin(key);
    list(alerts, [this](const Alert& alert) {
      // the first key of an object has no comma before it
      out_.append("{\"alert\":\"").append(alert.name).push_back('"');
      word("level", level_name(alert.level));
      string("rule", Text::of(alert.rule));
      out_.push_back('}');
    });
  }
  std::string& begin(std::string_view key, std::string_view suffix = "") {
    out_.append(",\"").append(key).append(suffix).append("\":");
    return out_;
  }
  void end() { out_.append("}\n"); }

 private:
  template <typename Values, typename Append>
  void list(const Values& values, Append append) {
    out_.push_back('[');
    bool first = true;
    for (const auto& value : values) {
      if (!first) out_.push_back(',');
      first = false;
      append(value);
    }
    out_.push_back(']');
  }
  void truncated(std::string_view key) { begin(key, "_truncated").append("true"); }
  void remarks(std::string_view key, const Argv& argv) {
    if (argv.truncated) truncated(key);
    if (argv.truncated && argv.total_bytes) number(std::string(key) + "_bytes", argv.total_bytes);
    if (argv.redacted) flag(std::string(key) + "_redacted");
  }

  std::string& out_;
};

class JsonSink : public Sink {
 public:
  explicit JsonSink(TraceClock& clock) : clock_(clock) {}

  void start(std::string& out, const TraceStart& start) override {
    JsonWriter writer = begin(out, clock_.began(), "start");
    writer.word("version", start.version);
    writer.string("kernel", Text::of(start.kernel));
    UnreadableKeys unreadable;
    const auto place = [&writer, &unreadable](std::string_view key, const std::string& value) {
      const Text text = value.empty() ? Text::unreadable() : Text::of(value);
      writer.string(key, text);
      unreadable.string(key, text);
    };
    place("host", start.host);
    place("boot_id", start.boot_id);
    place("cwd", start.cwd);
    writer.argv("command", start.command);
    writer.strings("targets", start.targets);
    writer.words("events", start.events);
    if (!unreadable.keys().empty()) writer.words("unreadable", unreadable.keys());
    writer.end();
  }

  void event(std::string& out, const Event& event) override {
    JsonWriter writer = begin(out, event.time, event_name(event.kind));
    heads_.append(out, event, [&] { describe_head(event, writer); });
    if (!event.alerts.empty()) describe_alerts(event, writer);
    describe_values(event, writer);
    describe_marks(event, false, writer);
    describe_strings(event, false, writer);
    writer.end();
  }

  void lost(std::string& out, std::uint64_t time, std::uint64_t count, std::string_view reason) override {
    JsonWriter writer = begin(out, time, "lost");
    writer.number("count", count);
    writer.word("reason", reason);
    writer.end();
  }

  void end(std::string& out, const TraceEnd& end) override {
    JsonWriter writer = begin(out, clock_.began() + end.duration, "end");
    writer.number("count", end.count);
    writer.number("lost", end.lost);
    writer.seconds("duration", end.duration);
    writer.word("reason", end.reason);
    writer.end();
  }

 private:
  JsonWriter begin(std::string& out, std::uint64_t time, std::string_view name) {
    JsonWriter writer(out);
    writer.begin("time").push_back('"');
    clock_.append_time_of_day(out, time);
    out.push_back('"');
    writer.seconds("elapsed", clock_.elapsed(time), 9);
    writer.word("event", name);
    return writer;
  }

  TraceClock& clock_;
  LineHeads heads_;
};

}  // namespace

std::unique_ptr<Sink> make_json_sink(TraceClock& clock) { return std::make_unique<JsonSink>(clock); }

}  // namespace aa
