/*
 * A lease's descriptor is passed over SCM_RIGHTS; the sender closes its own, but lives. The break signal reaches the
 * sender, who no longer has the file, and nobody signals the process that could unlock. (Chinner, 25 Aug and
 * 2 Sep 2019.)
 */
#include "acts.h"

enum { ANSWERS_AFTER_MS = 700 };

static struct subject file;
static struct channel to_receiver;
static struct turn received, sender_closed, please_unlock;
static pid_t receiver;

static void take_and_pass(void) {
  block_sigio();
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  take_lease(&file, fd, F_WRLCK);
  wait_a_beat();
  send_fds(to_receiver, &fd, 1, receiver);
  await(received);
  wait_a_beat();
  close_file(&file, fd);
  give(sender_closed);
  if (!await_sigio(10000)) fail("wait for SIGIO", ETIMEDOUT);
  give(please_unlock);
}

static void receive(void) {
  int fd;
  receive_fds(to_receiver, &fd, 1);
  give(received);
  await(please_unlock);
  wait_ms(ANSWERS_AFTER_MS);
  release_lease(&file, fd);
  wait_a_beat();
  close_file(&file, fd);
}

static void open_it(void) { visit(&file, O_RDWR); }

int main(void) {
  begin_story(NULL);
  to_receiver = new_channel();
  file = fresh_file(lab_directory("LAB_EXT4"), "sigio-stray", 4);
  received = new_turn();
  sender_closed = new_turn();
  please_unlock = new_turn();
  receiver = start(receive);
  pid_t taker = start(take_and_pass);
  await(sender_closed);
  wait_a_beat();
  pid_t opener = start(open_it);
  await_exit(opener);
  await_exit(taker);
  await_exit(receiver);
  return 0;
}
