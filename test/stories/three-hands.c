/*
 * Pins pass through three hands: A pins by a pipe, and sends both ends to B; A dies. B sends the read end to C, and the
 * write end to D, who does not receive it; B dies. Now C has one descriptor, and another lies in the queue of D's
 * socket. Truncate waits for both: C closes 2 s later, which frees nothing; D closes its socket 2 s after that, and
 * with the queue goes the last reference.
 *
 * C keeps one page mapped, so that truncate waits on every kernel (see handed-over.h).
 */
#include "acts.h"

enum { PINNED_PAGES = 16, CLOSES_AFTER_MS = 2000 };

static struct subject file;
static struct channel a_to_b, b_to_c, b_to_d;
static struct turn b_received, c_received, b_is_gone, c_is_ready, truncate_comes, c_closed;
static pid_t b, c, d;

static void pin_and_go(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  int pipe_fds[2];
  must(pipe2(pipe_fds, O_CLOEXEC));
  pin_by_pipe(&file, pipe_fds, address, PINNED_PAGES);
  wait_a_beat();
  send_fds(a_to_b, pipe_fds, 2, b);
  await(b_received);
  tell(did("exiting"));
}

static void pass_on_and_go(void) {
  int pipe_fds[2];
  receive_fds(a_to_b, pipe_fds, 2);
  give(b_received);
  wait_a_beat();
  send_fds(b_to_c, &pipe_fds[0], 1, c);
  await(c_received);
  send_fds(b_to_d, &pipe_fds[1], 1, d);
  wait_a_beat();
  tell(did("exiting"));
}

static void receive_and_close(void) {
  int read_end;
  receive_fds(b_to_c, &read_end, 1);
  give(c_received);
  await(b_is_gone);
  map_one_page(&file);
  give(c_is_ready);
  await(truncate_comes);
  wait_ms(CLOSES_AFTER_MS);
  must(close(read_end));
  tell(did("fd-closed"), num("fd", read_end));
  give(c_closed);
  wait_ms(2 * CLOSES_AFTER_MS);
}

/* D alone has the receiving end of its channel, and never receives. */
static void leave_in_queue(void) {
  await(c_closed);
  wait_ms(CLOSES_AFTER_MS);
  must(close(b_to_d.fds[1]));
  tell(did("pages-released"), about(&file), num("pages", PINNED_PAGES), text("how", "queue closed"));
  wait_a_beat();
}

int main(void) {
  begin_story(NULL);
  a_to_b = new_channel();
  b_to_c = new_channel();
  file = fresh_file(lab_directory("LAB_DAX"), "three-hands", PINNED_PAGES);
  b_received = new_turn();
  c_received = new_turn();
  b_is_gone = new_turn();
  c_is_ready = new_turn();
  truncate_comes = new_turn();
  c_closed = new_turn();
  c = start(receive_and_close);
  b_to_d = new_channel();
  d = start(leave_in_queue);
  must(close(b_to_d.fds[1]));
  b = start(pass_on_and_go);
  must(close(b_to_d.fds[0]));
  pid_t a = start(pin_and_go);
  await_exit(a);
  await_exit(b);
  tell_in_flight(d, b_to_d.fds[1]);
  late_point();
  wait_a_beat();
  give(b_is_gone);
  await(c_is_ready);
  wait_a_beat();
  give(truncate_comes);
  truncate_and_tell(&file, 0);
  await_exit(d);
  await_exit(c);
  return 0;
}
