// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "kernel/child.hpp"
#include "kernel/event.hpp"
#include "kernel/workload.hpp"

#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace aa::test {

// What one run of aa-trace said.
struct Report {
  int code = -1;
  std::optional<Event> start;
  std::optional<Event> end;
  std::vector<Event> events;  // all between, `lost` included
  std::string errors;         // stderr
  std::string text;           // the output as it is
  Truth truth;                // what the workload said

  std::vector<Event> of(const std::string& kind) const;
  std::vector<Event> of(const std::string& kind, long long pid) const;
  // The one event of this kind and process; the test fails where it is not exactly one.
  Event only(const std::string& kind, long long pid) const;
  long long lost() const;
  // False: this machine or kernel does not have what the workload is about, which is printed.
  bool is_supported() const;
};

// The program under test (AA_TRACE), and the options that each run has (AA_TRACE_OPTIONS: words).
std::vector<std::string> aa_trace_command();
// The file alone.
std::string aa_trace_path();

// A run of aa-trace, with its output in a file.
class Trace {
 public:
  enum class Format { kJson, kText };

  // `program`: aa-trace, where it is not just aa_trace_command(): perhaps behind the words of one that runs it.
  Trace(const TempDir& directory, const std::vector<std::string>& arguments, Format format = Format::kJson,
        const std::vector<std::string>& program = {});

  pid_t pid() const { return child_.pid(); }
  // Until the `start` line is there: everything is attached then.
  Event await_start();
  // Until this event is there. `wanted` is asked once about each, from the first on.
  void await_event(const std::function<bool(const Event&)>& wanted);
  void interrupt() const;
  // What is on its stderr by now.
  std::string errors() const { return child_.err(); }
  // Waits for its own end; checks what holds for every JSON stream.
  Report finish();

 private:
  // Takes one more, if it is there.
  bool read_event();

  Format format_;
  std::string output_;
  Child child_;
  std::ifstream lines_;
  std::streamoff read_ = 0;  // so much of the output is in events_
  std::vector<Event> events_;
};

// aa-trace OPTIONS --as-root -- WORKLOAD ARGUMENTS, to its end.
Report trace_command(const TempDir& directory, const std::vector<std::string>& options, const std::string& workload,
                     const std::vector<std::string>& arguments = {}, Trace::Format format = Trace::Format::kJson);

// A workload that waits for its go, traced with --pid from before that to its end.
Report trace_attached(const TempDir& directory, const std::vector<std::string>& options, const std::string& workload,
                      const std::vector<std::string>& arguments = {});

}  // namespace aa::test
