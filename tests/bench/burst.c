/* burst PROGRAM FILE PROCESSES FORKS OPENS: PROCESSES at once, each FORKS times a child that opens and
 * closes FILE OPENS times and then execs PROGRAM. What is lost when many start at the same moment. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(char** argv) {
  char* command[] = {argv[1], "burst-child", NULL};

  for (long left = atol(argv[5]); left > 0; left--) {
    int fd = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (fd < 0) _exit(1);
    close(fd);
  }
  execv(argv[1], command);
  _exit(127);
}

static void worker(char** argv) {
  for (long left = atol(argv[4]); left > 0; left--) {
    int status = 1;
    pid_t pid = fork();
    if (pid == 0) work(argv);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status) _exit(1);
  }
  _exit(0);
}

int main(int argc, char** argv) {
  int failed = 0, status;

  if (argc != 6) {
    fprintf(stderr, "usage: burst PROGRAM FILE PROCESSES FORKS OPENS\n");
    return 2;
  }
  for (long left = atol(argv[3]); left > 0; left--) {
    pid_t pid = fork();
    if (pid == 0) worker(argv);
    failed |= pid < 0;
  }
  while (wait(&status) > 0) failed |= status != 0;
  return failed;
}
