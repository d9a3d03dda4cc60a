/*
 * PROCESSES processes that open and close PIPES pipes each, and nothing else: 2 x PROCESSES x PIPES calls of close(2), as
 * many of fd_install(), half as many of create_pipe_files().
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: closes PROCESSES PIPES\n"), 2;
  int processes = atoi(argv[1]), pipes = atoi(argv[2]);
  for (int i = 0; i < processes; i++) {
    if (fork() != 0) continue;
    for (int n = 0; n < pipes; n++) {
      int ends[2];
      if (pipe(ends) != 0) _exit(1);
      close(ends[0]);
      close(ends[1]);
    }
    _exit(0);
  }
  int failed = 0, status;
  while (wait(&status) > 0) failed |= status;
  return failed == 0 ? 0 : 1;
}
