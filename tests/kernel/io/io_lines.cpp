// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <set>
#include <sstream>

namespace aa::test {

namespace {

constexpr int kShown = 10;

std::string text_of(const std::vector<Use>& uses) {
  std::ostringstream text;
  for (const Use& use : uses) text << "\n    " << use.path << " " << use.totals;
  return text.str();
}

std::ostream& operator<<(std::ostream& out, const std::pair<long long, long long>& key) {
  return out << "pid " << key.first << " fd " << key.second;
}

template <typename Map, typename Show>
void check_same(const Map& told, const Map& truth, Show show) {
  std::set<typename Map::key_type> keys;
  for (const auto& [key, value] : told) keys.insert(key);
  for (const auto& [key, value] : truth) keys.insert(key);
  int wrong = 0;
  std::ostringstream shown;
  for (const auto& key : keys) {
    const auto left = told.find(key), right = truth.find(key);
    if (left != told.end() && right != truth.end() && left->second == right->second) continue;
    if (wrong++ == kShown) continue;
    if (wrong < kShown)
      show(shown, key, left == told.end() ? nullptr : &left->second, right == truth.end() ? nullptr : &right->second);
  }
  CHECK_MESSAGE(wrong == 0, wrong << " of " << keys.size() << " are wrong:" << shown.str());
}

}  // namespace

Totals& Totals::operator+=(const Totals& other) {
  reads += other.reads;
  read_bytes += other.read_bytes;
  writes += other.writes;
  written_bytes += other.written_bytes;
  return *this;
}

std::ostream& operator<<(std::ostream& out, const Totals& totals) {
  return out << "reads " << totals.reads << "/" << totals.read_bytes << " writes " << totals.writes << "/"
             << totals.written_bytes;
}

Uses told_uses(const std::vector<Event>& events) {
  Uses told;
  for (const Event& event : events) {
    if (event.kind() != "io") continue;
    const Totals totals = totals_of(event);
    const bool closed = event.flag("closed");
    INFO(event.line());
    CHECK((closed || totals != Totals{}));
    CHECK_FALSE(event.has("error"));
    std::vector<Use>& uses = told[{event.pid(), event.number("fd")}];
    const std::string path = event.has("path") ? event.text("path") : "";
    if (uses.empty() || uses.back().closed) uses.push_back({path, {}, false, 0});
    CHECK(uses.back().path == path);
    uses.back().totals += totals;
    uses.back().closed = closed;
    uses.back().lines++;
  }
  return told;
}

PathTotals by_path(const Uses& uses) {
  PathTotals totals;
  for (const auto& [key, generations] : uses) {
    for (const Use& use : generations) totals[{key.first, use.path}] += use.totals;
  }
  return totals;
}

void check_uses(const Uses& told, const Uses& truth) {
  check_same(told, truth, [](std::ostream& out, const auto& key, const auto* left, const auto* right) {
    out << "\n  " << key << "\n  told:" << (left ? text_of(*left) : " nothing")
        << "\n  truth:" << (right ? text_of(*right) : " nothing");
  });
}

void check_totals(const PathTotals& told, const PathTotals& truth) {
  check_same(told, truth, [](std::ostream& out, const auto& key, const auto* left, const auto* right) {
    out << "\n  pid " << key.first << " " << key.second << "\n    told:  " << (left ? *left : Totals{})
        << "\n    truth: " << (right ? *right : Totals{});
  });
}

void check_all_closed(const Uses& told) {
  for (const auto& [key, generations] : told) {
    for (const Use& use : generations) {
      CHECK_MESSAGE(use.closed, "pid " << key.first << " fd " << key.second << " " << use.path << ": never closed");
    }
  }
}

Totals on_path(const Uses& uses, const std::string& path) {
  Totals totals;
  for (const auto& [key, generations] : uses) {
    for (const Use& use : generations) {
      if (use.path == path) totals += use.totals;
    }
  }
  return totals;
}

}  // namespace aa::test
