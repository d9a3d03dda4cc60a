/*
 * A process takes a lease, forks, and closes its descriptor: the child shares the open file description, and so the
 * lease lives on. The break signal goes to the process that took it, which has nothing left to unlock; it asks its
 * child to. (Chinner, 25 Aug 2019: "only track them in a single process context".)
 */
#include "acts.h"

enum { ANSWERS_AFTER_MS = 700 };

static struct subject file;
static struct turn only_child_has_it, please_unlock;
static int lease_fd;

static void share(void) {
  await(please_unlock);
  wait_ms(ANSWERS_AFTER_MS);
  release_lease(&file, lease_fd);
  wait_a_beat();
  close_file(&file, lease_fd);
}

static void take_and_fork(void) {
  block_sigio();
  lease_fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  take_lease(&file, lease_fd, F_WRLCK);
  wait_a_beat();
  pid_t child = start(share);
  tell(did("forked"), num("child", child), num("fd", lease_fd));
  wait_a_beat();
  close_file(&file, lease_fd);
  give(only_child_has_it);
  // played late, whopins looks before the opener comes
  if (!await_sigio(LONGEST_STORY_S * 1000L)) fail("wait for SIGIO", ETIMEDOUT);
  give(please_unlock);
  await_exit(child);
}

static void open_it(void) { visit(&file, O_RDWR); }

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_EXT4"), "lease-shared-by-fork", 4);
  only_child_has_it = new_turn();
  please_unlock = new_turn();
  pid_t taker = start(take_and_fork);
  await(only_child_has_it);
  late_point();
  wait_a_beat();
  pid_t opener = start(open_it);
  await_exit(opener);
  await_exit(taker);
  return 0;
}
