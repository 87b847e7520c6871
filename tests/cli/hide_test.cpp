// What --hide and -e changes leave out of real runs, and what they do not.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <regex>
#include <set>

#include "events.hpp"

namespace aa::test {
namespace {

constexpr char kWork[] =
    "mkdir d; echo a > d/f; cat d/f > g; cp g h; mv h i; ls -l . > list; id > who; TERM=xterm tput lines >> who; "
    "LC_ALL=C.UTF-8 sort list > sorted; rm -r d; cat nothing; exit 0";

// What people call the loader's, the locale's, ..., written down apart from the tables of the program.
const std::regex kSystem(
    R"(^/(etc/(ld\.so\.|nsswitch\.conf|host\.conf|gai\.conf|locale|localtime|terminfo/|selinux/|passwd|group))"
    R"(|(usr/)?lib(32|64|x32)?/(.*\.so(\.[0-9.]+)?$|locale/|terminfo/|.*gconv)|usr/share/(locale|i18n|terminfo|zoneinfo)|proc/filesystems|proc/sys/kernel/|proc/self/|sys/fs/selinux|dev/))");

Events traced_with(std::vector<std::string> options) {
  const Scratch scratch;
  const std::string file = scratch.file("events"), place = scratch.file("place");
  REQUIRE(mkdir(place.c_str(), 0700) == 0);
  std::vector<std::string> arguments{"-q", "-j", "-o", file, "--io-interval", "0", "--as-root"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"--", "/bin/sh", "-c", kWork});
  Spec spec = aa_spec(arguments);
  spec.cwd = place;
  REQUIRE(run(spec).status == 0);
  Events events = traced(parse_events(read_file(file)));
  // of all runs alike: what is below the place
  for (Json& event : events)
    for (const char* key : {"path", "new_path"})
      if (event.contains(key) && text_of(event, key).starts_with(place))
        event[key] = text_of(event, key).substr(place.size());
  return events;
}

// What happened to which file.
std::multiset<std::string> deeds(const Events& events) {
  std::multiset<std::string> all;
  for (const Json& event : events) {
    const bool writes = event.contains("written_bytes") && event["written_bytes"] > 0;
    const std::string flags = text_of(event, "flags");
    const bool opens_to_write = contains(flags, "O_WRONLY") || contains(flags, "O_RDWR");
    all.insert(text_of(event, "event") + (writes || opens_to_write ? " written " : " ") + text_of(event, "path"));
  }
  return all;
}

}  // namespace

TEST_SUITE_BEGIN("hide");

TEST_CASE("@system: no line of the loader, locale or terminfo is left, and none of the user's is gone") {
  const auto whole = deeds(traced_with({"-e", "file"})), left = deeds(traced_with({"-e", "file", "--hide", "@system"}));
  std::vector<std::string> gone, come;
  std::set_difference(whole.begin(), whole.end(), left.begin(), left.end(), std::back_inserter(gone));
  std::set_difference(left.begin(), left.end(), whole.begin(), whole.end(), std::back_inserter(come));
  CHECK(come.empty());
  CHECK(gone.size() > 20);
  for (const std::string& deed : gone) {
    CAPTURE(deed);
    const std::string event = deed.substr(0, deed.find(' ')), path = deed.substr(deed.rfind(' ') + 1);
    CHECK((event == "open" || event == "io" || event == "mmap"));
    CHECK_FALSE(contains(deed, " written "));
    CHECK(std::regex_search(path, kSystem));
  }
  for (const std::string& deed : left) {
    CAPTURE(deed);
    CHECK_FALSE(std::regex_search(deed, std::regex(R"(ld\.so\.|/lib/.*\.so|locale|gconv|nsswitch|terminfo)")));
  }
}

TEST_CASE("--hide PATTERN, none, and an alert that is told all the same") {
  const auto has = [](const Events& events, const std::string& path) {
    return std::any_of(events.begin(), events.end(),
                       [&path](const Json& event) { return text_of(event, "path") == path; });
  };
  CHECK(has(traced_with({"-e", "open"}), "/g"));
  CHECK_FALSE(has(traced_with({"-e", "open", "--hide", "**/g"}), "/g"));
  CHECK(has(traced_with({"-e", "open", "--hide", "**/g", "--hide", "none"}), "/g"));
  const Events alerted = traced_with({"-e", "open", "--hide", "**/g", "--deny", "**/g"});
  REQUIRE(has(alerted, "/g"));
  for (const Json& event : alerted)
    if (text_of(event, "path") == "/g") CHECK(text_of(event, "alert") == "deny");
  const Scratch scratch;
  const std::string rules = scratch.write("rules", "hide @system\nhide **/g\n");
  CHECK_FALSE(has(traced_with({"-e", "open", "--rules", rules}), "/g"));
  CHECK(run(aa_spec({"--hide", "@nothing", "--", "true"})).status == 2);
}

TEST_CASE("-e changes: what changed something and succeeded, and nothing else") {
  const auto changes = deeds(traced_with({"-e", "changes"}));
  for (const char* deed :
       {"mkdir /d", "open written /d/f", "io written /d/f", "rename /h", "unlink /d/f", "rmdir /d"}) {
    CAPTURE(deed);
    CHECK(changes.contains(deed));
  }
  for (const std::string& deed : changes) {
    CAPTURE(deed);
    const bool is_read = (deed.starts_with("open ") || deed.starts_with("io ")) && !contains(deed, " written ");
    CHECK_FALSE(is_read);
    CHECK_FALSE(contains(deed, "nothing"));
  }
  CHECK(deeds(traced_with({"-e", "changes,open"})).contains("open /nothing"));
}

TEST_CASE("-v counts what is hidden, whether it is left out in the kernel or not") {
  const Scratch scratch;
  const std::string hidden = scratch.file("hidden");
  const std::string work = "mkdir '" + hidden + "'; cd '" + hidden + "'; : > a; : > b; : > c; rm a b c";
  const Outcome o = run(aa_spec({"-v", "-j", "-e", "unlink", "-o", scratch.file("events"), "--hide", hidden + "/",
                                 "--as-root", "--", "/bin/sh", "-c", work}));
  CHECK(o.status == 0);
  CHECK_MESSAGE(contains(o.err, "aa-trace: 3 events on hidden paths\n"), o.err);
}

TEST_SUITE_END();

}  // namespace aa::test
