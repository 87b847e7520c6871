/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A file system that a thread of the workload answers for, in a mount namespace of its own: every name is there. Those
 * that begin with 'd' are directories, all others files of five bytes.
 */
#ifndef FUSE_H
#define FUSE_H

#include "truth.h"

#include <linux/fuse.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/uio.h>

static int fuse_device;
/* What is done before a call that changes something returns. The thread that made the call waits in the kernel. */
static void (*fuse_before_return)(void);
/* Reads are answered when so many of them wait: two at most. */
static int fuse_reads_together = 1;

static void fuse_reply(const struct fuse_in_header *request, int error, const void *body, size_t size)
{
	struct fuse_out_header header = {(__u32)(sizeof header + size), error, request->unique};
	struct iovec parts[2] = {{&header, sizeof header}, {(void *)body, size}};

	if (writev(fuse_device, parts, size ? 2 : 1) < 0 && errno != ENOENT)
		die("answer for a file system");
}

static struct fuse_attr fuse_attributes(__u64 node, bool directory)
{
	return (struct fuse_attr){
		.ino = node, .size = 5, .mode = directory ? S_IFDIR | 0755 : S_IFREG | 0666, .nlink = 1};
}

/* The lowest bit of a node's number says what it is; 1 is the root. */
static void fuse_look_up(const struct fuse_in_header *request, const char *name)
{
	static __u64 last = 2;
	struct fuse_entry_out entry = {.entry_valid = 100, .attr_valid = 100};

	last += 2;
	entry.nodeid = last + (*name == 'd');
	entry.attr = fuse_attributes(entry.nodeid, *name == 'd');
	fuse_reply(request, 0, &entry, sizeof entry);
}

static void fuse_read(const struct fuse_in_header *request)
{
	static struct fuse_in_header waiting[2];
	static int count;

	waiting[count++] = *request;
	if (count < fuse_reads_together)
		return;
	while (count > 0)
		fuse_reply(&waiting[--count], 0, "hello", 5);
}

static void fuse_answer(const struct fuse_in_header *request)
{
	const struct fuse_init_in *asked = (const void *)(request + 1);
	struct fuse_init_out init = {
		.major = 7, .minor = 31, .flags = FUSE_MAX_PAGES, .max_pages = 32, .max_write = 65536};
	struct fuse_attr_out attributes = {.attr = fuse_attributes(request->nodeid, request->nodeid & 1)};
	struct fuse_open_out opened = {0};

	switch (request->opcode) {
	case FUSE_INIT:
		init.max_readahead = asked->max_readahead;
		fuse_reply(request, 0, &init, sizeof init);
		break;
	case FUSE_LOOKUP:
		fuse_look_up(request, (const char *)(request + 1));
		break;
	case FUSE_SETATTR:
		if (fuse_before_return)
			fuse_before_return();
		/* fall through */
	case FUSE_GETATTR:
		fuse_reply(request, 0, &attributes, sizeof attributes);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		fuse_reply(request, 0, &opened, sizeof opened);
		break;
	case FUSE_READ:
		fuse_read(request);
		break;
	case FUSE_UNLINK:
	case FUSE_RENAME:
		if (fuse_before_return)
			fuse_before_return();
		/* fall through */
	case FUSE_FLUSH:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		fuse_reply(request, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		fuse_reply(request, -ENOSYS, NULL, 0);
	}
}

static void *fuse_serve(void *unused)
{
	static char request[1 << 18] __attribute__((aligned(8)));

	for (;;) {
		ssize_t count = read(fuse_device, request, sizeof request);

		if (count > 0)
			fuse_answer((const struct fuse_in_header *)request);
		else if (errno != EINTR && errno != EAGAIN && errno != ENOENT)
			return unused;
	}
}

/* False: this machine does not have it, which was said. */
static bool fuse_mount(const char *where)
{
	char options[100];
	pthread_t thread;

	fuse_device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fuse_device < 0) {
		tell_unsupported("no /dev/fuse");
		return false;
	}
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mkdir(where, 0755))
		die(where);
	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse_device);
	if (mount("workload", where, "fuse", 0, options)) {
		tell_unsupported("no FUSE");
		return false;
	}
	if (pthread_create(&thread, NULL, fuse_serve, NULL))
		die("pthread_create");
	return true;
}

#endif
