#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "run.hpp"

int main(int argc, char** argv) {
  using namespace aa::test;
  if (geteuid() != 0) {
    std::fprintf(stderr, "the command line tests trace real processes and need root\n");
    return 1;
  }
  if (access(program().c_str(), X_OK) != 0) {
    std::fprintf(stderr, "no aa-trace at %s: build it first or set AA_TRACE\n", program().c_str());
    return 1;
  }
  // What a test leaves behind comes back to us instead of living on under init.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::signal(SIGPIPE, SIG_IGN);
  const int result = doctest::Context(argc, argv).run();
  if (const int left = end_orphans()) std::fprintf(stderr, "note: ended %d left-over processes\n", left);
  return result;
}
