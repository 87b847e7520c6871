/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The calls on names from before there were directory descriptors. arm64 never had them (include/uapi/asm-generic/
 * unistd.h): there each one is made as the C library makes it, by the newer call that does the same. What the event
 * has to say is the same too.
 */
#ifndef OLDER_CALLS_H
#define OLDER_CALLS_H

#include "truth.h"

#include <stdint.h>
#include <sys/time.h>
#include <utime.h>

#if defined(SYS_open)

static long call_native(long number, const long *a)
{
	return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#else

/* No numbers of the kernel's, which are not negative. */
enum older_call {
	SYS_open = -100,
	SYS_creat,
	SYS_unlink,
	SYS_rmdir,
	SYS_mkdir,
	SYS_mknod,
	SYS_rename,
	SYS_link,
	SYS_symlink,
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_utime,
	SYS_utimes,
	SYS_futimesat,
};

/* NULL is the present, with each of the three units. */
static long set_times(long dir, long name, const struct timespec *times)
{
	return syscall(SYS_utimensat, dir, name, times, 0);
}

static long set_times_in_seconds(long name, const struct utimbuf *times)
{
	if (!times)
		return set_times(AT_FDCWD, name, NULL);
	return set_times(AT_FDCWD, name, (struct timespec[]){{times->actime, 0}, {times->modtime, 0}});
}

static long set_times_in_microseconds(long dir, long name, const struct timeval *times)
{
	if (!times)
		return set_times(dir, name, NULL);
	return set_times(dir, name,
			 (struct timespec[]){{times[0].tv_sec, times[0].tv_usec * 1000},
					     {times[1].tv_sec, times[1].tv_usec * 1000}});
}

static long call_native(long number, const long *a)
{
	switch (number) {
	case SYS_open:
		return syscall(SYS_openat, AT_FDCWD, a[0], a[1], a[2]);
	case SYS_creat:
		return syscall(SYS_openat, AT_FDCWD, a[0], O_WRONLY | O_CREAT | O_TRUNC, a[1]);
	case SYS_unlink:
		return syscall(SYS_unlinkat, AT_FDCWD, a[0], 0);
	case SYS_rmdir:
		return syscall(SYS_unlinkat, AT_FDCWD, a[0], AT_REMOVEDIR);
	case SYS_mkdir:
		return syscall(SYS_mkdirat, AT_FDCWD, a[0], a[1]);
	case SYS_mknod:
		return syscall(SYS_mknodat, AT_FDCWD, a[0], a[1], a[2]);
	case SYS_rename:
		return syscall(SYS_renameat, AT_FDCWD, a[0], AT_FDCWD, a[1]);
	case SYS_link:
		return syscall(SYS_linkat, AT_FDCWD, a[0], AT_FDCWD, a[1], 0);
	case SYS_symlink:
		return syscall(SYS_symlinkat, a[0], AT_FDCWD, a[1]);
	case SYS_chmod:
		return syscall(SYS_fchmodat, AT_FDCWD, a[0], a[1]);
	case SYS_chown:
		return syscall(SYS_fchownat, AT_FDCWD, a[0], a[1], a[2], 0);
	case SYS_lchown:
		return syscall(SYS_fchownat, AT_FDCWD, a[0], a[1], a[2], AT_SYMLINK_NOFOLLOW);
	case SYS_utime:
		return set_times_in_seconds(a[0], (const struct utimbuf *)a[1]);
	case SYS_utimes:
		return set_times_in_microseconds(AT_FDCWD, a[0], (const struct timeval *)a[1]);
	case SYS_futimesat:
		return set_times_in_microseconds(a[0], a[1], (const struct timeval *)a[2]);
	default:
		return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
}

#endif

#endif
