/*
 * As in-flight, one deeper: A sends the pipe into a socket pair of its own, and the end in whose queue it lies to B, who
 * receives neither. Only B's socket leads to the socket that leads to the pipe. B lets go 2 s after the late point, by
 * closing its socket: the kernel then throws away both queues.
 */
#include "acts.h"

enum { PINNED_PAGES = 16, CLOSES_AFTER_MS = 2000 };

static struct subject file;
static struct channel a_to_b;
static struct turn b_is_ready, countdown;
static pid_t b;

static void pin_and_send_nested(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  int pipe_fds[2];
  must(pipe2(pipe_fds, O_CLOEXEC));
  pin_by_pipe(&file, pipe_fds, address, PINNED_PAGES);
  wait_a_beat();
  struct channel inner = new_channel();
  send_fds(inner, pipe_fds, 2, 0);
  send_fds(a_to_b, &inner.fds[1], 1, b);
  tell_in_flight(b, a_to_b.fds[1]);
  wait_a_beat();
  tell(did("exiting"));
}

static void close_late(void) {
  map_one_page(&file);
  give(b_is_ready);
  await(countdown);
  wait_ms(CLOSES_AFTER_MS);
  must(close(a_to_b.fds[1]));
  tell(did("pages-released"), about(&file), num("pages", PINNED_PAGES), text("how", "queue closed"));
  wait_a_beat();
}

static void truncate_it(void) { truncate_and_tell(&file, 0); }

int main(void) {
  begin_story(NULL);
  a_to_b = new_channel();
  file = fresh_file(lab_directory("LAB_DAX"), "in-flight-nested", PINNED_PAGES);
  b_is_ready = new_turn();
  countdown = new_turn();
  b = start(close_late);
  must(close(a_to_b.fds[1]));
  await(b_is_ready);
  pid_t a = start(pin_and_send_nested);
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
