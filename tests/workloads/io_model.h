/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a program knows of its own descriptors: which file each one is open on, and what went through it. Kept in a
 * mapped file: it outlives exec and every kind of end, and noting something there is neither a read nor a write.
 */
#ifndef IO_MODEL_H
#define IO_MODEL_H

#include "truth.h"

#include <stdbool.h>
#include <sys/mman.h>

enum { DESCRIPTORS = 48, PROCESSES = 8192, USES = 65536, FILES = 65536 };

struct model_file {
	char name[48]; /* relative to the first directory, or "pipe:[1]", "socket:[1]" */
	bool regular;
};

/* A descriptor of one process from its first use to its end. */
struct model_use {
	pid_t pid;
	int fd;
	int file;
	unsigned long long reads, read_bytes, writes, written_bytes;
};

struct model_descriptor {
	bool open;
	bool cloexec;
	int file;
	int use; /* -1: nothing went through it yet */
};

struct model_process {
	pid_t pid;
	unsigned long long random;
	char directory[16];
	int steps; /* that are left */
	int generation;
	unsigned long long closes, regular_closes;
	struct model_descriptor table[DESCRIPTORS];
};

static struct model {
	int process_count, use_count, file_count;
	char directory[PATH_MAX];
	struct model_process processes[PROCESSES];
	struct model_use uses[USES];
	struct model_file files[FILES];
} * model;

static struct model_process *self;

static void model_map(const char *path, int flags)
{
	int fd = open(path, O_RDWR | flags, 0600);

	if (fd < 0 || ftruncate(fd, sizeof(*model)))
		die(path);
	model = mmap(NULL, sizeof(*model), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (model == MAP_FAILED)
		die("mmap");
	close(fd);
}

static int take(int *count, int limit)
{
	int index = __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);

	if (index >= limit) {
		errno = ENOSPC;
		die("model");
	}
	return index;
}

/* For a child, with the descriptors that its parent has now. */
static struct model_process *model_child(const struct model_process *parent)
{
	struct model_process *process = &model->processes[take(&model->process_count, PROCESSES)];

	if (parent)
		*process = *parent;
	for (int fd = 0; fd < DESCRIPTORS; fd++)
		process->table[fd].use = -1;
	process->closes = process->regular_closes = 0;
	return process;
}

static void model_enter(struct model_process *process)
{
	self = process;
	self->pid = getpid();
}

static int model_file(const char *name, bool regular)
{
	int index = take(&model->file_count, FILES);

	snprintf(model->files[index].name, sizeof(model->files[index].name), "%.40s", name);
	model->files[index].regular = regular;
	return index;
}

static void model_opened(int fd, int file, bool cloexec)
{
	self->table[fd] = (struct model_descriptor){.open = true, .cloexec = cloexec, .file = file, .use = -1};
}

static void model_gone(int fd)
{
	self->table[fd].open = false;
}

/* By a call, and not by exec or exit. */
static void model_closed(int fd)
{
	if (!self->table[fd].open)
		return;
	self->closes++;
	self->regular_closes += model->files[self->table[fd].file].regular;
	model_gone(fd);
}

static void model_executed(void)
{
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		if (self->table[fd].cloexec)
			model_gone(fd);
	}
}

static struct model_use *model_use(int fd)
{
	struct model_descriptor *descriptor = &self->table[fd];

	if (!descriptor->open)
		die("the kernel used a descriptor that the model has not got");
	if (descriptor->use < 0) {
		descriptor->use = take(&model->use_count, USES);
		model->uses[descriptor->use] = (struct model_use){.pid = self->pid, .fd = fd, .file = descriptor->file};
	}
	return &model->uses[descriptor->use];
}

/* Of a call's result: failed ones do not count. */
static void model_read(int fd, long long result)
{
	if (result < 0)
		return;
	model_use(fd)->reads++;
	model_use(fd)->read_bytes += result;
}

static void model_written(int fd, long long result)
{
	if (result < 0)
		return;
	model_use(fd)->writes++;
	model_use(fd)->written_bytes += result;
}

static void print_use(const struct model_use *use)
{
	const struct model_file *file = &model->files[use->file];
	struct truth line = truth_begin("use");
	char path[PATH_MAX + sizeof(file->name)];

	snprintf(path, sizeof(path), "%s%s%s", file->name[0] == 'd' ? model->directory : "",
		 file->name[0] == 'd' ? "/" : "", file->name);
	truth_number(&line, "pid", use->pid);
	truth_number(&line, "fd", use->fd);
	truth_string(&line, "path", path);
	truth_number(&line, "regular", file->regular);
	truth_number(&line, "reads", (long long)use->reads);
	truth_number(&line, "read_bytes", (long long)use->read_bytes);
	truth_number(&line, "writes", (long long)use->writes);
	truth_number(&line, "written_bytes", (long long)use->written_bytes);
	truth_end(&line);
}

static void model_print(void)
{
	for (int i = 0; i < model->use_count; i++)
		print_use(&model->uses[i]);
	for (int i = 0; i < model->process_count; i++) {
		struct truth line = truth_begin("closes");

		truth_number(&line, "pid", model->processes[i].pid);
		truth_number(&line, "regular", (long long)model->processes[i].regular_closes);
		truth_number(&line, "all", (long long)model->processes[i].closes);
		truth_end(&line);
	}
}

#endif
