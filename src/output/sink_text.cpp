// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One line an event: "[seconds] event key=value ...".
#include <string>

#include "base/escape.hpp"
#include "base/numbers.hpp"
#include "event/kinds.hpp"
#include "output/describe.hpp"
#include "output/line_heads.hpp"
#include "output/sink.hpp"

namespace aa {
namespace {

constexpr std::string_view kDim = "\033[2m", kBold = "\033[1m", kRed = "\033[31m", kPlain = "\033[0m";

class TextWriter {
 public:
  static constexpr bool kDetailed = false;
  TextWriter(std::string& out, bool color) : out_(out), color_(color) {}

  template <typename T>
  void number(std::string_view key, T value) {
    begin(key);
    append_number(out_, value);
  }
  void octal(std::string_view key, std::uint32_t value) {
    begin(key);
    append_octal(out_, value);
  }
  void word(std::string_view key, std::string_view value) {
    begin(key);
    if (color_ && key == "error") out_.append(kRed).append(value).append(kPlain);
    else out_.append(value);
  }
  void words(std::string_view key, const std::vector<std::string_view>& values) {
    begin(key);
    for (std::size_t i = 0; i < values.size(); i++) out_.append(i ? "," : "").append(values[i]);
  }
  void flag(std::string_view key) { truth(key, true); }
  void truth(std::string_view key, bool value) { word(key, value ? "true" : "false"); }
  void seconds(std::string_view key, std::uint64_t ns) {
    begin(key);
    append_seconds(out_, ns, 6);
  }
  void string(std::string_view key, const Text& text) {
    if (!text.present()) return;
    begin(key);
    append_text_string(out_, text.bytes);
    if (text.truncated) truncated(key);
    if (text.deleted) flag(deleted_key(key));
  }
  void argv(std::string_view key, const Argv& argv) {
    if (argv.state != Text::State::kPresent) return;
    begin(key);
    out_.push_back('[');
    for (std::size_t i = 0; i < argv.arguments.size(); i++) {
      if (i) out_.push_back(',');
      append_text_string(out_, argv.arguments[i]);
    }
    out_.push_back(']');
    if (argv.truncated) truncated(key);
    if (argv.truncated && argv.total_bytes) number(std::string(key) + "_bytes", argv.total_bytes);
    if (argv.redacted) flag(std::string(key) + "_redacted");
  }
  void environment(std::string_view key, const Argv& env) { argv(key, env); }
  void names(std::string_view key, const Lineage& lineage) {
    if (lineage.state != Text::State::kPresent || lineage.names.empty()) return;
    begin(key);
    append_text_list(out_, lineage.names, '>');
    if (lineage.truncated) truncated(key);
  }
  void alert(std::string_view key, std::string_view name) {
    begin(key);
    if (color_) out_.append(kRed);
    append_text_string(out_, name);
    if (color_) out_.append(kPlain);
  }
  void alerts(std::string_view, std::span<const Alert>) {}

 private:
  void begin(std::string_view key) {
    out_.push_back(' ');
    if (color_) out_.append(kDim);
    out_.append(key).push_back('=');
    if (color_) out_.append(kPlain);
  }
  void truncated(std::string_view key) {
    begin(std::string(key) + "_truncated");
    out_.append("true");
  }

  std::string& out_;
  bool color_;
};

class TextSink : public Sink {
 public:
  TextSink(TraceClock& clock, bool color, TimeStyle time) : clock_(clock), color_(color), time_(time) {}

  // The banner and the summary on stderr say what these do in JSON.
  void start(std::string&, const TraceStart&) override {}
  void end(std::string&, const TraceEnd&) override {}

  void event(std::string& out, const Event& event) override {
    TextWriter writer = begin(out, event.time, event_name(event.kind));
    heads_.append(out, event, [&] { describe_head(event, writer); });
    if (!event.alerts.empty()) describe_alerts(event, writer);
    describe_values(event, writer);
    describe_marks(event, true, writer);
    describe_strings(event, true, writer);
    out.push_back('\n');
  }

  void lost(std::string& out, std::uint64_t time, std::uint64_t count, std::string_view reason) override {
    TextWriter writer = begin(out, time, "lost");
    writer.number("count", count);
    writer.word("reason", reason);
    out.push_back('\n');
  }

 private:
  TextWriter begin(std::string& out, std::uint64_t time, std::string_view name) {
    out.push_back('[');
    append_time(out, clock_, time_, time, 6);
    out.append("] ");
    if (color_) out.append(kBold).append(name).append(kPlain);
    else out.append(name);
    return {out, color_};
  }

  TraceClock& clock_;
  bool color_;
  TimeStyle time_;
  LineHeads heads_;
};

}  // namespace

std::unique_ptr<Sink> make_text_sink(TraceClock& clock, bool color, TimeStyle time) {
  return std::make_unique<TextSink>(clock, color, time);
}

}  // namespace aa
