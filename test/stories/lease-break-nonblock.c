/*
 * An opener with O_NONBLOCK does not wait for the lease: it gets EWOULDBLOCK at once. The break has begun all the same;
 * the lease stays "breaking" until the holder unlocks, 2 s later.
 */
#include "acts.h"

enum { ANSWERS_AFTER_MS = 2000 };

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

static void try_to_open(void) {
  int result = open_and_tell(&file, O_RDWR | O_NONBLOCK);
  if (result != -EWOULDBLOCK) fail("open with O_NONBLOCK over a lease", result < 0 ? -result : 0);
}

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_EXT4"), "lease-break-nonblock", 4);
  lease_taken = new_turn();
  pid_t holder = start(hold);
  await(lease_taken);
  wait_a_beat();
  pid_t opener = start(try_to_open);
  await_exit(opener);
  await_exit(holder);
  return 0;
}
