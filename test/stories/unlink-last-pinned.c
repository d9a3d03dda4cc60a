/*
 * The last link of a pinned DAX file goes, then its last descriptor, while B still has its pages in a pipe. From 6.18
 * on evict waits for the pages, uninterruptibly, in A's close(2) (fs/dax.c, dax_break_layout_final); before, the
 * blocks are freed at once, under B's references.
 */
#include "acts.h"

enum { PINNED_PAGES = 16, DRAINS_AFTER_MS = 5000 };

static struct subject file;
static struct channel a_to_b;
static struct turn b_received, close_comes, countdown;
static pid_t b;

static void pin_and_unlink(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  int pipe_fds[2];
  must(pipe2(pipe_fds, O_CLOEXEC));
  pin_by_pipe(&file, pipe_fds, address, PINNED_PAGES);
  wait_a_beat();
  send_fds(a_to_b, pipe_fds, 2, b);
  await(b_received);
  must(close(pipe_fds[0]));
  must(close(pipe_fds[1]));
  unmap(&file, address, PINNED_PAGES);
  wait_a_beat();
  must(unlink(file.path));
  tell(did("unlinked"), about(&file));
  wait_a_beat();
  give(close_comes);
  tell(did("close-began"), about(&file), num("fd", fd));
  long long began = now_ns();
  must(close(fd));
  tell(did("close-ended"), about(&file), num("fd", fd), num("result", 0), num("waited_ms", ms_since(began)));
}

static void receive_and_drain(void) {
  int pipe_fds[2];
  receive_fds(a_to_b, pipe_fds, 2);
  give(b_received);
  await(countdown);
  wait_ms(DRAINS_AFTER_MS);
  drain_pipe(&file, pipe_fds, PINNED_PAGES);
  wait_a_beat();
}

int main(void) {
  begin_story(NULL);
  a_to_b = new_channel();
  file = fresh_file(lab_directory("LAB_DAX"), "unlink-last-pinned", PINNED_PAGES);
  b_received = new_turn();
  close_comes = new_turn();
  countdown = new_turn();
  b = start(receive_and_drain);
  pid_t a = start(pin_and_unlink);
  await(close_comes);
  wait_a_beat();
  late_point();
  give(countdown);
  await_exit(a);
  await_exit(b);
  return 0;
}
