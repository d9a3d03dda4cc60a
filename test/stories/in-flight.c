/*
 * A pins pages by a pipe, sends both ends to B, who does not receive them, and dies: the pipe is in no process's table,
 * only in the queue of B's socket. C's truncate hangs for it. B receives 2 s after the late point, and drains.
 *
 * B keeps one page mapped, so that truncate waits on every kernel (see handed-over.h).
 */
#include "acts.h"

enum { PINNED_PAGES = 16, RECEIVES_AFTER_MS = 2000 };

static struct subject file;
static struct channel a_to_b;
static struct turn b_is_ready, countdown;
static pid_t b;

static void pin_and_send(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  int pipe_fds[2];
  must(pipe2(pipe_fds, O_CLOEXEC));
  pin_by_pipe(&file, pipe_fds, address, PINNED_PAGES);
  wait_a_beat();
  send_fds(a_to_b, pipe_fds, 2, b);
  tell_in_flight(b, a_to_b.fds[1]);
  wait_a_beat();
  tell(did("exiting"));
}

static void receive_late(void) {
  map_one_page(&file);
  give(b_is_ready);
  await(countdown);
  wait_ms(RECEIVES_AFTER_MS);
  int pipe_fds[2];
  receive_fds(a_to_b, pipe_fds, 2);
  wait_a_beat();
  drain_pipe(&file, pipe_fds, PINNED_PAGES);
  wait_a_beat();
}

static void truncate_it(void) { truncate_and_tell(&file, 0); }

/* B alone keeps the receiving end of its channel. */
int main(void) {
  begin_story(NULL);
  a_to_b = new_channel();
  file = fresh_file(lab_directory("LAB_DAX"), "in-flight", PINNED_PAGES);
  b_is_ready = new_turn();
  countdown = new_turn();
  b = start(receive_late);
  must(close(a_to_b.fds[1]));
  await(b_is_ready);
  pid_t a = start(pin_and_send);
  await_exit(a);
  must(close(a_to_b.fds[0]));
  pid_t c = start(truncate_it);
  wait_a_beat();
  late_point();
  give(countdown);
  await_exit(c);
  await_exit(b);
  return 0;
}
