/*
 * A process pins pages of a DAX file by a pipe and forks; the child inherits the pipe. The parent closes its ends and
 * goes; the child punches a hole under the pages that its own pipe holds, and waits for itself until it is killed: a
 * self-deadlock, on all kernels.
 */
#include "acts.h"
#include <linux/falloc.h>

enum { PINNED_PAGES = 16, KILLED_AFTER_MS = 4000 };

static struct subject file;
static struct turn parent_is_gone, hole_comes;
static pid_t *puncher;
static int fd, pipe_fds[2];

static void punch(void) {
  *puncher = getpid();
  await(parent_is_gone);
  wait_a_beat();
  tell(did("hole-began"), about(&file), num("fd", fd), num("offset", 0), num("length", PINNED_PAGES * PAGE));
  give(hole_comes);
  int result = (int)kernel_result(
      fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)PINNED_PAGES * PAGE));
  fail("fallocate: it did not wait for its own pins", -result);
}

static void pin_and_fork(void) {
  fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  must(pipe2(pipe_fds, O_CLOEXEC));
  pin_by_pipe(&file, pipe_fds, address, PINNED_PAGES);
  wait_a_beat();
  pid_t child = start(punch);
  tell(did("forked"), num("child", child), list("fds", 2, pipe_fds));
  wait_a_beat();
  tell(did("exiting"));
}

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_DAX"), "punch-own-pins", PINNED_PAGES);
  parent_is_gone = new_turn();
  hole_comes = new_turn();
  puncher = must_pointer(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pid_t parent = start(pin_and_fork);
  await_exit(parent);
  give(parent_is_gone);
  await(hole_comes);
  wait_a_beat();
  late_point();
  wait_ms(KILLED_AFTER_MS);
  must(kill(*puncher, SIGKILL));
  tell(did("killed"), num("who", *puncher), num("signal", SIGKILL));
  await_exit(*puncher);
  return 0;
}
