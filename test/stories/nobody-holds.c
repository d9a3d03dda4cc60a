/*
 * A pins pages of a DAX file by a pipe, drains it and exits. B merely has the file open, and one page of it mapped: that
 * holds nothing. Truncate goes through at once.
 */
#include "acts.h"

enum { PINNED_PAGES = 16 };

static struct subject file;
static struct turn b_is_ready, b_may_go;

static void pin_and_release(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  int pipe_fds[2];
  must(pipe2(pipe_fds, O_CLOEXEC));
  pin_by_pipe(&file, pipe_fds, address, PINNED_PAGES);
  wait_a_beat();
  drain_pipe(&file, pipe_fds, PINNED_PAGES);
  tell(did("exiting"));
}

static void have_it_open(void) {
  int fd = must_fd(open(file.path, O_RDONLY | O_CLOEXEC));
  volatile char *page = map_shared(fd, 1, PROT_READ);
  (void)page[0];
  tell(did("opened"), about(&file), num("fd", fd), num("mapped", PAGE));
  give(b_is_ready);
  await(b_may_go);
  close_file(&file, fd);
}

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_DAX"), "nobody-holds", PINNED_PAGES);
  b_is_ready = new_turn();
  b_may_go = new_turn();
  pid_t b = start(have_it_open);
  await(b_is_ready);
  pid_t a = start(pin_and_release);
  await_exit(a);
  late_point();
  wait_a_beat();
  truncate_and_tell(&file, 0);
  give(b_may_go);
  await_exit(b);
  return 0;
}
