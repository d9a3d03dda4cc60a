/*
 * A holder takes a write lease; an open for reading blocks; the kernel sends SIGIO; the holder unlocks 0.7 s later.
 *
 * The opener asks to read, so only a downgrade is pending, and the kernel's wait loop goes round every jiffy
 * (fs/locks.c, __break_lease): many rows, one break.
 */
#include "acts.h"

enum { ANSWERS_AFTER_MS = 700 };

static struct subject file;
static struct turn lease_taken;

static void hold(void) {
  block_sigio();
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  take_lease(&file, fd, F_WRLCK);
  give(lease_taken);
  if (!await_sigio(10000)) fail("wait for SIGIO", ETIMEDOUT);
  wait_ms(ANSWERS_AFTER_MS);
  release_lease(&file, fd);
  wait_a_beat();
  close_file(&file, fd);
}

static void open_it(void) { visit(&file, O_RDONLY); }

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_EXT4"), "lease-break", 4);
  lease_taken = new_turn();
  pid_t holder = start(hold);
  await(lease_taken);
  wait_a_beat();
  pid_t opener = start(open_it);
  await_exit(opener);
  await_exit(holder);
  return 0;
}
