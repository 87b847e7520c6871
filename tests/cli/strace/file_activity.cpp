// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/strace/file_activity.hpp"

#include <algorithm>
#include <sstream>

#include "cli/words.hpp"

namespace aa::test {
namespace {

constexpr size_t kShown = 6;  // operations of each side at a difference

std::string decoded(std::string_view base64) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0, held = 0;
  for (const char c : base64) {
    const auto value = kDigits.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xff);
  }
  return bytes;
}

std::string value_text(const Json& event, const std::string& key) {
  const Json& value = event.at(key);
  // as strace's log is read: with the mark behind what has no name any more
  if (key == "path" && event.contains("deleted")) {
    Json without = event;
    without.erase("deleted");
    const std::string path = value_text(without, key);
    // of a name in a directory it is the directory that is gone
    const std::string name = event.contains("lexical") && event.contains("name") ? "/" + text_of(event, "name") : "";
    if (name.empty() || !path.ends_with(name)) return path + " (deleted)";
    return path.substr(0, path.size() - name.size()) + " (deleted)" + name;
  }
  if (event.contains(key + "_raw")) return decoded(text_of(event, key + "_raw"));
  if (key == "flags") return sorted(words(value.get<std::string>(), '|'), '|');
  if (key == "unreadable") return sorted(value.get<std::vector<std::string>>(), ',');
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// `unverified`: a process that is traced could have been answered by its tracer.
Operation operation_of(const Json& event) {
  static const std::set<std::string> common{"v",     "time", "elapsed",     "event",   "pid",       "tid",
                                            "ppid",  "uid",  "gid",         "comm",    "proc",      "dev",
                                            "inode", "exe",  "exe_deleted", "deleted", "unverified"};
  Operation o;
  o.event = text_of(event, "event");
  for (const auto& [key, value] : event.items())
    if (!common.contains(key) && !key.ends_with("_raw")) o.keys[key] = value_text(event, key);
  return o;
}

void add_totals(const Json& event, Activity& activity) {
  const auto path = event.contains("path") ? value_text(event, "path") : "(no path)";
  Totals& t = activity.totals[{event.at("pid"), event.at("fd"), path}];
  t.reads += event.at("reads").get<std::uint64_t>();
  t.read_bytes += event.at("read_bytes").get<std::uint64_t>();
  t.writes += event.at("writes").get<std::uint64_t>();
  t.written_bytes += event.at("written_bytes").get<std::uint64_t>();
}

bool is_same(const Operation& strace, const Operation& trace) {
  if (strace.event != trace.event) return false;
  auto s = strace.keys, t = trace.keys;
  for (const auto& key : strace.unknown) {
    s.erase(key);
    t.erase(key);
  }
  return s == t;
}

bool closes_in(const std::pair<unsigned, unsigned>& range, const Operation& o) {
  if (o.event != "close" || !o.keys.contains("fd")) return false;
  const auto fd = std::stoul(o.keys.at("fd"));
  return fd >= range.first && fd <= range.second;
}

// Goes through what both tell of one thread.
class Thread {
 public:
  Thread(const std::vector<Operation>& strace, const std::vector<Operation>& trace, bool killed, Comparison& result)
      : strace_(strace), trace_(trace), killed_(killed), result_(result) {}

  // Empty: no difference.
  std::string compare() {
    for (; s_ < strace_.size(); s_++)
      if (!step(strace_[s_])) return report();
    if (killed_ && is_skipped_call()) {
      result_.excused["killed"]++;
      t_++;
    }
    return t_ < trace_.size() ? report() : "";
  }

 private:
  // The one that the thread did not come to make.
  bool is_skipped_call() const {
    const auto* last = t_ + 1 == trace_.size() ? next() : nullptr;
    return last && last->keys.contains("error") && last->keys.at("error") == "ENOSYS";
  }

  const Operation* next() const { return t_ < trace_.size() ? &trace_[t_] : nullptr; }

  bool step(const Operation& s) {
    if (s.closed_range) {
      for (; next() && closes_in(*s.closed_range, *next()); t_++) result_.excused["close_range"]++;
    } else if (s.perhaps) {
      result_.excused["killed"]++;
      t_ += next() && next()->event == s.event && (!s.keys.contains("error") || is_same(s, *next()));
    } else {
      if (!next() || !is_same(s, *next())) return false;
      result_.alike[s.event]++;
      t_++;
    }
    return true;
  }

  std::string report() const {
    std::string text = "after " + std::to_string(s_) + " of " + std::to_string(strace_.size()) + " operations";
    for (size_t i = s_; i < std::min(s_ + kShown, strace_.size()); i++) text += "\n  strace    " + to_text(strace_[i]);
    for (size_t i = t_; i < std::min(t_ + kShown, trace_.size()); i++) text += "\n  aa-trace  " + to_text(trace_[i]);
    return text;
  }

  const std::vector<Operation>&strace_, &trace_;
  const bool killed_;
  Comparison& result_;
  size_t s_ = 0, t_ = 0;
};

std::string to_text(const Totals* totals) {
  if (!totals) return "nothing";
  std::ostringstream out;
  out << totals->reads << " reads of " << totals->read_bytes << " bytes, " << totals->writes << " writes of "
      << totals->written_bytes;
  return out.str();
}

// A transfer during which its thread was killed: what went through the descriptor is not known.
bool is_known(const Activity& strace, const Stream& stream) {
  const auto& [pid, fd, path] = stream;
  for (const auto& [tid, operations] : strace.threads) {
    if (strace.process_of.at(tid) != pid || operations.empty() || !operations.back().perhaps) continue;
    const auto found = operations.back().keys.find("fd");
    if (found != operations.back().keys.end() && found->second == std::to_string(fd)) return false;
  }
  return true;
}

void compare_totals(const Activity& strace, const Activity& trace, Comparison& result) {
  std::set<Stream> streams;
  for (const Activity* side : {&strace, &trace})
    for (const auto& [stream, totals] : side->totals) streams.insert(stream);
  const auto find = [](const Activity& side, const Stream& stream) {
    const auto found = side.totals.find(stream);
    return found == side.totals.end() ? nullptr : &found->second;
  };
  for (const auto& stream : streams) {
    const Totals *s = find(strace, stream), *t = find(trace, stream);
    const auto& [pid, fd, path] = stream;
    if (s && t && *s == *t) result.streams++;
    else if (!is_known(strace, stream)) result.excused["killed"]++;
    else
      result.differences.push_back("io of " + std::to_string(pid) + " through " + std::to_string(fd) + " on " + path +
                                   ": strace " + to_text(s) + ", aa-trace " + to_text(t));
  }
}

}  // namespace

std::string to_text(const Operation& operation) {
  std::string text = operation.event;
  for (const auto& [key, value] : operation.keys)
    text += " " + key + "=" + Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
  return text + (operation.perhaps ? " (perhaps)" : "") + (operation.closed_range ? " (a range)" : "");
}

size_t sum(const std::map<std::string, size_t>& counts) {
  size_t all = 0;
  for (const auto& [name, count] : counts) all += count;
  return all;
}

Activity activity_of(const Events& events, const Activity& strace) {
  static const std::set<std::string> others{"exec", "exit", "fork"};
  Activity activity;
  bool begun = false;  // the job is being executed
  for (const auto& event : events) {
    const std::string name = text_of(event, "event");
    if (name == "lost") activity.faults.push_back(event.dump());
    const int tid = event.value("tid", 0);
    if (!strace.threads.contains(tid)) continue;
    begun = begun || (name == "exec" && tid == strace.first && !event.contains("error"));
    if (!begun || others.contains(name)) continue;
    if (event.at("pid") != strace.process_of.at(tid)) activity.faults.push_back("of another process: " + event.dump());
    if (name == "io") add_totals(event, activity);
    else activity.threads[tid].push_back(operation_of(event));
  }
  return activity;
}

Comparison compare(const Activity& strace, const Activity& trace) {
  static const std::vector<Operation> none;
  Comparison result;
  for (const Activity* side : {&strace, &trace})
    result.differences.insert(result.differences.end(), side->faults.begin(), side->faults.end());
  for (const auto& [tid, operations] : strace.threads) {
    const auto found = trace.threads.find(tid);
    const auto& told = found == trace.threads.end() ? none : found->second;
    const auto text = Thread(operations, told, strace.killed.contains(tid), result).compare();
    if (!text.empty()) result.differences.push_back("thread " + std::to_string(tid) + " " + text);
  }
  compare_totals(strace, trace, result);
  return result;
}

}  // namespace aa::test
