/*
 * A pins 16 pages of a DAX file by a pipe, sends both ends of the pipe to B, unmaps and closes the file, and exits.
 * C truncates the file. B drains the pipe 5 s later.
 *
 * Up to 6.12 truncate waits for such pins only while somebody maps the file (dax_layout_busy_page_range returns
 * NULL when !mapping_mapped, fs/dax.c): without a mapping it frees the blocks at once, under B's references. From 6.18
 * on it always waits. So the story is played twice: with one page still mapped by B, and without.
 */
#ifndef HANDED_OVER_H
#define HANDED_OVER_H

#include "acts.h"

enum { PINNED_PAGES = 16, DRAINS_AFTER_MS = 5000 };

static struct subject file;
static bool keeps_a_page_mapped;
static struct channel a_to_b;
static struct turn b_received, a_is_gone, b_is_ready, truncate_comes;
static pid_t b;

/* A: pins, hands over, goes. */
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
  send_fds(a_to_b, pipe_fds, 2, b);
  await(b_received);
  wait_a_beat();
  unmap(&file, address, PINNED_PAGES);
  close_file(&file, fd);
  tell(did("exiting"));
}

/* B: receives, and drains late. */
static void receive_and_drain(void) {
  int pipe_fds[2];
  receive_fds(a_to_b, pipe_fds, 2);
  give(b_received);
  await(a_is_gone);
  if (keeps_a_page_mapped) {
    int fd = must_fd(open(file.path, O_RDONLY | O_CLOEXEC));
    volatile char *page = map_shared(fd, 1, PROT_READ);
    (void)page[0];
    tell(did("mapped"), about(&file), num("pages", 1));
    must(close(fd));
  }
  give(b_is_ready);
  await(truncate_comes);
  wait_ms(DRAINS_AFTER_MS);
  drain_pipe(&file, pipe_fds, PINNED_PAGES);
  wait_a_beat();
}

/* C is the main process. */
static int play_handed_over(const char *name, bool keep_a_page_mapped) {
  begin_story(NULL);
  keeps_a_page_mapped = keep_a_page_mapped;
  a_to_b = new_channel();
  file = fresh_file(lab_directory("LAB_DAX"), name, PINNED_PAGES);
  b_received = new_turn();
  a_is_gone = new_turn();
  b_is_ready = new_turn();
  truncate_comes = new_turn();
  b = start(receive_and_drain);
  pid_t a = start(pin_and_go);
  await_exit(a);
  wait_a_beat();
  give(a_is_gone);
  await(b_is_ready);
  wait_a_beat();
  give(truncate_comes);
  truncate_and_tell(&file, 0);
  await_exit(b);
  return 0;
}

#endif
