/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Made by `make vmlinux` from types.txt. Kernel types with the fields that are used; the loader finds their true places.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

struct thread_info {
#if defined(__TARGET_ARCH_x86)
	__u32 status;
#endif
#if defined(__TARGET_ARCH_arm64)
	__u64 flags;
#endif
};

struct task_struct {
	__u32 flags;
	__s32 pid;
	__s32 tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct list_head children;
	struct list_head sibling;
	__u64 start_boottime;
	__u64 self_exec_id;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct signal_struct *signal;
	struct mm_struct *mm;
	__s32 exit_state;
	__s32 exit_code;
#if defined(__TARGET_ARCH_x86)
	struct thread_info thread_info;
#endif
#if defined(__TARGET_ARCH_arm64)
	struct thread_info thread_info;
#endif
};

struct cred {
	struct { __u32 val; } euid;
	struct { __u32 val; } egid;
};

struct signal_struct {
	struct { __s32 counter; } live;
	__s32 group_exit_code;
	__u32 flags;
	struct tty_struct *tty;
	struct pid *pids[4];
};

struct upid {
	__s32 nr;
};

struct pid {
	struct upid numbers[0];
};

struct tty_struct {
	struct tty_driver *driver;
	__s32 index;
};

struct tty_driver {
	__s32 major;
	__s32 minor_start;
};

struct mm_struct {
	__u64 arg_start;
	__u64 arg_end;
	struct file *exe_file;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct path pwd;
	struct path root;
};

struct file {
	struct path f_path;
	__u32 f_mode;
	struct inode *f_inode;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fdtable {
	__u32 max_fds;
	struct file **fd;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct qstr {
	__u32 len;
	const __u8 *name;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct inode {
	__u16 i_mode;
	__u64 i_ino;
	__u32 i_rdev;
	struct super_block *i_sb;
};

struct super_block {
	__u64 s_magic;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};

struct linux_binprm {
	const char *filename;
	const char *interp;
	const char *fdpath;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct seq_file {
};

enum pid_type {
	PIDTYPE_PGID = 2,
};

struct pt_regs {
#if defined(__TARGET_ARCH_x86)
	__u64 r10;
	__u64 r9;
	__u64 r8;
	__u64 bp;
	__u64 bx;
	__u64 cx;
	__u64 dx;
	__u64 si;
	__u64 di;
	__u64 orig_ax;
#endif
#if defined(__TARGET_ARCH_arm64)
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
#endif
};

#pragma clang attribute pop

#endif
