// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cstdio>

#include "base/log.hpp"
#include "base/standard_descriptors.hpp"
#include "check.hpp"
#include "options.hpp"
#include "run.hpp"

int main(int argc, char** argv) {
  if (const aa::Status status = aa::open_standard_descriptors(); !status) {
    aa::Log(0).error(status.error().message);
    return static_cast<int>(status.error().exit_code);
  }
  const auto options = aa::parse_options(argc, argv);
  if (!options) {
    aa::Log(0).error(options.error().message);
    return static_cast<int>(options.error().exit_code);
  }
  if (options->print) {
    std::fputs(options->print->c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : 1;
  }
  aa::Log log(options->verbosity);
  if (options->check) {
    const aa::CheckReport report = aa::check(*options, log);
    std::fputs(report.text.c_str(), stdout);
    return report.all_works ? 0 : 1;
  }
  if (options->targets.empty()) {
    std::fprintf(stderr, "%s\n", aa::kUsage);
    return static_cast<int>(aa::ExitCode::kUsage);
  }
  return aa::run_trace(*options, log);
}
