// SPDX-License-Identifier: MIT OR Apache-2.0
//
// For people: one line for one thing that happened, made to fit 80 columns where the names allow.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>

#include "base/numbers.hpp"
#include "base/path_text.hpp"
#include "event/kinds.hpp"
#include "output/columns.hpp"
#include "output/describe.hpp"
#include "output/missing_files.hpp"
#include "output/open_files.hpp"
#include "output/short_line.hpp"
#include "output/short_text.hpp"
#include "output/sink.hpp"
#include "output/told_reads.hpp"

namespace aa {
namespace {

constexpr std::size_t kSearchesMost = 4096;  // processes that look for a program at a time
constexpr unsigned kColumnsMost = 1000;

// A search for a program along PATH: what has failed so far.
struct Search {
  std::string name;   // the last component of what was tried
  std::string shown;  // that, or the path where one alone was tried
  std::string notes;  // of the last try
  int error = 0;
  std::uint32_t depth = 0;
  std::uint64_t time = 0;
};

bool may_go_on(int error) { return error == ENOENT || error == ENOTDIR || error == EACCES; }

class ShortSink : public Sink {
 public:
  ShortSink(TraceClock& clock, ShortStyle style) : clock_(clock), style_(std::move(style)) { look_at_terminal(); }

  void start(std::string&, const TraceStart&) override {}
  void end(std::string&, const TraceEnd&) override {}

  void event(std::string& out, const Event& event) override {
    if (files_.are_many() || missing_.are_many()) print_due(out, 0);
    // what it looked for in vain was before; an io line is about something that was opened earlier
    if (event.kind == AA_OPEN && !event.error) missing_.found(event.pid, base_name(event.file.path.bytes));
    if (event.kind != AA_IO && !may_be_search(event))
      missing_.take_all(event.pid, [&](const MissingFile& file) { print_missing(out, file); });
    switch (event.kind) {
      case AA_EXEC: exec(out, event); return;
      case AA_EXIT: exit(out, event); return;
      case AA_OPEN:
        if (!event.error) return open(out, event);
        break;
      case AA_IO: io(out, event); return;
      default: break;
    }
    if (event.error) failed(out, event);
    else deed(out, event);
  }

  void lost(std::string& out, std::uint64_t time, std::uint64_t count, std::string_view reason) override {
    std::string text;
    append_number(text, count);
    text.append(" lost: ").append(reason);
    print(out, {.time = time, .mark = Mark::kLost, .text = std::move(text)});
  }

  std::uint64_t flush_due(std::string& out, std::uint64_t now) override {
    look_at_terminal();
    std::uint64_t next = print_due(out, now);
    for (auto at = searches_.begin(); at != searches_.end();) {
      const std::uint64_t due = at->second.time + OpenFiles::kLongest;
      if (due > now) {
        next = next ? std::min(next, due) : due;
        ++at;
        continue;
      }
      print_search(out, at->first, at->second);
      at = searches_.erase(at);
    }
    return next;
  }

 private:
  void exec(std::string& out, const Event& event) {
    const std::string_view name = base_name(event.exec.filename.bytes);
    const auto search = searches_.find(event.pid);
    if (event.error && may_go_on(event.error) && !name.empty()) {
      if (search != searches_.end() && search->second.name != name) end_search(out, event.pid);
      if (searches_.size() >= kSearchesMost) end_search(out, searches_.begin()->first);
      Search& current = searches_[event.pid];
      const int error = current.error == EACCES ? EACCES : event.error;  // as execvp(3) tells it
      std::string shown;
      append_short_text(shown, style_, event.exec.filename);
      if (!current.name.empty() && shown != current.shown) {
        shown.clear();
        append_short_word(shown, name);
      }
      current = {std::string(name), std::move(shown), {}, error, event.depth, event.time};
      append_short_notes(current.notes, style_, event);
      return;
    }
    if (search != searches_.end()) {
      if (!event.error && search->second.name == name) searches_.erase(search);
      else end_search(out, event.pid);
    }
    if (event.error) return failed(out, event);
    std::string text;
    print(out, event, Mark::kRan, short_command(style_, event));
  }

  void exit(std::string& out, const Event& event) {
    end_search(out, event.pid);
    files_.take_all(event.pid, [&](const OpenFile& file) { print_file(out, file); });
    if (!event.process.signal && !event.process.code) return;
    std::string text;
    if (event.process.signal) text = signal_name(event.process.signal);
    else append_number(text, event.process.code);
    if (event.process.core_dumped) text += " (core dumped)";
    text.push_back(' ');
    append_short_word(text, event.comm);
    print(out, event, Mark::kEnded, std::move(text));
  }

  // A directory that is opened to be listed, or as a place alone, says nothing that people ask for.
  void open(std::string& out, const Event& event) {
    const bool is_place = event.file.flags & (O_DIRECTORY | O_PATH) && !event.file.created;
    if ((is_place || is_nowhere(event)) && event.alerts.empty()) return;
    OpenFile file = file_of(event);
    file.opened = true;
    const std::uint32_t access = event.file.flags & (O_ACCMODE | O_PATH);
    file.only_for_writing = access == O_WRONLY;
    file.only_for_reading = access == O_RDONLY && !event.file.flags_unreadable;
    file.made = event.file.created;
    // of one that is opened for reading too
    file.emptied = event.file.flags & O_TRUNC && !(event.file.flags & O_PATH);
    if (!event.file.fd || *event.file.fd & AA_FD_FIXED) return print_file(out, file);
    const OpenFiles::Key key{event.pid, *event.file.fd};
    if (const OpenFile* before = files_.find(key)) {
      if (before->written || before->read_bytes) print_file(out, files_.take(key));
      else files_.set_aside(key);
    }
    files_.add(key, std::move(file), event.time);
  }

  // What is written to the one has gone, and nothing comes from it, if it is the device; a shell opens the other one to
  // see if it is there.
  bool is_nowhere(const Event& event) const {
    if (event.kind == AA_IO) return event.file.path.bytes == "/dev/null" && style_.tells_devices;
    return event.file.path.bytes == "/dev/null" || event.file.path.bytes == "/dev/tty";
  }

  void io(std::string& out, const Event& event) {
    if (is_nowhere(event) && event.alerts.empty()) return;
    OpenFile file = file_of(event);
    if (!event.file.fd) return add_totals(file, event), print_file(out, file);
    const OpenFiles::Key key{event.pid, *event.file.fd};
    const aa_totals& totals = event.io.totals;
    const OpenFile* waiting = files_.find(key);
    if (waiting && !(waiting->is_same(file) && may_have(*waiting, totals))) {
      print_file(out, files_.take(key));
      waiting = nullptr;
    }
    // the end of what was told after a second
    if (!waiting && !totals.reads && !totals.writes) return;
    // a shell opens what it redirects, and moves it, or hands it on
    const auto fits = [&totals](const OpenFile& opened) { return may_have(opened, totals); };
    if (!waiting && !files_.move_here(key, event.pid, file, fits) && !files_.move_here(key, event.ppid, file, fits))
      files_.add(key, file, event.time);
    files_.change(key, [&](OpenFile& at) {
      if (at.notes.empty()) at.notes = std::move(file.notes);
      add_totals(at, event);
    });
    if (event.io.closed) print_file(out, files_.take(key));
  }

  // Can that have gone through it? Otherwise the number is of another open.
  static bool may_have(const OpenFile& file, const aa_totals& totals) {
    return !(file.only_for_writing && totals.reads) && !(file.only_for_reading && totals.writes);
  }

  static void add_totals(OpenFile& file, const Event& event) {
    file.read_bytes += event.io.totals.read_bytes;
    file.written_bytes += event.io.totals.written_bytes;
    file.written = file.written || event.io.totals.written_bytes;
    file.pid = event.pid;
    file.start = event.start;
    file.exec_id = event.exec_id;
    file.depth = event.depth;
    file.time = event.time;
  }

  OpenFile file_of(const Event& event) const {
    OpenFile file;
    append_short_text(file.path, style_, event.file.path);
    append_short_notes(file.notes, style_, event);
    file.id = event.file.id;
    file.has_whole_path = event.file.path.present() && !event.file.path.truncated;
    file.pid = event.pid;
    file.start = event.start;
    file.exec_id = event.exec_id;
    file.depth = event.depth;
    file.time = event.time;
    return file;
  }

  // Files that have waited long enough, or are too many. When the next one will have, or 0.
  std::uint64_t print_due(std::string& out, std::uint64_t now) {
    const std::uint64_t next = files_.take_due(now, [&](const OpenFile& file) { print_file(out, file); });
    const std::uint64_t then = missing_.take_due(now, [&](const MissingFile& file) { print_missing(out, file); });
    return next && then ? std::min(next, then) : next + then;
  }

  // What other descriptors changed of it, and is not told yet, was before.
  void print_file(std::string& out, const OpenFile& file) {
    files_.take_changed(file.path, [&](const OpenFile& before) { print_one(out, before); });
    print_one(out, file);
  }

  void tell_changes_of(std::string& out, const Text& path) {
    if (!path.present()) return;
    std::string shown;
    append_short_text(shown, style_, path);
    told_reads_.forget(shown);
    files_.take_changed(shown, [&](const OpenFile& before) { print_one(out, before); });
  }

  // Opened for writing alone, and nothing says that it was written to: pipes and devices, and what other ways than
  // read(2) and write(2) there are, have no io line.
  static bool is_in_doubt(const OpenFile& file) { return file.only_for_writing && file.opened && !file.is_changed(); }

  void forget_reads(const OpenFile& file) {
    told_reads_.forget(file.path);
    if (file.id) told_reads_.forget(*file.id);
  }

  // Read again, and nobody has changed it since.
  bool is_no_news(const OpenFile& file) {
    const bool is_news =
        told_reads_.is_news({{.pid = file.pid, .start = file.start}, file.exec_id}, file.path, file.id);
    return !is_news && file.opened && file.has_whole_path;
  }

  void print_one(std::string& out, const OpenFile& file) {
    const bool in_doubt = is_in_doubt(file), changed = file.is_changed() || in_doubt;
    if (changed) forget_reads(file);
    else if ((style_.only_changes || is_no_news(file)) && file.notes.empty()) return;
    const Mark mark = file.made ? Mark::kMade : changed ? Mark::kChanged : Mark::kRead;
    std::string size;
    if (file.written || (file.emptied && !file.made)) append_size(size, file.written_bytes);
    else if (file.read_bytes) append_size(size, file.read_bytes);
    print(out, {.time = file.time,
                .pid = file.pid,
                .depth = file.depth,
                .mark = mark,
                .text = file.path,
                .after = in_doubt ? " (opened for writing)" : "",
                .size = std::move(size),
                .notes = file.notes});
  }

  void end_search(std::string& out, std::uint32_t pid) {
    if (const auto search = searches_.extract(pid)) print_search(out, pid, search.mapped());
  }

  void print_search(std::string& out, std::uint32_t pid, const Search& search) {
    std::string text = "exec " + search.shown;
    text.append("  ").append(error_name(search.error));
    print(out, {.time = search.time,
                .pid = pid,
                .depth = search.depth,
                .mark = Mark::kFailed,
                .text = std::move(text),
                .notes = search.notes});
  }

  void print_missing(std::string& out, const MissingFile& file) {
    std::string after("  ");
    after.append(error_name(file.error));
    if (file.places > 1) after.append(" (").append(std::to_string(file.places)).append(" places)");
    tell_failure(out, {.time = file.time,
                       .pid = file.pid,
                       .depth = file.depth,
                       .mark = Mark::kFailed,
                       .text = file.path,
                       .before = "open ",
                       .after = std::move(after),
                       .notes = file.notes});
  }

  // It may be found elsewhere.
  static bool may_be_search(const Event& event) {
    return event.kind == AA_OPEN && (event.error == ENOENT || event.error == ENOTDIR) &&
           !(event.file.flags & O_CREAT) && event.file.path.present() && event.alerts.empty();
  }

  // What is there already needs not be made (mkdir -p), what is not there needs not be removed (rm -f).
  static bool is_expected(const Event& event) {
    return (event.kind == AA_MKDIR && event.error == EEXIST) || (event.kind == AA_UNLINK && event.error == ENOENT);
  }

  void missing(const Event& event) {
    MissingFile file{.error = event.error, .pid = event.pid, .depth = event.depth, .time = event.time};
    append_short_text(file.path, style_, event.file.path);
    append_short_notes(file.notes, style_, event);
    missing_.add(base_name(event.file.path.bytes), std::move(file));
  }

  // Who asks again and again is told once.
  void tell_failure(std::string& out, ShortLine line) {
    std::string what = std::to_string(line.pid) + line.before + line.text + line.after;
    if (line.notes.empty() && what == last_failure_) return;
    last_failure_ = std::move(what);
    print(out, std::move(line));
  }

  void failed(std::string& out, const Event& event) {
    const Text& path = event.kind == AA_EXEC ? event.exec.filename : event.file.path;
    if (may_be_search(event)) return missing(event);
    if (is_expected(event) && !style_.all_failures && event.alerts.empty()) return;
    std::string text(event_name(event.kind));
    text.push_back(' ');
    append_short_text(text, style_, path);
    append_second(text, style_, event);
    text.append("  ").append(error_name(event.error));
    tell_failure(out, line_of(event, Mark::kFailed, std::move(text)));
  }

  void print(std::string& out, const Event& event, Mark mark, std::string text, std::string size = {}) {
    print(out, line_of(event, mark, std::move(text), std::move(size)));
  }

  // What succeeded and is no open, io, exec or exit.
  void deed(std::string& out, const Event& event) {
    tell_changes_of(out, event.file.path);
    tell_changes_of(out, event.file.new_path);
    if (event.file.id) told_reads_.forget(*event.file.id);
    ShortDeed deed = short_deed(style_, event);
    // it was opened for this, as touch(1) does
    if (deed.mark == Mark::kAttributes || deed.mark == Mark::kChanged)
      files_.take_untouched(event.pid, file_of(event), is_in_doubt);
    print(out, event, deed.mark, std::move(deed.text), std::move(deed.size));
  }

  ShortLine line_of(const Event& event, Mark mark, std::string text, std::string size = {}) const {
    ShortLine line{.time = event.time,
                   .pid = event.pid,
                   .depth = event.depth,
                   .mark = mark,
                   .text = std::move(text),
                   .size = std::move(size)};
    append_short_notes(line.notes, style_, event);
    return line;
  }

  void print(std::string& out, ShortLine line) { append_line(out, clock_, style_, columns_, std::move(line)); }

  // Between two batches of lines: its window may change at any time. Whoever shares the terminal may say what they like
  // of its size.
  void look_at_terminal() { columns_ = std::min(style_.columns ? style_.columns() : 0, kColumnsMost); }

  TraceClock& clock_;
  ShortStyle style_;
  unsigned columns_ = 0;
  OpenFiles files_;
  MissingFiles missing_;
  ToldReads told_reads_;
  std::map<std::uint32_t, Search> searches_;  // by pid
  std::string last_failure_;
};

}  // namespace

std::unique_ptr<Sink> make_short_sink(TraceClock& clock, ShortStyle style) {
  return std::make_unique<ShortSink>(clock, std::move(style));
}

}  // namespace aa
