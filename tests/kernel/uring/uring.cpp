// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

namespace aa::test {

namespace {

enum class Type { kNumber, kText, kFlag, kTexts };

struct Key {
  const char* name;
  Type type;
};

// Those that the truth decides: what is not in it must not be in the event.
constexpr Key kKeys[] = {
    {"event", Type::kText},   {"pid", Type::kNumber},       {"ppid", Type::kNumber},   {"uid", Type::kNumber},
    {"gid", Type::kNumber},   {"fd", Type::kNumber},        {"bytes", Type::kNumber},  {"offset", Type::kNumber},
    {"error", Type::kText},   {"flags", Type::kText},       {"mode", Type::kText},     {"created", Type::kFlag},
    {"size", Type::kNumber},  {"lexical", Type::kFlag},     {"name", Type::kText},     {"target", Type::kText},
    {"path", Type::kText},    {"filename", Type::kText},    {"new_path", Type::kText}, {"new_name", Type::kText},
    {"removed", Type::kFlag}, {"unreadable", Type::kTexts}, {"closed", Type::kFlag},
};

bool has_value(const Event& event, const Fact& request, const Key& key) {
  switch (key.type) {
    case Type::kNumber: return event.number(key.name) == request.number(key.name);
    case Type::kText: return event.bytes(key.name) == request.text(key.name);
    case Type::kFlag: return event.flag(key.name) && request.text(key.name) == "true";
    case Type::kTexts: return event.texts(key.name) == request.list(key.name);
  }
  return false;
}

// From an `io` event or a fact with the same keys.
template <typename Source>
PathTotals::key_type key_of(const Source& source, const std::string& path) {
  return {source.number("pid"), (source.has("fd") ? "fd " + std::to_string(source.number("fd")) + " " : "") + path};
}

}  // namespace

std::vector<Event> uring_events(const Report& report) {
  std::vector<Event> events;
  for (const Event& event : report.events) {
    if (event.has("via")) events.push_back(event);
  }
  return events;
}

void check_request(const Event& event, const Fact& request) {
  INFO(event.line());
  INFO(request.line());
  CHECK(event.text("via") == "io_uring");
  for (const Key& key : kKeys) {
    INFO(std::string(key.name));
    CHECK(event.has(key.name) == request.has(key.name));
    if (event.has(key.name) && request.has(key.name)) CHECK(has_value(event, request, key));
  }
}

int check_requests(const Report& report, const std::function<bool(const Fact&)>& chosen) {
  std::vector<Fact> requests = report.truth.of("request");
  if (chosen) std::erase_if(requests, [&](const Fact& request) { return !chosen(request); });
  const std::vector<Event> events = uring_events(report);
  for (size_t i = 0; i < requests.size() && i < events.size(); i++) check_request(events[i], requests[i]);
  CHECK(events.size() == requests.size());
  return static_cast<int>(requests.size());
}

PathTotals told_totals(const Report& report) {
  PathTotals totals;
  for (const Event& io : report.of("io")) {
    if (io.has("fd") && io.number("fd") <= STDERR_FILENO) continue;
    totals[key_of(io, io.has("path") ? io.text("path") : "")] += totals_of(io);
  }
  return totals;
}

PathTotals true_totals(const Truth& truth, const std::function<bool(const Fact&)>& chosen) {
  PathTotals totals;
  for (const Fact& total : truth.of("total")) {
    if (!chosen || chosen(total)) totals[key_of(total, total.text("path"))] += totals_of(total);
  }
  return totals;
}

}  // namespace aa::test
