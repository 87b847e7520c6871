// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/uring_pairs.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "base/path_text.hpp"
#include "event/raw_record.hpp"

namespace aa {
namespace {

// Of those whose result has come as many may be left as there are others, and these.
constexpr std::size_t kAgesSpare = 1024;

}  // namespace

bool UringPairs::is_there(const Age& age) const {
  const auto at = waiting_.find(age.address);
  return at != waiting_.end() && at->second.number == age.number;
}

std::vector<std::byte> UringPairs::take(Places::iterator at) {
  std::vector<std::byte> record = std::move(at->second.record);
  bytes_ -= record.size() + kBytesOfEntry;
  waiting_.erase(at);
  return record;
}

// The memory of one that is still there is another's by now: its result was lost, and counted.
void UringPairs::add(std::int64_t address, Record record) {
  if (const auto at = waiting_.find(address); at != waiting_.end()) take(at);
  waiting_.emplace(address, Waiting{{record.begin(), record.end()}, ++number_});
  bytes_ += record.size() + kBytesOfEntry;
  ages_.push_back({address, number_});
  if (ages_.size() > 2 * waiting_.size() + kAgesSpare)
    std::erase_if(ages_, [this](const Age& age) { return !is_there(age); });
  make_room();
}

void UringPairs::make_room() {
  for (; bytes_ > kBytesMax; ages_.pop_front()) {
    if (!is_there(ages_.front())) continue;
    take(waiting_.find(ages_.front().address));
    lost_++;
  }
}

void UringPairs::note_end(const aa_header& exit) {
  if (waiting_.empty()) return;
  if (ended_.size() == kEndedMax) ended_.pop_front();
  ended_.push_back({exit.pid, exit.start, exit.time});
}

// All that are due at once: each look goes over everything.
void UringPairs::forget_ended(std::uint64_t now) {
  std::map<std::uint32_t, std::uint64_t> due;
  for (; !ended_.empty() && ended_.front().time + kEndedGrace < now; ended_.pop_front())
    due[ended_.front().pid] = std::max(due[ended_.front().pid], ended_.front().start);
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto header = fixed_part<aa_header>(at->second.record);
    const auto found = due.find(header->pid);
    const auto here = at++;
    if (found != due.end() && header->start <= found->second) take(here);
  }
  if (waiting_.empty()) ended_.clear();
}

std::optional<UringPairs::Record> UringPairs::put_together(Record record) {
  const auto header = fixed_part<aa_header>(record);
  if (!header) return record;
  if (header->kind == AA_EXIT) note_end(*header);
  if (!ended_.empty() && ended_.front().time + kEndedGrace + kEndedEvery < header->time) forget_ended(header->time);
  if (!(header->flags & AA_URING)) return record;
  const auto file = fixed_part<aa_file>(record);
  if (!file || header->size < sizeof(aa_file) || header->size > record.size()) return record;
  record = record.first(header->size);
  if (header->kind == AA_RESULT) return finish(*file, record);
  if (!(file->marks & AA_FILE_PENDING)) return record;
  add(file->offset, record);
  return std::nullopt;
}

// Has the file that was found the path that the request asked for?
bool UringPairs::is_the_asked(const aa_file& request, const aa_file& result, Record record) {
  const StringReader asked(whole_, request.header), found(record, result.header);
  Text path, directory, name, root = Text::of("/");
  if (request.marks & AA_FILE_CHROOTED && !asked.path(request.root, AA_FILE_ROOT, root_, root)) return false;
  if (!asked.path(request.path, AA_FILE_PATH, directory_, directory)) return false;
  if (!asked.text(request.name, AA_FILE_NAME, name)) return false;
  if (!found.path(result.path, AA_FILE_PATH, found_, path)) return false;
  if (!root.present() || !directory.present() || !name.present() || !path.present()) return false;
  make_absolute(root.bytes, directory.bytes, name.bytes, asked_);
  return asked_ == path.bytes && !path.deleted;
}

// The request's record with the result's values; where the result knows the file, its path takes the place of the
// directory's.
std::optional<UringPairs::Record> UringPairs::finish(const aa_file& result, Record record) {
  const auto waiting = waiting_.find(result.offset);
  if (waiting == waiting_.end()) return std::nullopt;  // the request's own record was lost, and counted
  whole_ = take(waiting);
  if (result.header.flags & AA_UNASKED) return std::nullopt;
  auto file = *fixed_part<aa_file>(whole_);
  file.header.time = result.header.time;
  file.header.tid = result.header.tid;
  file.error = result.error;
  if (result.fd != -1) file.fd = result.fd;
  file.marks &= static_cast<std::uint16_t>(~AA_FILE_PENDING);
  const bool certain = !(result.marks & AA_FILE_DOUBTFUL) || is_the_asked(file, result, record);
  file.marks |= result.marks;
  // of another file it says nothing whether this call made it
  if (certain) file.marks &= static_cast<std::uint16_t>(~AA_FILE_DOUBTFUL);
  else file.marks &= static_cast<std::uint16_t>(~AA_FILE_CREATED);
  const auto names = span_bytes(record, result.path.names);
  const bool fits = names && whole_.size() + names->size() <= std::numeric_limits<std::uint16_t>::max();
  if (result.place == AA_PLACE_FILE && fits) {
    file.place = AA_PLACE_FILE;
    file.path = result.path;
    file.inode = result.inode;
    file.device = result.device;
    file.path.names.offset = static_cast<std::uint16_t>(whole_.size());
    const auto set = [&](std::uint8_t& bits, std::uint8_t from) {
      bits = static_cast<std::uint8_t>((bits & ~(1 << AA_FILE_PATH)) | (from & 1 << AA_FILE_PATH));
    };
    set(file.header.cut, result.header.cut);
    set(file.header.unreadable, result.header.unreadable);
    const auto* bytes = reinterpret_cast<const std::byte*>(names->data());
    whole_.insert(whole_.end(), bytes, bytes + names->size());
  }
  // the caller's name says what was asked for, not what another thread may have put there
  if (result.place != AA_PLACE_FILE || !fits) file.marks &= static_cast<std::uint16_t>(~AA_FILE_DOUBTFUL);
  file.header.size = static_cast<std::uint32_t>(whole_.size());
  std::memcpy(whole_.data(), &file, sizeof file);
  return whole_;
}

}  // namespace aa
