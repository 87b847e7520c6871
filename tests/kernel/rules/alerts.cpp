// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/rules/alerts.hpp"

#include <doctest/doctest.h>

#include <ostream>

namespace aa::test {

namespace {

Alert alert_of(const Event& event) { return {event.text("alert"), event.text("level"), event.text("rule")}; }

}  // namespace

std::ostream& operator<<(std::ostream& out, const Alerts& alerts) {
  if (alerts.empty()) return out << "no alert";
  for (const Alert& alert : alerts) out << "[" << alert.alert << " " << alert.level << " " << alert.rule << "]";
  return out;
}

Alerts alerts_of(const Event& event) {
  Alerts alerts;
  INFO(event.line());
  if (!event.has("alert")) {
    for (const char* key : {"level", "rule", "alerts"}) CHECK_FALSE(event.has(key));
    return alerts;
  }
  for (const Event& alert : event.objects("alerts")) alerts.push_back(alert_of(alert));
  REQUIRE_FALSE(alerts.empty());
  CHECK(alerts.front() == alert_of(event));
  return alerts;
}

}  // namespace aa::test
