/*
 * A process pins pages of a DAX file by a pipe, registers the pipe's ends as an io_uring's fixed files, closes them,
 * forks and exits. The child has the ring's descriptor only: the pipe is in no table of descriptors, and truncate hangs
 * for it. The child closes the ring 3 s after the late point.
 *
 * The child keeps one page mapped, so that truncate waits on every kernel (see handed-over.h).
 */
#include "rings.h"

enum { PINNED_PAGES = 16, CLOSES_AFTER_MS = 3000 };

static struct subject file;
static struct turn parent_is_gone, child_is_ready, countdown;
static pid_t *keeper;
static int fd;
static struct ring ring;
static char *address;

static void keep_ring(void) {
  *keeper = getpid();
  must(munmap(address, (size_t)PINNED_PAGES * PAGE));
  must(close(fd));
  await(parent_is_gone);
  map_one_page(&file);
  give(child_is_ready);
  await(countdown);
  wait_ms(CLOSES_AFTER_MS);
  must(close(ring.fd));
  tell(did("pages-released"), about(&file), num("pages", PINNED_PAGES), list("fds", 1, &ring.fd));
  wait_a_beat();
}

static void register_and_go(void) {
  fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  ring = new_ring();
  int pipe_fds[2];
  must(pipe2(pipe_fds, O_CLOEXEC));
  pin_by_pipe(&file, pipe_fds, address, PINNED_PAGES);
  wait_a_beat();
  register_files(ring, pipe_fds, 2);
  must(close(pipe_fds[0]));
  must(close(pipe_fds[1]));
  pid_t child = start(keep_ring);
  tell(did("forked"), num("child", child), list("fds", 1, &ring.fd));
  wait_a_beat();
  tell(did("exiting"));
}

static void truncate_it(void) { truncate_and_tell(&file, 0); }

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_DAX"), "uring-registered-file", PINNED_PAGES);
  parent_is_gone = new_turn();
  child_is_ready = new_turn();
  countdown = new_turn();
  keeper = must_pointer(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pid_t parent = start(register_and_go);
  await_exit(parent);
  give(parent_is_gone);
  await(child_is_ready);
  pid_t truncater = start(truncate_it);
  wait_a_beat();
  late_point();
  give(countdown);
  await_exit(truncater);
  await_exit(*keeper);
  return 0;
}
