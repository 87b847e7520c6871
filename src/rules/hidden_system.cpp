// SPDX-License-Identifier: MIT OR Apache-2.0
//
// @system: what the C library, and libraries that nearly every program has, read by themselves. With "/usr/lib" the
// path is also that of "/lib" where this is a link; it is listed where it may be a directory of its own.
#include "rules/hidden_sets.hpp"

namespace aa {
namespace {

constexpr HiddenPattern kPatterns[] = {
    // the loader and its files
    {"/etc/ld.so.cache", "glibc"},
    {"/etc/ld.so.conf", "glibc"},
    {"/etc/ld.so.conf.d/", "glibc"},
    {"/etc/ld.so.nohwcap", "glibc before 2.32, Debian"},
    {"/etc/ld.so.preload", "glibc: looked for by each program"},
    {"/etc/ld-musl-*.path", "musl"},
    {"/usr/etc/ld-musl-*.path", "musl, merged /usr"},
    {"/lib/ld-*.so*", "glibc and musl, 32 bit"},
    {"/lib64/ld-*.so*", "glibc, 64 bit"},
    {"/usr/lib/ld-*.so*", "Alpine, merged /usr"},
    {"/usr/glibc-compat/etc/ld.so.cache", "Alpine with gcompat's predecessor, glibc beside musl"},
    // shared libraries, with a number behind .so and in directories of their own
    {"/lib/**.so", "Alpine"},
    {"/lib/**.so.*", "Alpine; Debian before merged /usr: /lib/x86_64-linux-gnu"},
    {"/lib64/**.so", "Fedora"},
    {"/lib64/**.so.*", "Fedora"},
    {"/usr/lib/**.so", "Debian: /usr/lib/x86_64-linux-gnu; Alpine"},
    {"/usr/lib/**.so.*", "Debian, Alpine"},
    {"/usr/lib32/**.so.*", "Debian and Arch, 32 bit"},
    {"/usr/lib64/**.so", "Fedora"},
    {"/usr/lib64/**.so.*", "Fedora"},
    {"/usr/libx32/**.so.*", "Debian, x32"},
    {"/usr/local/lib/**.so", "make install"},
    {"/usr/local/lib/**.so.*", "make install"},
    {"/usr/local/lib64/**.so.*", "make install on Fedora"},
    {"/nix/store/*/lib/**.so", "NixOS"},
    {"/nix/store/*/lib/**.so.*", "NixOS"},
    {"/nix/store/*/etc/ld.so.cache", "NixOS: each glibc has its own"},
    {"/run/opengl-driver/lib/**.so*", "NixOS"},
    // locale
    {"/usr/lib/locale/", "glibc"},
    {"/usr/lib64/locale/", "glibc, Fedora before 2.26"},
    {"/usr/share/locale/", "gettext"},
    {"/usr/share/locale-langpack/", "Ubuntu"},
    {"/usr/share/i18n/locales/", "glibc: localedef"},
    {"/usr/share/X11/locale/", "libX11"},
    {"/usr/local/share/locale/", "gettext, make install"},
    {"/etc/locale.alias", "gettext, Debian"},
    {"/nix/store/*/lib/locale/", "NixOS"},
    {"/nix/store/*/share/locale/", "NixOS"},
    {"/run/current-system/sw/lib/locale/", "NixOS"},
    {"/usr/share/i18n/charmaps/", "glibc: localedef"},
    {"/usr/share/musl/locale/", "musl-locales: MUSL_LOCPATH"},
    // gconv
    {"/usr/lib/**/gconv/", "glibc, Debian"},
    {"/usr/lib/gconv/", "glibc, Arch"},
    {"/usr/lib64/gconv/", "glibc, Fedora"},
    {"/lib/**/gconv/", "glibc before merged /usr"},
    {"/nix/store/*/lib/gconv/", "NixOS"},
    // names of users and hosts
    {"/etc/nsswitch.conf", "glibc"},
    {"/etc/host.conf", "glibc"},
    {"/etc/gai.conf", "glibc"},
    {"/usr/etc/nsswitch.conf", "openSUSE"},
    {"/var/run/nscd/", "glibc: nscd"},
    {"/run/nscd/", "glibc: nscd"},
    {"/var/cache/nscd/", "glibc: nscd"},
    {"/var/lib/sss/mc/", "sssd, Fedora"},
    {"/var/db/nscd/", "glibc: nscd, Fedora"},
    // terminals
    {"/etc/terminfo/", "ncurses, Debian"},
    {"/lib/terminfo/", "ncurses, Debian"},
    {"/usr/lib/terminfo/", "ncurses, Debian"},
    {"/usr/share/terminfo/", "ncurses"},
    {"/usr/share/tabset/", "ncurses"},
    {"/usr/local/share/terminfo/", "ncurses, make install"},
    {"~/.terminfo/", "ncurses: before the others"},
    {"/etc/termcap", "termcap"},
    {"/usr/share/misc/termcap", "termcap"},
    {"/nix/store/*/share/terminfo/", "NixOS"},
    {"/run/current-system/sw/share/terminfo/", "NixOS"},
    // time zones
    {"/etc/localtime", "tzdata"},
    {"/etc/timezone", "tzdata, Debian"},
    {"/usr/share/zoneinfo/", "tzdata"},
    {"/usr/lib/zoneinfo/", "musl looks here too"},
    {"/usr/share/lib/zoneinfo/", "Go looks here too"},
    {"/usr/share/zoneinfo-icu/", "ICU, Debian"},
    {"/etc/zoneinfo/", "NixOS, and musl looks here too"},
    {"/nix/store/*/share/zoneinfo/", "NixOS"},
    // what libraries ask the kernel at their start
    {"/sys/devices/system/cpu/online", "glibc: get_nprocs"},
    {"/sys/devices/system/cpu/possible", "glibc: get_nprocs_conf, libnuma"},
    {"/sys/kernel/mm/transparent_hugepage/", "malloc: glibc, jemalloc"},
    {"/proc/sys/vm/overcommit_memory", "jemalloc"},
    {"/proc/filesystems", "libselinux"},
    {"/proc/sys/kernel/ngroups_max", "glibc: sysconf"},
    {"/proc/sys/kernel/osrelease", "glibc"},
    {"/sys/fs/selinux/", "libselinux"},
    {"/etc/selinux/config", "libselinux, Fedora"},
    // devices that hold nothing of anybody's
    {"/dev/full", "every program"},
    {"/dev/null", "every program"},
    {"/dev/random", "every program"},
    {"/dev/tty", "bash, git, ssh: is there a terminal?"},
    {"/dev/urandom", "every program"},
    {"/dev/zero", "every program"},
    {"/usr/share/gcc/python/", "gdb's printers beside libraries"},
    // settings of libraries
    {"/etc/ssl/openssl.cnf", "OpenSSL, Debian and Alpine"},
    {"/etc/pki/tls/openssl.cnf", "OpenSSL, Fedora"},
    {"/etc/ssl/openssl.cnf.d/", "OpenSSL"},
    {"/usr/lib/ssl/openssl.cnf", "OpenSSL, Debian"},
    {"/etc/crypto-policies/", "Fedora"},
    {"/etc/inputrc", "readline"},
};

}  // namespace

std::span<const HiddenPattern> system_patterns() { return kPatterns; }

}  // namespace aa
