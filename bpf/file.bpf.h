/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * System calls on files: what they asked for, how they ended, and on which file. The path is that of the file itself
 * where a descriptor leads to it; of a name, it is that of the directory which the name is relative to.
 */
#ifndef AA_FILE_BPF_H
#define AA_FILE_BPF_H

#include "opened.bpf.h"
#include "place.bpf.h"
#include "rules.bpf.h"
#include "syscall.bpf.h"
#include "watch.bpf.h"

#define AT_FDCWD -100 /* include/uapi/linux/fcntl.h */
#define AT_REMOVEDIR 0x200
#define RESOLVE_IN_ROOT 0x10 /* include/uapi/linux/openat2.h */
#define PROT_WRITE 0x2
#define MAP_TYPE 0x0f
#define MAP_SHARED 0x01
#define MAP_SHARED_VALIDATE 0x03
#define MAP_ANONYMOUS 0x20

/* The directory of a descriptor argument, or the descriptor's own file. A place without a file is unreadable. */
static __always_inline void add_directory(struct aa_scratch *s, struct aa_path *path, __u32 string,
					  struct task_struct *task, __u32 fd)
{
	if ((int)fd == AT_FDCWD)
		add_cwd(s, path, string);
	else
		add_file_path(s, path, string, file_of(task, fd));
}

/* Which name of a record, and where it is. */
enum aa_name {
	AA_NAME_NEW = 1 << 0, /* for `new_path`; otherwise for `path` */
	AA_NAME_KERNEL = 1 << 1, /* in kernel memory; otherwise in the caller's */
};

/* A name, and what it is relative to. `dir`: AT_FDCWD, or a descriptor. `which`: enum aa_name.
 * A global function: the verifier looks at it once. */
__noinline int add_name(struct aa_scratch *s, __u64 address, __u32 dir, __u32 which)
{
	bool first = !(which & AA_NAME_NEW);
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_span *name;
	struct aa_file *f;
	bool absolute;
	__u32 start;

	if (!s)
		return 0;
	f = file_record(s);
	name = first ? &f->name : &f->new_name;
	start = s->size;
	if (which & AA_NAME_KERNEL)
		add_kernel_string(s, name, first ? AA_FILE_NAME : AA_FILE_NEW_NAME, (const char *)address);
	else
		add_user_string(s, name, first ? AA_FILE_NAME : AA_FILE_NEW_NAME, address);
	absolute = s->size > start && s->record[start & (AA_RECORD_MAX - 1)] == '/';
	if (first)
		f->place = AA_PLACE_BASE;
	else
		f->new_place = AA_PLACE_BASE;
	if (f->marks & AA_FILE_IN_ROOT) {
		f->marks |= AA_FILE_CHROOTED;
		add_directory(s, &f->root, AA_FILE_ROOT, task, dir);
	} else if (!(f->marks & AA_FILE_CHROOTED) && is_chrooted()) {
		f->marks |= AA_FILE_CHROOTED;
		add_root(s, &f->root, AA_FILE_ROOT);
	}
	if (!absolute)
		add_directory(s, first ? &f->path : &f->new_path, first ? AA_FILE_PATH : AA_FILE_NEW_PATH, task, dir);
	return 0;
}

/* The path of a descriptor's file, if it is open. */
static __always_inline void add_descriptor(struct aa_scratch *s, struct task_struct *task, __u32 fd)
{
	struct file *file = file_of(task, fd);

	if (file)
		add_file(s, file);
}

/* 64 bits: one argument, or two. Sizes of files are signed, also those of 32-bit callers. */
static __always_inline __s64 wide_argument(const struct aa_args *args, const struct aa_call *call, __u32 index)
{
	if (call->traits & AA_CALL_WIDE)
		return argument(args, index) | argument(args, index + 1) << 32;
	if (args->compat && call->kind == AA_TRUNCATE)
		return (__s32)argument(args, index);
	return argument(args, index);
}

static __always_inline __u32 owner_id(const struct aa_call *call, __u64 id)
{
	if (call->traits & AA_CALL_SHORT_IDS)
		return (__u16)id == (__u16)-1 ? (__u32)-1 : (__u16)id;
	return id;
}

/* A global function: the verifier looks at it once, and not on in each of the states that it can leave. */
__noinline int fill_numbers(struct aa_scratch *s, struct aa_call *call, struct aa_args *args)
{
	struct aa_file *f;

	if (!s || !call || !args)
		return 0;
	f = file_record(s);
	f->flags = argument(args, call->flags);
	f->mode = argument(args, call->mode);
	if (call->size)
		f->size = wide_argument(args, call, call->size);
	if (call->owner) {
		f->uid = owner_id(call, argument(args, call->owner));
		f->gid = owner_id(call, argument(args, call->owner + 1));
	}
	if (call->traits & AA_CALL_CREAT)
		f->flags = O_CREATING;
	if (call->traits & AA_CALL_REMOVE)
		f->marks |= AA_FILE_REMOVED;
	if (call->traits & AA_CALL_HOW) {
		struct open_how how = {};

		/* whoever can write there may have changed it by now: add_flags_of() */
		if (read_user(&how, sizeof how, argument(args, call->flags)))
			f->marks |= AA_FILE_NO_FLAGS;
		if (how.resolve & RESOLVE_IN_ROOT)
			f->marks |= AA_FILE_IN_ROOT;
		f->flags = how.flags;
		f->mode = how.mode;
	}
	return 0;
}

static __always_inline void add_first_name(struct aa_scratch *s, struct task_struct *task, const struct aa_call *call,
					   const struct aa_args *args)
{
	__u64 name = argument(args, call->path);
	__u32 dir = call->dir ? argument(args, call->dir) : AT_FDCWD;

	if (file_record(s)->place == AA_PLACE_FILE)
		add_user_string(s, &file_record(s)->name, AA_FILE_NAME, name);
	else if (!name && call->traits & AA_CALL_NULL_IS_DIR && (int)dir != AT_FDCWD)
		add_descriptor(s, task, file_record(s)->fd = dir);
	else
		add_name(s, name, dir, 0);
}

static __always_inline void fill_file(struct aa_scratch *s, struct task_struct *task, struct aa_call *call,
				      struct aa_args *args, long result)
{
	struct aa_file *f = file_record(s);

	f->error = is_error(result) ? result : 0;
	f->fd = -1;
	if (args->compat)
		f->header.flags |= AA_COMPAT;
	fill_numbers(s, call, args);
	if (args->unreadable) {
		f->marks |= AA_FILE_NO_ARGUMENTS;
		f->place = AA_PLACE_FILE;
		mark_unreadable(s, AA_FILE_PATH);
	} else if (call->fd) {
		f->fd = argument(args, call->fd);
		add_descriptor(s, task, f->fd);
		/* what succeeded had a file: another thread has closed the descriptor since */
		if (!is_error(result) && f->place == AA_PLACE_NONE) {
			f->place = AA_PLACE_FILE;
			mark_unreadable(s, AA_FILE_PATH);
		}
	}
	if (args->unverified)
		f->marks |= AA_FILE_UNVERIFIED;
	if (call->kind == AA_OPEN && is_error(result))
		add_opened_by_failed(s, task, args->opened);
	else if (call->kind == AA_OPEN)
		add_opened_by_call(s, result, args->opened, call->traits & AA_CALL_HOW);
	if (acts_on_name(call) && argument(args, call->path))
		take_names(s, task, call->new_path);
	if (call->path)
		add_first_name(s, task, call, args);
	if (call->new_path && f->new_place == AA_PLACE_FILE)
		add_user_string(s, &f->new_name, AA_FILE_NEW_NAME, argument(args, call->new_path));
	else if (call->new_path)
		add_name(s, argument(args, call->new_path), call->new_dir ? argument(args, call->new_dir) : AT_FDCWD,
			 AA_NAME_NEW);
	if (call->text)
		add_user_string(s, &f->text, AA_FILE_TEXT, argument(args, call->text));
}

static __always_inline enum aa_kind file_kind(const struct aa_call *call, const struct aa_args *args)
{
	if (call->kind == AA_UNLINK && argument(args, call->flags) & AT_REMOVEDIR)
		return AA_RMDIR;
	return call->kind;
}

/* Only mappings that change the file without another call. */
static __always_inline bool is_shared_writable(const struct aa_call *call, const struct aa_args *args)
{
	__u32 flags = argument(args, call->flags), type = flags & MAP_TYPE;

	return !(flags & MAP_ANONYMOUS) && (type == MAP_SHARED || type == MAP_SHARED_VALIDATE) &&
	       argument(args, call->mode) & PROT_WRITE;
}

static __always_inline void on_file_call(struct task_struct *task, struct aa_call *call, struct aa_args *args,
					 long result)
{
	enum aa_kind kind = file_kind(call, args);
	struct aa_scratch *s;

	if (!asked_for(kind, is_error(result) ? result : 0))
		return;
	if (kind == AA_MMAP && (is_error(result) || !(args->unreadable || is_shared_writable(call, args))))
		return;
	s = record_start(kind, sizeof(struct aa_file), task, true);
	if (!s)
		return;
	fill_file(s, task, call, args, result);
	send_unless_allowed(s);
}

#endif
