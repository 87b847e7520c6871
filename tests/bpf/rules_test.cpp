// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The path rules on both sides: what the kernel drops is what user space would not report either. Random rules and
// random records, from so few names that they meet often.
#include <doctest/doctest.h>

#include <random>

#include "bpf/rules_probe.hpp"
#include "rules.h"
#include "rules/judge.hpp"
#include "unit/event/decoded.hpp"

namespace aa::test {
namespace {

constexpr std::size_t kRecords = 512;  // for each set of rules

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_); }
  std::size_t from_to(std::size_t first, std::size_t last) { return first + below(last - first + 1); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::mt19937 engine_;
};

// What rules and paths are made of.
struct Words {
  std::vector<std::string> names;
  std::size_t deepest;
};

const Words kPlain = {{"a", "b", "c", "ab", ".b", "a.b", "b.ab", "c.a.b"}, 5};

// Beyond what the kernel follows: names that are too long for it, in part with an end that a rule may be about, and
// more components than it looks at.
const Words kExtreme = {{"a", "a", "b", std::string(AA_RULE_NAME_MAX, 'a'), std::string(AA_RULE_NAME_MAX + 1, 'a'),
                         std::string(AA_RULE_NAME_MAX, 'a') + ".b", std::string(252, 'b') + ".ab",
                         std::string(256, 'b') + ".ab", "a." + std::string(AA_RULE_SUFFIX_MAX, 'b')},
                        20};

std::string some_path(Random& random, const Words& words, std::size_t shortest = 0) {
  std::string path;
  for (std::size_t depth = random.from_to(shortest, words.deepest); depth > 0; depth--)
    path += "/" + random.one_of(words.names);
  return path;
}

// Patterns

enum class Shape { kPath, kSubtree, kName, kSuffix, kNamedSubtree, kGlob };

std::string some_glob(Random& random, const Words& words) {
  static const std::vector<std::string> kWild = {"*", "**", "?", "[ab]", "a*", "*b", "*.a*", "[!a]", "?.b"};
  std::string glob = some_path(random, words, 1);
  for (std::size_t more = random.from_to(1, 2); more > 0; more--) {
    glob += "/" + random.one_of(kWild);
    if (random.one_in(3)) glob += some_path(random, {words.names, 2});
  }
  return random.one_in(4) ? glob + "/" : glob;
}

std::string some_pattern(Random& random, const Words& words, Shape shape) {
  static const std::vector<std::string> kSuffixes = {".b", ".ab", ".a"};
  switch (shape) {
    case Shape::kPath: return some_path(random, words, 1);
    case Shape::kSubtree: return some_path(random, words) + "/";
    case Shape::kName: return "**/" + random.one_of(words.names);
    case Shape::kSuffix: return "**/*" + random.one_of(kSuffixes);
    case Shape::kNamedSubtree: return "**/" + random.one_of(words.names) + "/";
    default: return some_glob(random, words);
  }
}

std::shared_ptr<const RuleSet> compiled(std::vector<Rule> rules) {
  auto set = RuleSet::compile(std::move(rules), {});
  REQUIRE(bool(set));
  return *set;
}

// Always something that is suppressed, otherwise there is nothing to see.
std::shared_ptr<const RuleSet> some_rules(Random& random, const Words& words, const std::vector<Shape>& allowed,
                                          const std::vector<Shape>& kept) {
  std::vector<Rule> rules = {{RuleKind::kAllow, Level::kInfo, some_pattern(random, {words.names, 1}, Shape::kSubtree)}};
  const auto add = [&](RuleKind kind, const std::vector<Shape>& shapes) {
    rules.push_back({kind, Level::kWarning, some_pattern(random, words, random.one_of(shapes))});
  };
  for (std::size_t more = random.below(6); more > 0; more--) add(RuleKind::kAllow, allowed);
  for (std::size_t more = random.below(6); more > 0; more--)
    add(random.one_in(2) ? RuleKind::kDeny : RuleKind::kSensitive, kept);
  return compiled(std::move(rules));
}

// Records

std::string split_off(std::string& path, Random& random) {
  std::vector<std::size_t> slashes;
  for (std::size_t at = 0; at < path.size(); at++)
    if (path[at] == '/') slashes.push_back(at);
  const std::size_t at = random.one_of(slashes);
  const std::string rest = path.substr(at + 1);
  path.resize(at);
  if (path.empty()) path = "/";
  return rest;
}

// As a caller may write it; many do it in an odd way only rarely.
std::string written_oddly(const std::string& name, Random& random) {
  static const std::vector<std::string> kBegins = {"./", "../", ".//"};
  static const std::vector<std::string> kBetween = {"//", "///", "/./", "/../", "/.././", "/a/../"};
  static const std::vector<std::string> kEnds = {"/", "//", "/.", "/..", "."};
  static const std::vector<std::size_t> kRarities = {2, 10, 100};
  const std::size_t rarity = random.one_of(kRarities);
  std::string odd = random.one_in(2 * rarity) ? random.one_of(kBegins) : "";
  for (const char c : name)
    if (c == '/' && random.one_in(rarity)) odd += random.one_of(kBetween);
    else odd += c;
  if (random.one_in(2 * rarity)) odd += random.one_of(kEnds);
  return random.one_in(20 * rarity) ? "" : odd;
}

struct Writing {
  Words words;
  bool odd;
};

void add_place(FileRecord& record, Random& random, const Writing& writing, bool second) {
  std::string path = some_path(random, writing.words, 1);
  const std::size_t way = random.below(3);
  if (way == 0) {
    second ? record.new_path(path) : record.path(path);
    return;
  }
  std::string name = path;
  if (way == 1) {
    name = split_off(path, random);
    second ? record.new_directory(path) : record.directory(path);
  }
  if (writing.odd) name = written_oddly(name, random);
  second ? record.new_name(name) : record.name(name);
}

void add_oddities(FileRecord& record, Random& random) {
  if (random.one_in(8)) record.fixed.path.flags |= AA_PATH_DELETED;
  if (random.one_in(20)) record.detached_path("[eventfd]", 0, 7);
  if (random.one_in(20)) record.root("/a");
  if (random.one_in(20)) record.cut(random.one_in(2) ? AA_FILE_NAME : AA_FILE_PATH);
  if (random.one_in(20)) record.unreadable(random.one_in(2) ? AA_FILE_NAME : AA_FILE_PATH);
}

Bytes some_record(Random& random, const Writing& writing) {
  static const std::vector<aa_kind> kKinds = {AA_OPEN, AA_UNLINK, AA_CHMOD, AA_RENAME, AA_LINK, AA_SYMLINK};
  const aa_kind kind = random.one_of(kKinds);
  FileRecord record(kind);
  add_place(record, random, writing, false);
  if (kind == AA_RENAME || kind == AA_LINK) add_place(record, random, writing, true);
  if (kind == AA_SYMLINK) record.text(some_path(random, writing.words, 1));
  if (writing.odd) add_oddities(record, random);
  return record.bytes();
}

std::vector<Bytes> some_records(Random& random, const Writing& writing) {
  std::vector<Bytes> records;
  for (std::size_t i = 0; i < kRecords; i++) records.push_back(some_record(random, writing));
  return records;
}

// What was found, to see that the cases were not all of one kind.
struct Counts {
  std::size_t both_drop = 0, both_keep = 0, kernel_keeps = 0;
  std::size_t all() const { return both_drop + both_keep + kernel_keeps; }
};

void check_that_no_alert_is_lost(bool kernel_drops, bool user_drops, const Event& event, const RuleSet& rules) {
  if (!kernel_drops || user_drops) return;
  std::string text;
  for (const Rule& rule : rules.rules())
    text.append(rule_kind_name(rule.kind)).append(" ").append(rule.pattern) += '\n';
  FAIL_CHECK("dropped: " << event.file.path.bytes << " " << event.file.new_path.bytes << "\n" << text);
}

void compare(RulesProbe& probe, const std::shared_ptr<const RuleSet>& rules, const std::vector<Bytes>& records,
             Counts& counts) {
  Judge judge(rules, {}, Level::kInfo);
  probe.install(*rules);
  const std::vector<bool> dropped = probe.drops(records);
  for (std::size_t i = 0; i < records.size(); i++) {
    Decoded decoded(records[i]);
    REQUIRE(decoded.done);
    const bool user_drops = !judge.judge(decoded.event);
    check_that_no_alert_is_lost(dropped[i], user_drops, decoded.event, *rules);
    counts.both_drop += dropped[i] && user_drops;
    counts.both_keep += !dropped[i] && !user_drops;
    counts.kernel_keeps += !dropped[i] && user_drops && decoded.event.kind != AA_SYMLINK;
  }
}

TEST_CASE("rules: one path or one subtree that is allowed is dropped, and nothing else") {
  constexpr std::size_t kSets = 80;
  Random random(20'251);
  RulesProbe probe;
  std::vector<std::uint32_t> found;
  std::size_t matched = 0;
  for (std::size_t i = 0; i < kSets; i++) {
    const std::string pattern = some_pattern(random, {kPlain.names, 2}, i % 2 ? Shape::kPath : Shape::kSubtree);
    const auto rules = compiled({{RuleKind::kAllow, Level::kInfo, pattern}});
    std::vector<std::string> paths;
    std::vector<Bytes> records;
    for (std::size_t k = 0; k < kRecords; k++) {
      paths.push_back(some_path(random, {kPlain.names, 3}, 1));
      std::string directory = paths.back();
      const std::string name = split_off(directory, random);
      const bool is_walked = random.one_in(2) || name.empty();
      records.push_back(is_walked ? FileRecord(AA_OPEN).path(paths.back()).bytes()
                                  : FileRecord(AA_UNLINK).directory(directory).name(name).bytes());
    }
    probe.install(*rules);
    const std::vector<bool> dropped = probe.drops(records);
    for (std::size_t k = 0; k < kRecords; k++) {
      rules->match(paths[k], found);
      matched += !found.empty();
      CHECK_MESSAGE(dropped[k] == !found.empty(), pattern << " " << paths[k]);
    }
  }
  MESSAGE((kSets * kRecords), " pairs, ", matched, " match");
  CHECK(matched > kSets * kRecords / 20);
  CHECK(matched < kSets * kRecords / 2);
}

TEST_CASE("rules: both sides agree about paths, subtrees, names and ends of names") {
  constexpr std::size_t kSets = 100;
  const std::vector<Shape> allowed = {Shape::kPath, Shape::kSubtree};
  const std::vector<Shape> kept = {Shape::kPath, Shape::kSubtree, Shape::kName, Shape::kSuffix};
  Random random(20'252);
  RulesProbe probe;
  Counts counts;
  for (std::size_t i = 0; i < kSets; i++)
    compare(probe, some_rules(random, kPlain, allowed, kept), some_records(random, {kPlain, false}), counts);
  MESSAGE((kSets * kRecords), " records, ", counts.both_drop, " dropped by both, ", counts.both_keep, " by none");
  CHECK(counts.kernel_keeps == 0);
  CHECK(counts.both_drop > kSets * kRecords / 20);
  CHECK(counts.both_keep > kSets * kRecords / 20);
}

TEST_CASE("rules: whatever the rules and the paths are, the kernel drops nothing that user space would report") {
  constexpr std::size_t kSets = 60;
  const std::vector<Shape> all = {Shape::kPath,   Shape::kSubtree,      Shape::kName,
                                  Shape::kSuffix, Shape::kNamedSubtree, Shape::kGlob};
  const Words deep = {{"a", "a", "a", "a", "b"}, 40};
  unsigned seed = 20'253;
  RulesProbe probe;
  for (const Words& words : {kPlain, kExtreme, deep}) {
    Random random(seed++);
    Counts counts;
    CAPTURE(words.deepest);
    for (std::size_t i = 0; i < kSets; i++)
      compare(probe, some_rules(random, words, all, all), some_records(random, {words, true}), counts);
    MESSAGE((kSets * kRecords), " records, ", counts.both_drop, " dropped by both, ", counts.kernel_keeps,
            " by user space alone");
    CHECK(counts.both_drop > kSets * kRecords / 200);
    CHECK(counts.both_keep > kSets * kRecords / 20);
  }
}

}  // namespace
}  // namespace aa::test
