// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/kernel_types.hpp"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/format.hpp"
#include "base/thread.hpp"
#include "kernel/libbpf_log.hpp"
#include "kernel/refusal.hpp"
#include "kernel/release.hpp"

namespace aa {
namespace {

constexpr char kPath[] = "/sys/kernel/btf/vmlinux";

std::string_view bytes_of(const btf* types) {
  __u32 size = 0;
  const void* bytes = btf__raw_data(types, &size);
  return bytes ? std::string_view(static_cast<const char*>(bytes), size) : std::string_view();
}

Fd copy_to_memory(std::string_view bytes) {
  Fd copy(memfd_create("kernel types", MFD_CLOEXEC));
  while (copy && !bytes.empty()) {
    const ssize_t written = write(copy.get(), bytes.data(), bytes.size());
    if (written <= 0) return Fd();
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return copy;
}

// Is this one of the kernel's, that of itself and not of a module?
bool is_of_kernel(int btf_fd) {
  char name[sizeof "vmlinux"] = "";
  bpf_btf_info info{};
  __u32 size = sizeof info;
  info.name = reinterpret_cast<std::uintptr_t>(name);
  info.name_len = sizeof name;
  return bpf_obj_get_info_by_fd(btf_fd, &info, &size) == 0 && info.kernel_btf && !std::strcmp(name, "vmlinux");
}

// In this thread alone, the file stands where libbpf looks first. 0, or an errno.
int put_in_place(int file_fd) {
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
  const std::filesystem::path path(kPath), directory = path.parent_path();
  // without that directory this is no sysfs, and nothing that is needed is hidden
  std::error_code error;
  const std::filesystem::path place = std::filesystem::exists(directory, error) ? directory : "/sys";
  if (mount("none", place.c_str(), "tmpfs", 0, nullptr) != 0) return errno;
  std::filesystem::create_directories(directory, error);
  return symlink(fmt::format("/proc/self/fd/{}", file_fd).c_str(), kPath) == 0 ? 0 : errno;
}

}  // namespace

void KernelTypes::Free::operator()(btf* types) const { btf__free(types); }

const btf_type* KernelTypes::type(unsigned id) const { return btf__type_by_id(types_.get(), id); }

std::optional<std::int32_t> KernelTypes::enumerator(std::string_view first, std::string_view name) const {
  const unsigned types = btf__type_cnt(types_.get());
  for (unsigned id = 1; id < types; id++) {
    if (!btf_is_enum(type(id)) || type(id)->name_off || !btf_vlen(type(id))) continue;
    const std::span values(btf_enum(type(id)), btf_vlen(type(id)));
    const auto name_of = [this](const struct btf_enum& value) {
      return std::string_view(btf__name_by_offset(types_.get(), value.name_off));
    };
    if (name_of(values.front()) != first) continue;
    for (const struct btf_enum& value : values)
      if (name_of(value) == name) return value.val;
  }
  return std::nullopt;
}

unsigned KernelTypes::function(std::string_view name) const {
  if (functions_.empty()) {
    const unsigned types = btf__type_cnt(types_.get());
    functions_.reserve(types / 2);
    for (unsigned id = 1; id < types; id++)
      if (btf_is_func(type(id))) functions_.emplace(btf__name_by_offset(types_.get(), type(id)->name_off), id);
  }
  const auto found = functions_.find(name);
  return found == functions_.end() ? 0 : found->second;
}

unsigned KernelTypes::prototype(std::string_view name) const {
  const unsigned id = function(name);
  return id ? type(id)->type : 0;
}

int KernelTypes::function_parameters(std::string_view name) const {
  const unsigned id = prototype(name);
  const btf_type* declared = id ? type(id) : nullptr;
  return declared && btf_is_func_proto(declared) ? btf_vlen(declared) : -1;
}

int KernelTypes::tracepoint_parameters(std::string_view name) const {
  const int id = btf__find_by_name_kind(types_.get(), fmt::format("btf_trace_{}", name).c_str(), BTF_KIND_TYPEDEF);
  const btf_type* pointer = id > 0 ? type(type(static_cast<unsigned>(id))->type) : nullptr;
  const btf_type* prototype = pointer ? type(pointer->type) : nullptr;
  return prototype && btf_is_func_proto(prototype) ? btf_vlen(prototype) - 1 : -1;
}

KernelTypes::Btf KernelTypes::parse(const std::string& path) { return Btf(btf__parse(path.c_str(), nullptr)); }

Result<KernelTypes::Btf> KernelTypes::ask_kernel() {
  reads_kernel_memory();  // the kernel takes its types in when it first verifies a program
  __u32 id = 0;
  while (bpf_btf_get_next_id(id, &id) == 0) {
    const Fd fd(bpf_btf_get_fd_by_id(id));
    if (!fd || !is_of_kernel(fd.get())) continue;
    if (Btf types(btf__load_from_kernel_by_id(id)); types) return types;
  }
  if (errno == EPERM)
    return Error{fmt::format(
        "the kernel's type information {} is not visible, and asking the kernel for it takes CAP_SYS_ADMIN: run "
        "aa-trace as root, or show it the file (mount -t sysfs sysfs /sys)",
        kPath)};
  return Error{
      "the kernel has no type information, by which programs are attached: it must be built with "
      "CONFIG_DEBUG_INFO_BTF, and no --btf can stand in for that"};
}

Result<KernelTypes> KernelTypes::find(const std::string& file, Log& log) {
  send_libbpf_messages_to(log);
  Btf types = parse(kPath);
  const bool is_visible = bool(types);
  if (!is_visible) {
    auto own = ask_kernel();
    if (!own) return own.error();
    types = std::move(*own);
  }
  if (!file.empty()) {
    if (access(file.c_str(), R_OK) != 0) return Error{fmt::format("--btf {}: {}", file, errno_text(errno))};
    const Btf given = parse(file);
    if (!given)
      return Error{fmt::format(
          "--btf {}: no type information (BTF) in it; that takes the raw one or an uncompressed vmlinux", file)};
    if (bytes_of(given.get()) != bytes_of(types.get()))
      return Error{fmt::format("--btf {}: of another kernel than the one that runs, {}", file, running_kernel().text)};
  }
  Fd copy = is_visible ? Fd() : copy_to_memory(bytes_of(types.get()));
  if (!is_visible && !copy)
    return Error{fmt::format("cannot copy the kernel's type information: {}", errno_text(errno))};
  return KernelTypes(std::move(types), std::move(copy));
}

Status KernelTypes::visible_to(const std::function<void()>& body) const {
  if (!copy_) {
    body();
    return Done{};
  }
  libbpf_num_possible_cpus();  // remembered by libbpf, which reads it from /sys
  int error = 0;
  auto thread = start_thread([&] {
    error = put_in_place(copy_.get());
    if (!error) body();
  });
  if (!thread) return thread.error();
  thread->join();
  if (!error) return Done{};
  return Error{fmt::format(
      "cannot show the kernel's type information to libbpf: {}; make it visible as {} (docker run -v /sys:/sys:ro)",
      errno_text(error), kPath)};
}

}  // namespace aa
