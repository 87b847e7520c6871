/* file_storm open FILE COUNT: open and close FILE, COUNT times.
 * file_storm rw FILE COUNT:   COUNT writes of 64 bytes, then COUNT reads of 1 KiB at changing places.
 * file_storm names DIR COUNT: create, rename and remove COUNT files, 1000 to a directory. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PER_DIRECTORY = 1000, FILE_SIZE = 4 << 20, WRITE = 64, READ = 1024 };

static int open_storm(const char* file, long count) {
  while (count-- > 0) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 1;
    close(fd);
  }
  return 0;
}

static int rw_storm(const char* file, long count) {
  static char block[READ];
  int fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  if (fd < 0 || ftruncate(fd, FILE_SIZE)) return 1;
  memset(block, 'x', sizeof block);
  for (long i = 0; i < count; i++) {
    /* Round and round in the same 4 MiB: growing a file would measure the file system. */
    if (i % (FILE_SIZE / WRITE) == 0 && lseek(fd, 0, SEEK_SET) != 0) return 1;
    if (write(fd, block, WRITE) != WRITE) return 1;
  }
  for (long i = 0; i < count; i++)
    if (pread(fd, block, READ, i % (FILE_SIZE / READ) * READ) != READ) return 1;
  return close(fd) != 0;
}

static const char* directory(long i) {
  static char name[64];
  snprintf(name, sizeof name, "d%ld", i / PER_DIRECTORY);
  return name;
}

static const char* file(const char* stem, long i) {
  static char names[2][96];
  static int turn;
  char* name = names[turn ^= 1];
  snprintf(name, sizeof names[0], "%s/%s%ld", directory(i), stem, i);
  return name;
}

static int create(long i) {
  if (i % PER_DIRECTORY == 0 && mkdir(directory(i), 0700)) return 1;
  int fd = open(file("old", i), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return fd < 0 || close(fd) != 0;
}

static int names_storm(const char* where, long count) {
  if (chdir(where)) return 1;
  for (long i = 0; i < count; i++)
    if (create(i)) return 1;
  for (long i = 0; i < count; i++)
    if (rename(file("old", i), file("new", i))) return 1;
  for (long i = 0; i < count; i++)
    if (unlink(file("new", i))) return 1;
  for (long i = 0; i < count; i += PER_DIRECTORY)
    if (rmdir(directory(i))) return 1;
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: file_storm open|rw|names PATH COUNT\n");
    return 2;
  }
  long count = atol(argv[3]);
  if (strcmp(argv[1], "open") == 0) return open_storm(argv[2], count);
  if (strcmp(argv[1], "rw") == 0) return rw_storm(argv[2], count);
  return names_storm(argv[2], count);
}
