// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/verdict.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace aa::test {

namespace {

struct Verdict {
  int passed = 0;
  int failed = 0;
  std::vector<std::pair<std::string, std::string>> skipped;  // the case, its first reason
  std::vector<std::string> empty;                            // assert nothing
};

// doctest makes the listener itself and hands it to nobody.
Verdict verdict;

class Listener : public doctest::IReporter {
 public:
  explicit Listener(const doctest::ContextOptions&) {}

  void test_case_start(const doctest::TestCaseData& test) override {
    name_ = test.m_name;
    reason_.clear();
  }
  void log_message(const doctest::MessageData& message) override {
    const std::string text = message.m_string.c_str(), mark = "skipped: ";
    if (reason_.empty() && text.starts_with(mark)) reason_ = text.substr(mark.size());
  }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    if (!stats.testCaseSuccess) verdict.failed++;
    else if (!reason_.empty()) verdict.skipped.emplace_back(name_, reason_);
    else if (stats.numAssertsCurrentTest == 0) verdict.empty.push_back(name_);
    else verdict.passed++;
  }

  // also told of what a filter left out
  void test_case_skipped(const doctest::TestCaseData& test) override {
    if (test.m_skip) verdict.skipped.emplace_back(test.m_name, "its decorator says so");
  }

  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}

 private:
  std::string name_;
  std::string reason_;
};

REGISTER_LISTENER("verdict", 1, Listener);

}  // namespace

int print_verdict(int code) {
  for (const auto& [name, reason] : verdict.skipped) std::printf("skipped: %s: %s\n", name.c_str(), reason.c_str());
  for (const std::string& name : verdict.empty) std::printf("asserts nothing: %s\n", name.c_str());
  std::printf("%d passed, %zu failed, %zu skipped\n", verdict.passed, verdict.failed + verdict.empty.size(),
              verdict.skipped.size());
  return code == 0 && !verdict.empty.empty() ? 1 : code;
}

}  // namespace aa::test
