/* exec_storm PROGRAM COUNT: fork, exec PROGRAM and wait for it, COUNT times, one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int once(char* program) {
  char* argv[] = {program, "exec-storm", NULL};
  int status = 1;
  pid_t pid = fork();

  if (pid == 0) {
    execv(program, argv);
    _exit(127);
  }
  return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: exec_storm PROGRAM COUNT\n");
    return 2;
  }
  for (long left = atol(argv[2]); left > 0; left--)
    if (!once(argv[1])) return 1;
  return 0;
}
