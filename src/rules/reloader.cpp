// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/reloader.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <utility>

#include "base/thread.hpp"
#include "rules/kernel_rules.hpp"

namespace aa {
namespace {

constexpr int kLastWaitMs = 1000;  // for rules that are being read when the trace has ended

}  // namespace

RuleReloader::Work::Work(RuleSource from) : source(std::move(from)), ready(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

RuleReloader::~RuleReloader() {
  if (!thread_.joinable()) return;
  pollfd ready{work_->ready.get(), POLLIN, 0};
  if (poll(&ready, 1, kLastWaitMs) == 1) thread_.join();
  else thread_.detach();
}

void RuleReloader::start() {
  again_ = thread_.joinable();
  if (again_) return;
  auto thread = start_thread([work = work_] { work->run(); });
  if (thread) thread_ = std::move(*thread);
  else work_->hand_over(thread.error());
}

void RuleReloader::Work::hand_over(Result<LoadedRules> result) {
  loaded.emplace(std::move(result));
  done = true;
  eventfd_write(ready.get(), 1);
}

void RuleReloader::Work::run() {
  const auto rules = source.load();
  if (!rules) return hand_over(rules.error());
  const auto nodes = kernel_rules(**rules);
  if (nodes.empty()) return hand_over(LoadedRules{*rules, Fd()});
  auto map = make_rule_map(nodes);
  if (map) hand_over(LoadedRules{*rules, std::move(*map)});
  else hand_over(map.error());
}

std::optional<Result<LoadedRules>> RuleReloader::take() {
  if (!work_->done.exchange(false)) return std::nullopt;
  if (thread_.joinable()) thread_.join();
  eventfd_t count = 0;
  eventfd_read(work_->ready.get(), &count);
  auto loaded = std::move(work_->loaded);
  work_->loaded.reset();
  if (again_) start();
  return loaded;
}

}  // namespace aa
