// SPDX-License-Identifier: MIT OR Apache-2.0
#include "requests.hpp"

#include <cstring>
#include <limits>

#include "lexical.hpp"
#include "raw_record.hpp"

namespace aa {

std::optional<Requests::Record> Requests::put_together(Record record) {
  const auto header = fixed_part<aa_header>(record);
  if (!header || !(header->flags & AA_URING)) return record;
  const auto file = fixed_part<aa_file>(record);
  if (!file || header->size < sizeof(aa_file) || header->size > record.size()) return record;
  record = record.first(header->size);
  if (header->kind == AA_RESULT) return finish(*file, record);
  if (!(file->marks & AA_FILE_PENDING)) return record;
  waiting_.insert_or_assign(file->offset, std::vector<std::byte>(record.begin(), record.end()));
  return std::nullopt;
}

// Has the file that was found the path that the request asked for?
bool Requests::is_the_asked(const aa_file& request, const aa_file& result, Record record) {
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
std::optional<Requests::Record> Requests::finish(const aa_file& result, Record record) {
  auto waiting = waiting_.extract(result.offset);
  if (!waiting) return std::nullopt;  // the request's own record was lost, and counted
  whole_ = std::move(waiting.mapped());
  auto file = *fixed_part<aa_file>(whole_);
  file.header.time = result.header.time;
  file.header.tid = result.header.tid;
  file.error = result.error;
  if (result.fd != -1) file.fd = result.fd;
  file.marks &= static_cast<std::uint16_t>(~AA_FILE_PENDING);
  const bool certain = !(result.marks & AA_FILE_DOUBTFUL) || is_the_asked(file, result, record);
  if (certain) file.marks |= result.marks;
  const auto names = span_bytes(record, result.path.names);
  const bool fits = names && whole_.size() + names->size() <= std::numeric_limits<std::uint16_t>::max();
  if (result.place == AA_PLACE_FILE && certain && fits) {
    file.place = AA_PLACE_FILE;
    file.path = result.path;
    file.path.names.offset = static_cast<std::uint16_t>(whole_.size());
    const auto set = [&](std::uint8_t& bits, std::uint8_t from) {
      bits = static_cast<std::uint8_t>((bits & ~(1 << AA_FILE_PATH)) | (from & 1 << AA_FILE_PATH));
    };
    set(file.header.cut, result.header.cut);
    set(file.header.unreadable, result.header.unreadable);
    const auto* bytes = reinterpret_cast<const std::byte*>(names->data());
    whole_.insert(whole_.end(), bytes, bytes + names->size());
  }
  file.header.size = static_cast<std::uint32_t>(whole_.size());
  std::memcpy(whole_.data(), &file, sizeof file);
  return whole_;
}

}  // namespace aa
