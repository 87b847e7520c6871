#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
#   tools/setup.sh [tests] [arm64]
#
# Installs what building needs and this machine does not have. Debian and Ubuntu; tests: also what testing needs; arm64:
# what it takes to build for that architecture and to test that in emulation. Those two on Debian 12.
set -eu

# what must be there, and the package that brings it
needs="
/usr/bin/make                         make
/usr/bin/g++                          g++
/usr/bin/clang                        clang
/usr/bin/llvm-strip                   llvm
/usr/sbin/bpftool                     bpftool
/usr/include/bpf/libbpf.h             libbpf-dev
/usr/include/libelf.h                 libelf-dev
/usr/include/zlib.h                   zlib1g-dev
/usr/include/sys/capability.h         libcap-dev
/usr/include/fmt/format.h             libfmt-dev
/usr/include/spdlog/spdlog.h          libspdlog-dev
/usr/include/CLI/CLI.hpp              libcli11-dev
/usr/include/re2/re2.h                libre2-dev
"

needs_of_tests="
/usr/bin/clang-16                     clang-16
/usr/bin/clang-19                     clang-19
/usr/bin/clang-format                 clang-format
/usr/include/doctest/doctest.h        doctest-dev
/usr/include/nlohmann/json.hpp        nlohmann-json3-dev
/usr/bin/strace                       strace
/usr/bin/jq                           jq
/usr/bin/git                          git
/usr/bin/python3                      python3-minimal
/usr/lib/python3/dist-packages/jsonschema/__init__.py python3-jsonschema
/usr/bin/perl                         perl-base
/usr/bin/rsync                        rsync
/usr/bin/sqlite3                      sqlite3
/usr/bin/node                         nodejs
/usr/bin/curl                         curl
/usr/bin/busybox                      busybox-static
/usr/bin/qemu-system-x86_64           qemu-system-x86
/usr/bin/cpio                         cpio
/usr/bin/xz                           xz-utils
/usr/bin/spin                         spin
"

needs_of_arm64="
/usr/bin/aarch64-linux-gnu-g++        g++-aarch64-linux-gnu
/usr/lib/aarch64-linux-gnu/libbpf.a   libbpf-dev:arm64
/usr/lib/aarch64-linux-gnu/libelf.a   libelf-dev:arm64
/usr/lib/aarch64-linux-gnu/libz.a     zlib1g-dev:arm64
/usr/lib/aarch64-linux-gnu/libcap.a   libcap-dev:arm64
/usr/lib/aarch64-linux-gnu/libre2.a   libre2-dev:arm64
/usr/bin/qemu-aarch64-static          qemu-user-static
/usr/bin/qemu-system-aarch64          qemu-system-arm
"

for more; do
	case $more in
	tests) needs=$needs$needs_of_tests ;;
	arm64) needs=$needs$needs_of_arm64 ;;
	*) echo "$0: no packages are known for $more" >&2 && exit 1 ;;
	esac
done

missing=$(echo "$needs" | while read -r file package; do
	[ -z "$file" ] || [ -e "$file" ] || echo "$package"
done)
[ -n "$missing" ] || exit 0

# Ubuntu has bpftool in the tools of its kernel
if ! apt-cache show bpftool >/dev/null 2>&1; then
	missing=$(echo "$missing" | sed 's/^bpftool$/linux-tools-common linux-tools-generic/')
fi
echo "installing:" $missing
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
case $missing in
*:arm64*) $as_root dpkg --add-architecture arm64 ;;
esac
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
