/*
 * A machine with much to look at: PROCESSES processes, each with FDS descriptors of its own, in equal parts pipes, sockets
 * and open files. Nothing is pinned. Tells 'crowded' when all are there, and stays until it is killed.
 */
#include "../stories/acts.h"

static int fds_each;
static struct turn everyone_is_there, never;

static void gather(void) {
  const char *program = "/proc/self/exe";
  for (int i = 0; i < fds_each;) {
    int pair[2];
    int kind = i % 5;
    if (kind == 0 && i + 2 <= fds_each) must(pipe2(pair, O_CLOEXEC));
    else if (kind == 2 && i + 2 <= fds_each) must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    else must(open(program, O_RDONLY | O_CLOEXEC));
    i += (kind == 0 || kind == 2) && i + 2 <= fds_each ? 2 : 1;
  }
  give(everyone_is_there);
  await(never);
}

int main(int argc, char **argv) {
  begin_story(NULL);
  if (argc != 3) fail("crowd PROCESSES FDS", EINVAL);
  int processes = atoi(argv[1]);
  fds_each = atoi(argv[2]);
  everyone_is_there = new_turn();
  never = new_turn();
  for (int i = 0; i < processes; i++) start(gather);
  for (int i = 0; i < processes; i++) await(everyone_is_there);
  tell(did("crowded"), num("processes", processes), num("fds", (long long)processes * fds_each));
  await(never);
  return 0;
}
