#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Installs what building and testing need and this machine does not have. Debian and Ubuntu.
set -eu

# what must be there, and the package that brings it
needs="
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
/usr/include/doctest/doctest.h        doctest-dev
/usr/include/nlohmann/json.hpp        nlohmann-json3-dev
/usr/bin/strace                       strace
/usr/bin/jq                           jq
/usr/bin/git                          git
/usr/bin/python3                      python3-minimal
/usr/bin/perl                         perl-base
/usr/bin/rsync                        rsync
/usr/bin/sqlite3                      sqlite3
/usr/bin/make                         make
/usr/bin/node                         nodejs
/usr/bin/curl                         curl
/usr/bin/busybox                      busybox-static
"

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
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
