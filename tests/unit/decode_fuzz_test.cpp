// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The decoder against bytes that no kernel side wrote.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <random>

#include "decode.hpp"
#include "tree.hpp"
#include "unit/lines.hpp"
#include "unit/records.hpp"
#include "unit/reference.hpp"

namespace aa::test {
namespace {

constexpr int kMutations = 100'000;

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
template struct Opened<&Decoder::cwd_, 0>;
template struct Opened<&Decoder::exe_, 1>;
template struct Opened<&Decoder::script_, 2>;

bool within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// Does every string lie in the record or in the decoder?
bool points_home(const Event& event, std::span<const std::byte> record, const Decoder& decoder) {
  const std::string_view whole(reinterpret_cast<const char*>(record.data()), record.size());
  const auto in_decoder = [&decoder](const Text& text) {
    return within(text.bytes, opened(decoder, std::integral_constant<int, 0>{})) ||
           within(text.bytes, opened(decoder, std::integral_constant<int, 1>{})) ||
           within(text.bytes, opened(decoder, std::integral_constant<int, 2>{}));
  };
  bool home = within(event.comm, whole) && within(event.filename.bytes, whole);
  for (const std::string_view argument : event.argv.arguments) home = home && within(argument, whole);
  return home && in_decoder(event.cwd) && in_decoder(event.exe) && in_decoder(event.script);
}

// What must hold for whatever came out of the decoder. No CHECK inside: it would cost more than all the rest.
const char* fault(const Event& event, std::span<const std::byte> record, const Decoder& decoder) {
  if (!points_home(event, record, decoder)) return "a string lies outside";
  if (event.error < 0 || event.error > 4095) return "error";
  if (event.kind <= 0 || event.kind >= AA_KINDS) return "kind";
  if (!is_clean_line(text_line(event))) return "text line";
  const std::string json = json_line(event);
  if (!is_clean_line(json)) return "JSON line";
  return parse_line(json) ? nullptr : "JSON";
}

std::vector<Bytes> samples() {
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
  // An aa_span of an exec, or two bytes somewhere: half of the values near the edges of the record.
  void random_span(Bytes& bytes) {
    static constexpr std::size_t kSpans[] = {offsetof(aa_exec, filename), offsetof(aa_exec, argv),
                                             offsetof(aa_exec, cwd.names), offsetof(aa_exec, exe.names),
                                             offsetof(aa_exec, base.names)};
    const std::size_t at = kSpans[below(std::size(kSpans))] + 2 * below(2);
    const auto value = static_cast<__u16>(below(2) ? random_() : bytes.size() - 4 + below(8));
    if (at + sizeof value <= bytes.size()) std::memcpy(bytes.data() + at, &value, sizeof value);
  }
  void extend(Bytes& bytes) {
    for (unsigned more = below(40); more > 0; more--) bytes.push_back(static_cast<std::byte>(below(256)));
  }

  std::mt19937 random_;
};

TEST_CASE("decode: random mutations") {
  const std::vector<Bytes> from = samples();
  Mutator mutator(20'261'120);
  Decoder decoder;
  ProcessTree tree(true);
  int accepted = 0;
  for (int i = 0; i < kMutations; i++) {
    const Exact record(mutator.mutate(from[mutator.below(from.size())]));
    Event event;
    if (!decoder.decode(record.span(), event)) continue;
    accepted++;
    if (const char* what = fault(event, record.span(), decoder)) FAIL("mutation ", i, ": ", what);
    tree.apply(event);
    if (!is_clean_line(text_line(event)) || !parse_line(json_line(event))) FAIL("mutation ", i, " after the tree");
  }
  // neither all refused at the door nor all let through
  CHECK(accepted > kMutations / 20);
  CHECK(accepted < kMutations * 19 / 20);
  MESSAGE(accepted, " of ", kMutations, " were records");
}

}  // namespace
}  // namespace aa::test
