// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Real programs under strace, and strace under aa-trace: both see the same calls of the same threads, and for each
// thread have to tell the same operations on files, in the same order. The tracepoint at the end of a system call and
// strace's stop there follow each other without the program running in between, so that nothing depends on chance,
// and strace's own calls are those of threads that its log does not have.
//
// Where the two differ, and why:
// - A call that a signal interrupts (ERESTARTSYS, ...) is in strace's log each time, in aa-trace's events when it has
//   ended: restarted, or with EINTR. Which of them shows in the result of the handler's rt_sigreturn.
// - A call during which its thread was killed has the result "?": aa-trace may have seen its end or not. Where the
//   thread was killed in strace's stop before the call, the kernel skips the call: the tracepoint says ENOSYS, and
//   strace nothing. (Both "killed".)
// - close_range closes what is open in a range; strace does not tell what that was ("close_range").
// - Only of O_CREAT|O_EXCL and O_TMPFILE does strace's log say that the open made the file.
// - strace shows no struct open_how whose size is wrong. The kernel does not look at it either.
// - A descriptor that another thread has closed when strace looks has no path there.
// - `io` has the path that a descriptor had at its first use, so for a file that is renamed or removed while it is in
//   use strace's first one counts.
// - The first process is a child of strace before it executes the job: strace leaves that out, and so does this.
// - /memfd:x (deleted) and anon_inode:[x] have aa-trace's documented names, memfd:x and anon:[x].
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace aa::test {

struct Job {
  std::vector<std::string> command;
  size_t at_least;     // operations
  const char* events;  // each of which must be among them
  const char* setup = "";
  enum class Selection { kAll, kDefault } selection = Selection::kAll;  // what aa-trace is asked for
};

// Runs it in a new directory, and fails the running test at each difference.
void check_job(const Job& job);

std::vector<std::string> bash(const char* script);

}  // namespace aa::test
