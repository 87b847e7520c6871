// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rule_book.hpp"

#include <sys/eventfd.h>

#include "kernel_rules.hpp"
#include "places.hpp"
#include "rule_file.hpp"
#include "thread.hpp"

namespace aa {

Result<std::shared_ptr<const RuleSet>> RuleBook::load() const {
  std::vector<Rule> rules = given_;
  if (!file_.empty()) {
    auto read = read_rules(file_);
    if (!read) return read.error();
    rules.insert(rules.end(), read->begin(), read->end());
  }
  std::erase_if(rules, [this](const Rule& rule) { return rule.kind != RuleKind::kAllow && rule.level < least_; });
  return RuleSet::compile(std::move(rules), home_directories());
}

RuleReloader::RuleReloader(const RuleBook& book) : book_(book), ready_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

RuleReloader::~RuleReloader() {
  if (thread_.joinable()) thread_.join();
}

void RuleReloader::start() {
  again_ = thread_.joinable();
  if (again_) return;
  auto thread = start_thread([this] { run(); });
  if (thread) thread_ = std::move(*thread);
  else hand_over(thread.error());
}

void RuleReloader::hand_over(Result<LoadedRules> loaded) {
  loaded_.emplace(std::move(loaded));
  done_ = true;
  eventfd_write(ready_.get(), 1);
}

void RuleReloader::run() {
  const auto rules = book_.load();
  if (!rules) return hand_over(rules.error());
  const auto nodes = kernel_rules(**rules);
  if (nodes.empty()) return hand_over(LoadedRules{*rules, Fd()});
  auto map = make_rule_map(nodes);
  if (map) hand_over(LoadedRules{*rules, std::move(*map)});
  else hand_over(map.error());
}

std::optional<Result<LoadedRules>> RuleReloader::take() {
  if (!done_.exchange(false)) return std::nullopt;
  if (thread_.joinable()) thread_.join();
  auto loaded = std::move(loaded_);
  loaded_.reset();
  if (again_) start();
  return loaded;
}

}  // namespace aa
