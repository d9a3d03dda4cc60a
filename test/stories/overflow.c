/*
 * More rows than a buffer of one page takes: a process opens and closes pipes as fast as it can, with a lease taken before
 * and given back after. What is lost must be said where it was lost, and the three numbers must add up.
 */
#include "acts.h"

enum { PIPES = 20011 };

int main(void) {
  begin_story("flood");
  struct subject file = fresh_file(lab_directory("LAB_TMP"), "flooded", 2);
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  take_lease(&file, fd, F_WRLCK);
  wait_ms(2500);
  long long began = now_ns();
  for (int i = 0; i < PIPES; i++) {
    int pipe_fds[2];
    must(pipe2(pipe_fds, O_CLOEXEC));
    must(close(pipe_fds[0]));
    must(close(pipe_fds[1]));
  }
  tell(did("flooded"), num("pipes", PIPES), num("began_ns", began));
  wait_ms(2500);
  release_lease(&file, fd);
  return 0;
}
