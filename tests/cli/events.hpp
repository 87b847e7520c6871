// Reads what aa-trace wrote, with a JSON parser that is not its own, and holds it to the documented form.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run.hpp"

namespace aa::test {

using Json = nlohmann::ordered_json;  // keeps the order of the keys
using Events = std::vector<Json>;

// Fails the running test on a line that is not a JSON object.
Events parse_events(const std::string& text);

// The complete lines so far, of a stream that may end in the middle of one.
Events parse_complete(const std::string& text);

Events named(const Events& events, const std::string& name);
Events traced(const Events& events);  // without start and end
std::string text_of(const Json& event, const std::string& key);
std::vector<std::string> argv_of(const Json& event);
bool has_argument(const Json& event, const std::string& argument);
std::string describe(const Events& events);

// Empty if the event has the documented keys, in the documented order and of the documented types; else what is wrong.
std::string shape_error(const Json& event);

struct TextEvent {
  double time = 0;
  std::string name;
  std::vector<std::pair<std::string, std::string>> pairs;  // values as written
  std::string value(const std::string& key) const;
};
std::optional<TextEvent> parse_text_line(const std::string& line);
std::string text_shape_error(const TextEvent& event);
std::string without_colour(const std::string& text);

// aa-trace OPTIONS -j -o FILE --as-root -- COMMAND
struct Traced {
  Outcome outcome;
  Events events;
};
Traced trace(const std::vector<std::string>& options, const std::vector<std::string>& command, Spec spec = {});

// A shell that runs the lines fed to it: the process to attach to.
Spec shell_spec();

Spec aa_spec(std::vector<std::string> arguments);

// Waits for the start line, after which nothing may be missed.
bool started(Process& tracer);

// The same for text, where the banner on stderr is what says so.
bool banner_seen(Process& tracer);

}  // namespace aa::test
