// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The decoder against bytes that no kernel side wrote.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <random>

#include "event/decode.hpp"
#include "event/descriptors.hpp"
#include "event/process_tree.hpp"
#include "event/uring_pairs.hpp"
#include "unit/emulated.hpp"
#include "unit/event/records.hpp"
#include "unit/output/lines.hpp"
#include "unit/reference.hpp"

namespace aa::test {
namespace {

const int kMutations = is_emulated() ? 10'000 : 100'000;

// Opens the decoder's own strings to the test: an explicit instantiation may name private members.
template <std::string Decoder::*kMember, int kNumber>
struct Opened {
  friend const std::string& opened(const Decoder& decoder, std::integral_constant<int, kNumber>) {
    return decoder.*kMember;
  }
};
const std::string& opened(const Decoder&, std::integral_constant<int, 0>);
const std::string& opened(const Decoder&, std::integral_constant<int, 1>);
const std::string& opened(const Decoder&, std::integral_constant<int, 2>);
const std::string& opened(const Decoder&, std::integral_constant<int, 3>);
const std::string& opened(const Decoder&, std::integral_constant<int, 4>);
template struct Opened<&Decoder::cwd_, 0>;
template struct Opened<&Decoder::exe_, 1>;
template struct Opened<&Decoder::script_, 2>;
template struct Opened<&Decoder::path_, 3>;
template struct Opened<&Decoder::new_path_, 4>;

bool within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

template <int kNumber>
bool within_own(const Text& text, const Decoder& decoder) {
  return within(text.bytes, opened(decoder, std::integral_constant<int, kNumber>{}));
}

// Does every string lie in the record, or in the decoder's memory for it?
bool points_home(const Event& event, std::span<const std::byte> record, const Decoder& decoder) {
  const std::string_view whole(reinterpret_cast<const char*>(record.data()), record.size());
  for (const Text* text : {&event.exec.filename, &event.file.name, &event.file.new_name, &event.file.text})
    if (!within(text->bytes, whole)) return false;
  for (const std::string_view argument : event.exec.argv.arguments)
    if (!within(argument, whole)) return false;
  return within(event.comm, whole) && within_own<0>(event.exec.cwd, decoder) && within_own<1>(event.exe, decoder) &&
         within_own<2>(event.exec.script, decoder) && within_own<3>(event.file.path, decoder) &&
         within_own<4>(event.file.new_path, decoder);
}

bool has_bytes_only_if_present(const Event& event) {
  for (const Text* text : {&event.exe, &event.exec.script, &event.exec.filename, &event.exec.cwd, &event.file.path,
                           &event.file.new_path, &event.file.name, &event.file.new_name, &event.file.text})
    if (!text->present() && !text->bytes.empty()) return false;
  return true;
}

// What must hold for whatever came out of the decoder. No CHECK inside: it would cost more than all the rest.
const char* fault(const Event& event, std::span<const std::byte> record, const Decoder& decoder) {
  if (!points_home(event, record, decoder)) return "a string lies outside";
  if (!has_bytes_only_if_present(event)) return "a string that is not there has bytes";
  if (event.error < 0 || event.error > 4095) return "error";
  const bool is_note = event.kind == AA_JOIN || event.kind == AA_DESCRIPTOR || event.kind == AA_TABLE;
  if (event.kind <= 0 || (event.kind >= AA_KINDS && !is_note)) return "kind";
  if (!is_clean_line(text_line(event))) return "text line";
  const std::string json = json_line(event);
  if (!is_clean_line(json)) return "JSON line";
  return parse_line(json) ? nullptr : "JSON";
}

std::vector<Bytes> process_samples() {
  using namespace std::string_view_literals;
  ExecRecord script = ExecRecord().filename("/dev/fd/5/run.sh").argv("\xff\0\0x\x1b\0"sv).cwd("/a/b");
  script.exe("/bin/sh").base("/c").flags(AA_SCRIPT | AA_GENERATED);
  return {with_size(some_fork()),
          with_size(some_fork(AA_JOIN)),
          with_size(some_exit(0x8B)),
          with_size(some_exit(3 << 8)),
          some_exec().bytes(),
          some_exec().error(-2).bytes(),
          some_exec().cut(AA_EXEC_ARGV).unreadable(AA_EXEC_CWD).bytes(),
          script.bytes(),
          ExecRecord().detached_exe("memfd:x", S_IFREG, 5).argv("a\0"sv).bytes(),
          some_exec().flags(AA_UNASKED).bytes()};
}

std::vector<Bytes> file_samples() {
  FileRecord open = FileRecord(AA_OPEN).path("/home/me/\xff").name("../me/\xff").fd(3).mark(AA_FILE_CREATED);
  open.fixed.flags = 0101;
  FileRecord rename = FileRecord(AA_RENAME).directory("/jail/a").name("../../x").root("/jail").error(-18);
  rename.new_directory("/jail/b").new_name("/./y\x1b[2J").cut(AA_FILE_NEW_NAME);
  FileRecord deleted = FileRecord(AA_LINK).path("/a/b").name("").new_path("/c").new_name("c").flags(AA_COMPAT);
  deleted.fixed.path.flags = AA_PATH_DELETED;
  return {open.bytes(),
          rename.bytes(),
          deleted.bytes(),
          FileRecord(AA_SYMLINK).text("to\n").directory("/d").name("f").bytes(),
          FileRecord(AA_XATTR).text("user.x").path("/f").unreadable(AA_FILE_NAME).mark(AA_FILE_REMOVED).bytes(),
          FileRecord(AA_UNLINK).directory("/long").name("f").cut(AA_FILE_PATH).unreadable(AA_FILE_TEXT).bytes(),
          FileRecord(AA_WRITE).detached_path("[eventfd]", 0600, 7).fd(4).size(8).offset(9).bytes(),
          FileRecord(AA_DESCRIPTOR).flags(AA_UNASKED).fd(7).size(4'700'000'007).path("/f").bytes(),
          with_size(some_io()),
          with_size(some_io(AA_IO_LATE))};
}

// The second of each pair completes the first.
std::vector<Bytes> request_samples() {
  return {some_request(AA_OPEN, 1).directory("/d").name("f").bytes(),
          some_result(1).fd(3).path("/real/f").mark(AA_FILE_CREATED).bytes(),
          some_request(AA_RENAME, 2).directory("/d").name("a").new_directory("/e").new_name("b").bytes(),
          some_result(2).error(-2).unreadable(AA_FILE_PATH).bytes(),
          some_request(AA_UNLINK, 3).mark(AA_FILE_NO_RESULT).name("/x").root("/jail").bytes(),
          some_result(3).detached_path("", S_IFIFO, 5).bytes()};
}

std::vector<Bytes> samples() {
  std::vector<Bytes> all = process_samples();
  for (const Bytes& bytes : file_samples()) all.push_back(bytes);
  // a result is none without its request
  for (const Bytes& bytes : request_samples())
    if (static_cast<aa_kind>(bytes[offsetof(aa_header, kind)]) != AA_RESULT) all.push_back(bytes);
  return all;
}

TEST_CASE("decode: every prefix of every record") {
  int refused = 0, accepted = 0;
  for (const Bytes& whole : samples()) {
    for (std::size_t length = 0; length <= whole.size(); length++) {
      Bytes bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      // as it is, and with a header that agrees with the length
      for (const bool agreeing : {false, true}) {
        if (const auto size = static_cast<__u32>(length); agreeing && length >= sizeof size)
          std::memcpy(bytes.data(), &size, sizeof size);
        const Exact record(bytes);
        Decoder decoder;
        Event event;
        const bool done = decoder.decode(record.span(), event);
        CAPTURE(length);
        if (!agreeing) REQUIRE(done == (length == whole.size()));
        if (done) REQUIRE(fault(event, record.span(), decoder) == nullptr);
        (done ? accepted : refused)++;
      }
    }
  }
  CHECK(refused > 1000);
  CHECK(accepted >= 2 * static_cast<int>(samples().size()));
}

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  Bytes mutate(Bytes bytes) {
    for (unsigned rounds = 1 + below(3); rounds > 0; rounds--) step(bytes);
    if (const auto size = static_cast<__u32>(bytes.size()); below(2) && bytes.size() >= sizeof size)
      std::memcpy(bytes.data(), &size, sizeof size);
    return bytes;
  }
  unsigned below(std::size_t bound) { return static_cast<unsigned>(random_() % bound); }

 private:
  void step(Bytes& bytes) {
    if (bytes.empty()) return bytes.resize(1);
    switch (below(5)) {
      case 0: bytes[below(bytes.size())] ^= static_cast<std::byte>(1 << below(8)); break;
      case 1: bytes[below(bytes.size())] = static_cast<std::byte>(below(256)); break;
      case 2: random_span(bytes); break;
      case 3: bytes.resize(below(bytes.size() + 1)); break;
      default: extend(bytes); break;
    }
  }
  // An aa_span of an exec or a file event: half of the values near the edges of the record.
  void random_span(Bytes& bytes) {
    static constexpr std::size_t kSpans[] = {
        offsetof(aa_exec, filename),   offsetof(aa_exec, argv),           offsetof(aa_exec, cwd.names),
        offsetof(aa_exec, exe.names),  offsetof(aa_exec, base.names),     offsetof(aa_file, text),
        offsetof(aa_file, path.names), offsetof(aa_file, new_path.names), offsetof(aa_file, root.names),
        offsetof(aa_file, name),       offsetof(aa_file, new_name)};
    const std::size_t at = kSpans[below(std::size(kSpans))] + 2 * below(2);
    const auto value = static_cast<__u16>(below(2) ? random_() : bytes.size() - 4 + below(8));
    if (at + sizeof value <= bytes.size()) std::memcpy(bytes.data() + at, &value, sizeof value);
  }
  void extend(Bytes& bytes) {
    for (unsigned more = below(40); more > 0; more--) bytes.push_back(static_cast<std::byte>(below(256)));
  }

  std::mt19937 random_;
};

// The way of a record in the tracer, with what it keeps from record to record.
class Pipeline : public TotalsReader {
 public:
  // Null, or what is wrong.
  const char* read(std::span<const std::byte> record) {
    const auto whole = uring_pairs_.put_together(record);
    Event event;
    if (!whole || !decoder_.decode(*whole, event)) return nullptr;
    accepted_++;
    if (const char* what = fault(event, *whole, decoder_)) return what;
    tree_.apply(event);
    if (event.kind == AA_DESCRIPTOR) descriptors_.begin(event);
    if (event.kind == AA_IO) descriptors_.end(event);
    if (event.kind == AA_EXIT) descriptors_.forget(event.pid);
    return is_sound(event) ? nullptr : "a line after the tree";
  }
  const char* report() {
    const char* what = nullptr;
    descriptors_.report(*this, false, [&](Event& event) {
      tree_.describe(event);
      if (!is_sound(event)) what = "an interim line";
      reported_++;
    });
    return what;
  }
  std::optional<aa_descriptor> read_totals(aa_descriptor_key key) const override {
    return aa_descriptor{.generation = 4'700'000'007, .totals = {.reads = key.pid + reported_, .read_bytes = 1}};
  }
  int accepted() const { return accepted_; }
  int reported() const { return reported_; }
  std::size_t waiting() const { return uring_pairs_.waiting(); }

 private:
  static bool is_sound(const Event& event) {
    return is_clean_line(text_line(event)) && parse_line(json_line(event)).has_value();
  }

  UringPairs uring_pairs_;
  Decoder decoder_;
  ProcessTree tree_{true};
  Descriptors descriptors_;
  int accepted_ = 0, reported_ = 0;
};

int accepted_of(const std::vector<Bytes>& from, std::uint32_t seed, Pipeline& pipeline) {
  Mutator mutator(seed);
  const int before = pipeline.accepted();
  for (int i = 0; i < kMutations; i++) {
    const Exact record(mutator.mutate(from[mutator.below(from.size())]));
    if (const char* what = pipeline.read(record.span())) FAIL("mutation ", i, ": ", what);
    if (i % 1000 == 0)
      if (const char* what = pipeline.report()) FAIL("mutation ", i, ": ", what);
  }
  return pipeline.accepted() - before;
}

TEST_CASE("decode: random mutations") {
  struct Row {
    std::string what;
    std::vector<Bytes> from;
  };
  for (const Row& row :
       {Row{"processes", process_samples()}, Row{"files", file_samples()}, Row{"requests", request_samples()}}) {
    Pipeline pipeline;
    const int accepted = accepted_of(row.from, 20'261'120, pipeline);
    CAPTURE(row.what);
    // neither all refused at the door nor all let through
    CHECK(accepted > kMutations / 20);
    CHECK(accepted < kMutations * 19 / 20);
    MESSAGE(row.what, ": ", accepted, " of ", kMutations, " were records");
    if (row.what == "files") CHECK(pipeline.reported() > 10);
    if (row.what == "requests") CHECK(pipeline.waiting() > 0);
  }
}

}  // namespace
}  // namespace aa::test
