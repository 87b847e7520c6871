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

struct sigpending {
	struct list_head list;
	struct { __u64 sig[1]; } signal;
};

struct seccomp {
	__s32 mode;
	struct seccomp_filter *filter;
};

struct sched_entity {
	__u64 sum_exec_runtime;
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
	struct pid *thread_pid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct list_head children;
	struct list_head sibling;
	__u64 start_boottime;
	__u64 self_exec_id;
	const struct cred *cred;
	const struct cred *real_cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct signal_struct *signal;
	struct mm_struct *mm;
	__s32 exit_state;
	__s32 exit_code;
	struct sigpending pending;
	struct { __u64 sig[1]; } blocked;
	struct sighand_struct *sighand;
	__u32 ptrace;
	struct seccomp seccomp;
	struct list_head thread_node;
	__u64 utime;
	__u64 stime;
	struct sched_entity se;
	struct { __u32 val; } loginuid;
	struct bpf_local_storage *bpf_storage;
#if defined(__TARGET_ARCH_x86)
	struct thread_info thread_info;
#endif
#if defined(__TARGET_ARCH_arm64)
	struct thread_info thread_info;
#endif
};

struct cred {
	struct { __u32 val; } uid;
	struct { __u32 val; } euid;
	struct { __u32 val; } egid;
};

struct seqcount {
	__u32 sequence;
};

struct prev_cputime {
	__u64 utime;
	__u64 stime;
};

struct signal_struct {
	struct { __s32 counter; } live;
	__s32 group_exit_code;
	__u32 flags;
	struct tty_struct *tty;
	struct pid *pids[4];
	struct sigpending shared_pending;
	struct list_head thread_head;
	struct seqcount stats_lock;
	__u64 utime;
	__u64 stime;
	__u64 sum_sched_runtime;
	struct prev_cputime prev_cputime;
	__u64 maxrss;
};

struct kernel_siginfo {
	__s32 si_signo;
	__s32 si_code;
};

struct sigqueue {
	struct list_head list;
	struct kernel_siginfo info;
};

struct seccomp_filter {
	struct seccomp_filter *prev;
	struct bpf_prog *prog;
	struct notification *notif;
};

struct bpf_prog {
	struct sock_fprog_kern *orig_prog;
};

struct sock_fprog_kern {
	__u16 len;
	struct sock_filter *filter;
};

struct sock_filter {
	__u16 code;
	__u32 k;
};

struct sigaction {
	void *sa_handler;
	__u64 sa_flags;
};

struct k_sigaction {
	struct sigaction sa;
};

struct sighand_struct {
	struct k_sigaction action[64];
};

struct upid {
	__s32 nr;
	struct pid_namespace *ns;
};

struct pid {
	__u32 level;
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
	__u64 env_start;
	__u64 env_end;
	struct file *exe_file;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct seqcount seq;
	struct path pwd;
	struct path root;
};

struct file {
	struct path f_path;
	__u32 f_mode;
	__u32 f_flags;
	struct inode *f_inode;
	__s64 f_pos;
	struct { struct { __s64 counter; } refcnt; } f_ref;
};

struct files_struct {
	struct { __s32 counter; } count;
	struct fdtable *fdt;
};

struct fdtable {
	__u32 max_fds;
	struct file **fd;
	__u64 *open_fds;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct qstr {
	__u32 len;
	const __u8 *name;
};

union shortname_store {
	__u64 words[5];
};

struct dentry {
	struct seqcount d_seq;
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	union shortname_store d_shortname;
	const struct dentry_operations *d_op;
	struct super_block *d_sb;
};

struct dentry_operations {
	void *d_dname;
};

struct inode {
	__u16 i_mode;
	__u64 i_ino;
	__u32 i_rdev;
	__s64 i_size;
	struct super_block *i_sb;
	void *i_private;
};

struct ns_common {
	const struct proc_ns_operations *ops;
	__u32 inum;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct proc_ns_operations {
	const char *name;
};

struct super_block {
	__u32 s_dev;
	__u64 s_magic;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
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
	PIDTYPE_TGID = 1,
	PIDTYPE_PGID = 2,
};

struct io_cqe {
	__u64 user_data;
	__s32 res;
	__s32 fd;
};

struct io_wq_work_node {
	struct io_wq_work_node *next;
};

struct io_kiocb {
	struct file *file;
	__u8 opcode;
	__u64 flags;
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
	struct io_wq_work_node comp_list;
	const struct cred *creds;
};

struct io_rsrc_data {
	__u32 nr;
	struct io_rsrc_node **nodes;
};

struct io_file_table {
	struct io_rsrc_data data;
};

struct io_wq_work_list {
	struct io_wq_work_node *first;
	struct io_wq_work_node *last;
};

struct io_submit_state {
	struct io_wq_work_list compl_reqs;
};

struct io_ring_ctx {
	struct io_file_table file_table;
	struct io_submit_state submit_state;
};

struct io_rsrc_node {
	__u64 file_ptr;
};

struct io_uring_cqe {
	__s32 res;
};

struct filename {
	const char *name;
};

struct open_how {
	__u64 flags;
	__u64 mode;
	__u64 resolve;
};

struct io_open {
	__s32 dfd;
	__u32 file_slot;
	struct filename *filename;
	struct open_how how;
};

struct io_close {
	__s32 fd;
	__u32 file_slot;
};

struct io_unlink {
	__s32 dfd;
	__s32 flags;
	struct filename *filename;
};

struct io_rename {
	__s32 old_dfd;
	__s32 new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	__s32 flags;
};

struct io_mkdir {
	__s32 dfd;
	__u16 mode;
	struct filename *filename;
};

struct io_link {
	__s32 old_dfd;
	__s32 new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	__s32 flags;
};

struct io_sync {
	__s64 len;
	__s32 mode;
};

struct io_ftrunc {
	__s64 len;
};

struct kernel_xattr_ctx {
	struct xattr_name *kname;
};

struct io_xattr {
	struct kernel_xattr_ctx ctx;
	struct filename *filename;
};

struct xattr_name {
	char name[256];
};

struct kiocb {
	__s64 ki_pos;
};

struct io_rw {
	struct kiocb kiocb;
};

struct io_splice {
	__s64 off_out;
	__s64 off_in;
	__s32 splice_fd_in;
	__u32 flags;
};

struct pt_regs {
#if defined(__TARGET_ARCH_x86)
	__u64 r10;
	__u64 r9;
	__u64 r8;
	__u64 bp;
	__u64 bx;
	__u64 ax;
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
