/*
 * A pins 16 pages of a DAX file by a pipe, B gets both ends of the pipe, A unmaps and closes the file, and exits.
 * C truncates the file. B drains the pipe 5 s later.
 *
 * Up to 6.12 truncate waits for such pins only while somebody maps the file (dax_layout_busy_page_range returns
 * NULL when !mapping_mapped, fs/dax.c): without a mapping it frees the blocks at once, under B's references. From 6.18
 * on it always waits. So the story is played twice: with one page still mapped by B, and without.
 *
 * Played late, whopins comes either before the truncate or after it, when the truncate has long hung, or cut the file.
 */
#ifndef HANDED_OVER_H
#define HANDED_OVER_H

#include "acts.h"

enum { PINNED_PAGES = 16, DRAINS_AFTER_MS = 5000 };

enum hand_over { SENT_BY_A, STOLEN_BY_B };
enum late { BEFORE_TRUNCATE, AFTER_TRUNCATE };

static enum hand_over how;
static bool b_keeps_a_page_mapped;

static struct subject file;
static struct channel a_to_b;
static struct turn b_has_it, a_is_gone, b_is_ready, countdown;
static pid_t b;

/* A: pins, lets B have the pipe, goes. */
static void pin_and_go(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  block_sigio();
  take_lease(&file, fd, F_WRLCK);
  char *address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  int pipe_fds[2];
  must(pipe2(pipe_fds, O_CLOEXEC));
  wait_a_beat();
  pin_by_pipe(&file, pipe_fds, address, PINNED_PAGES);
  wait_a_beat();
  if (how == SENT_BY_A) send_fds(a_to_b, pipe_fds, 2, b);
  else must(send(a_to_b.fds[0], (int[]){getpid(), pipe_fds[0], pipe_fds[1]}, sizeof(int[3]), 0));
  await(b_has_it);
  wait_a_beat();
  unmap(&file, address, PINNED_PAGES);
  close_file(&file, fd);
  tell(did("exiting"));
}

static void obtain_pipe(int pipe_fds[2]) {
  if (how == SENT_BY_A) {
    receive_fds(a_to_b, pipe_fds, 2);
    return;
  }
  int whose[3];
  must(recv(a_to_b.fds[1], whose, sizeof whose, 0));
  steal_fds(whose[0], &whose[1], pipe_fds, 2);
}

/* B: gets the pipe, and drains it late. */
static void keep_and_drain(void) {
  int pipe_fds[2];
  obtain_pipe(pipe_fds);
  give(b_has_it);
  await(a_is_gone);
  if (b_keeps_a_page_mapped) map_one_page(&file);
  give(b_is_ready);
  await(countdown);
  wait_ms(DRAINS_AFTER_MS);
  drain_pipe(&file, pipe_fds, PINNED_PAGES);
  wait_a_beat();
}

/* C. */
static void truncate_it(void) { truncate_and_tell(&file, 0); }

static int play_handed_over(const char *name, enum hand_over way, bool keep_a_page_mapped, enum late late) {
  begin_story(NULL);
  how = way;
  b_keeps_a_page_mapped = keep_a_page_mapped;
  a_to_b = new_channel();
  file = fresh_file(lab_directory("LAB_DAX"), name, PINNED_PAGES);
  b_has_it = new_turn();
  a_is_gone = new_turn();
  b_is_ready = new_turn();
  countdown = new_turn();
  b = start(keep_and_drain);
  pid_t a = start(pin_and_go);
  await_exit(a);
  if (late == BEFORE_TRUNCATE) late_point();
  wait_a_beat();
  give(a_is_gone);
  await(b_is_ready);
  wait_a_beat();
  pid_t c = start(truncate_it);
  if (late == AFTER_TRUNCATE) {
    wait_a_beat();
    late_point();
  }
  give(countdown);
  await_exit(c);
  await_exit(b);
  return 0;
}

#endif
