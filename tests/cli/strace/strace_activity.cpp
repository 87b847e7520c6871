// SPDX-License-Identifier: MIT OR Apache-2.0
//
// From strace's system calls to operations on files.
#include <algorithm>
#include <iomanip>
#include <limits>
#include <sstream>

#include "cli/strace/file_activity.hpp"
#include "cli/strace/file_calls.hpp"
#include "cli/strace/strace_threads.hpp"
#include "cli/words.hpp"

namespace aa::test {
namespace {

using Kind = CallResult::Kind;

std::string octal(std::int64_t number) {
  std::ostringstream out;
  out << "0" << std::oct << std::setfill('0') << std::setw(3) << number;
  return out.str();
}

std::string sorted_flags(std::string_view text) {
  auto list = words(text, '|');
  std::replace(list.begin(), list.end(), std::string("FASYNC"), std::string("O_ASYNC"));
  return text == "0" ? "" : sorted(std::move(list), '|');
}

// "[784] => [1616]": where the call began
std::string_view pointed_at(std::string_view text) {
  return text.starts_with('[') ? text.substr(1, text.find(']') - 1) : std::string_view{};
}

// What went through descriptors. A path is that of the first use: aa-trace, too, looks only then.
class Streams {
 public:
  void add(int pid, unsigned fd, const std::string& path, bool written, std::int64_t bytes) {
    Totals& t = totals_[{pid, fd, paths_.try_emplace({pid, fd}, path).first->second}];
    (written ? t.writes : t.reads)++;
    (written ? t.written_bytes : t.read_bytes) += static_cast<std::uint64_t>(bytes);
  }
  void close(int pid, unsigned first, unsigned last) {
    paths_.erase(paths_.lower_bound({pid, first}), paths_.upper_bound({pid, last}));
  }
  std::map<Stream, Totals> take() { return std::move(totals_); }

 private:
  std::map<std::pair<int, unsigned>, std::string> paths_;
  std::map<Stream, Totals> totals_;
};

// One call, as one row of the table has it.
class Reading {
 public:
  Reading(const Call& call, const CallResult& result, const FileCall& row, const StraceThreads& threads)
      : call_(call), result_(result), row_(row), threads_(threads), words_(words(row.arguments, ' ')) {
    operation_.event = row.event;
    operation_.keys = row.constants;
  }

  // Nothing: aa-trace does not report it.
  std::optional<Operation> take() {
    if (result_.kind == Kind::kError) keys()["error"] = result_.error;
    operation_.perhaps = result_.kind == Kind::kUnknown;
    for (size_t i = 0; i < words_.size(); i++)
      if (words_[i] != "-") take_argument(words_[i], static_cast<int>(i));
    if (!unreadable_.empty()) keys()["unreadable"] = sorted(unreadable_, ',');
    const std::string event = row_.event;
    if (event == "open") finish_open();
    if ((event == "read" || event == "write") && result_.kind == Kind::kValue)
      keys()["bytes"] = std::to_string(result_.value);
    if (event == "unlink" && has_word(call_.argument(2), "AT_REMOVEDIR")) operation_.event = "rmdir";
    if (event == "mmap" && !is_shared_writable()) return std::nullopt;
    if (event == "close" && !finish_close()) return std::nullopt;
    return std::move(operation_);
  }

 private:
  std::map<std::string, std::string>& keys() { return operation_.keys; }
  bool is(const char* event) const { return row_.event == std::string(event); }

  void take_argument(const std::string& word, int index) {
    const auto text = call_.argument(index);
    if (word == "dir" || word == "new_dir") return;
    if (word == "path" || word == "new_path") return take_name(word, index);
    if (word == "fd") return take_descriptor(text);
    if (word == "how") return take_how(text);
    take_value(word.starts_with('*') ? word.substr(1) : word, word.starts_with('*') ? pointed_at(text) : text);
  }

  void take_value(const std::string& key, std::string_view text) {
    if (key == "target" || key == "name") {
      if (const auto string = string_of(text)) keys()[key] = *string;
      else unreadable_.push_back(key);
      return;
    }
    if (key == "flags") {
      if (const auto flags = sorted_flags(text); !flags.empty()) keys()[key] = flags;
      return;
    }
    const bool absent_if_minus_one = key == "new_uid" || key == "new_gid" || key == "offset";
    const auto number = number_of(text);
    if (number && !(*number == -1 && absent_if_minus_one))
      keys()[key] = key == "mode" ? octal(*number) : std::to_string(*number);
  }

  // Without the flags nobody knows whether the mode counts. strace does not look there either if the size is wrong.
  void take_how(std::string_view text) {
    if (result_.error == "EFAULT") return unreadable_.push_back("flags");
    if (!text.starts_with('{')) return operation_.unknown.insert({"flags", "mode"});
    for (const char* key : {"flags", "mode"}) take_value(key, field_of(text, key));
  }

  void take_descriptor(std::string_view text) {
    const auto d = descriptor_of(text);
    if (d.number != "-1") keys()["fd"] = d.number;
    if (d.path) keys()["path"] = *d.path;
  }

  void take_name(const std::string& path_key, int index) {
    const auto name = string_of(call_.argument(index));
    const bool relative_to_argument = index > 0 && words_[static_cast<size_t>(index) - 1].ends_with("dir");
    const auto d = relative_to_argument ? descriptor_of(call_.argument(index - 1)) : Descriptor{"AT_FDCWD", {}};
    const bool current = d.number == "AT_FDCWD";
    const auto base = current ? std::optional(threads_.cwd(call_.tid)) : d.path;
    if (is("utime") && call_.argument(index) == "NULL" && !current) return take_descriptor(call_.argument(index - 1));
    if (result_.kind == Kind::kError || name != "") keys()["lexical"] = "true";
    std::optional<std::string> path;
    if (name && (base || name->starts_with('/'))) path = threads_.absolute(call_.tid, base.value_or("/"), *name);
    if (path) keys()[path_key] = *path;
    else unreadable_.push_back(path_key);
    if (name && name != path) keys()[path_key == "new_path" ? "new_name" : is("xattr") ? "filename" : "name"] = *name;
  }

  void finish_open() {
    const std::string flags = keys()["flags"];
    const bool creates = has_word(flags, "O_CREAT"), temporary = has_word(flags, "O_TMPFILE");
    if (flags.empty()) keys().erase("flags");
    if (!creates && !temporary) keys().erase("mode");
    if (result_.kind != Kind::kValue) return;
    if (temporary || (creates && has_word(flags, "O_EXCL"))) keys()["created"] = "true";
    else if (creates) operation_.unknown.insert("created");
    const auto opened = descriptor_of(call_.result);
    const bool named = keys().contains("path");
    const std::string name = keys().contains("name") ? keys()["name"] : keys()["path"];
    for (const char* key : {"lexical", "name", "path"}) keys().erase(key);
    keys()["fd"] = opened.number;
    if (opened.path) keys()["path"] = *opened.path;
    else operation_.unknown.insert({"path", "name", "lexical"});
    if (named && opened.path != name) keys()["name"] = name;
  }

  bool is_shared_writable() const {
    const auto flags = call_.argument(3);
    return result_.kind == Kind::kValue && has_word(call_.argument(2), "PROT_WRITE") &&
           !has_word(flags, "MAP_ANONYMOUS") &&
           (has_word(flags, "MAP_SHARED") || has_word(flags, "MAP_SHARED_VALIDATE"));
  }

  // Only of what was open. dup2 and dup3 close the second descriptor, if the first is another one.
  bool finish_close() {
    keys().erase("error");
    if (!keys().contains("path") || call_.name == "close") return keys().contains("path");
    const auto old = descriptor_of(call_.argument(0));
    return old.path && old.number != keys()["fd"];
  }

  const Call& call_;
  const CallResult& result_;
  const FileCall& row_;
  const StraceThreads& threads_;
  const std::vector<std::string> words_;
  Operation operation_;
  std::vector<std::string> unreadable_;
};

bool is_interrupted(const Operation& o) { return o.perhaps && o.keys.contains("error"); }

class Reader {
 public:
  Reader(int first, const std::string& cwd) : threads_(first, cwd) { activity_.first = first; }

  Activity take(const StraceCalls& calls) {
    for (const auto& line : calls.not_understood) activity_.faults.push_back("not understood: " + line);
    for (const auto& call : calls.calls) take_call(call);
    activity_.killed = calls.killed;
    activity_.process_of = threads_.processes();
    for (const auto& [tid, pid] : activity_.process_of) activity_.threads[tid];
    activity_.totals = streams_.take();
    return std::move(activity_);
  }

 private:
  void take_call(const Call& call) {
    const auto result = result_of(call.result);
    if (!result || !threads_.knows(call.tid)) {
      activity_.faults.push_back("of no known thread: " + std::to_string(call.tid) + " " + call.name + " = " +
                                 call.result);
      return;
    }
    threads_.take(call, *result);
    if (call.name == "rt_sigreturn") return settle(call.tid, *result);
    if (result->kind == Kind::kValue) take_closes(call);
    const bool interrupted = result->kind == Kind::kRestarts;
    const CallResult seen = interrupted ? CallResult{Kind::kError, 0, "EINTR"} : *result;
    for (const auto& row : file_calls()) {
      if (call.name != row.call) continue;
      auto o = Reading(call, seen, row, threads_).take();
      if (!o) continue;
      o->perhaps |= interrupted;
      keep(call.tid, std::move(*o), result->value);
    }
  }

  // A handler returns to the call that its signal interrupted: does that fail, or begin again?
  void settle(int tid, const CallResult& result) {
    auto& operations = activity_.threads[tid];
    const auto interrupted = std::find_if(operations.rbegin(), operations.rend(), is_interrupted);
    if (interrupted == operations.rend()) return;
    if (result.error == "EINTR") interrupted->perhaps = false;
    else operations.erase(std::next(interrupted).base());
  }

  // Not those that are operations themselves. An exec closes some that strace does not tell.
  void take_closes(const Call& call) {
    const int pid = threads_.processes().at(call.tid);
    if (call.name.starts_with("execve")) streams_.close(pid, 0, std::numeric_limits<unsigned>::max());
    if (call.name != "close_range" || has_word(call.argument(2), "CLOSE_RANGE_CLOEXEC")) return;
    const auto edge = [&](int i) { return static_cast<unsigned>(number_of(call.argument(i)).value_or(0)); };
    Operation o;
    o.event = "close";
    o.closed_range = {edge(0), edge(1)};
    streams_.close(pid, edge(0), edge(1));
    activity_.threads[call.tid].push_back(std::move(o));
  }

  void keep(int tid, Operation o, std::int64_t bytes) {
    const int pid = threads_.processes().at(tid);
    const unsigned fd = o.keys.contains("fd") ? static_cast<unsigned>(std::stoul(o.keys["fd"])) : 0;
    if (o.keys.contains("bytes")) streams_.add(pid, fd, o.keys["path"], o.event == "write", bytes);
    if (o.event == "close") streams_.close(pid, fd, fd);
    activity_.threads[tid].push_back(std::move(o));
  }

  Activity activity_;
  StraceThreads threads_;
  Streams streams_;
};

}  // namespace

Activity activity_of(const StraceCalls& calls, const std::string& cwd) {
  return Reader(calls.calls.empty() ? 0 : calls.calls.front().tid, cwd).take(calls);
}

}  // namespace aa::test
