/*
 * For a trace of processes called `chosen` alone. One of them takes a lease on a file, pins its pages by a pipe and sends
 * both ends to a stranger; it dies, and another stranger truncates the file. Meanwhile strangers do the same things to a
 * file of theirs, in prime numbers: none of that may fire a row.
 */
#include "acts.h"

enum { PINNED_PAGES = 3, LEASES = 7, TRUNCATES = 5, PIPES = 11, FORKS = 13 };

static struct subject mine, other;
static struct channel channel;
static struct turn received, may_drain;
static pid_t stranger;

static void pin_and_go(void) {
  must(prctl(PR_SET_NAME, "chosen"));
  int fd = must_fd(open(mine.path, O_RDWR | O_CLOEXEC));
  take_lease(&mine, fd, F_WRLCK);
  char *address = map_shared(fd, PINNED_PAGES, PROT_READ | PROT_WRITE);
  int pipe_fds[2];
  must(pipe2(pipe_fds, O_CLOEXEC));
  pin_by_pipe(&mine, pipe_fds, address, PINNED_PAGES);
  send_fds(channel, pipe_fds, 2, stranger);
  await(received);
  tell(did("exiting"));
}

static void receive_and_drain(void) {
  int pipe_fds[2];
  receive_fds(channel, pipe_fds, 2);
  give(received);
  await(may_drain);
  drain_pipe(&mine, pipe_fds, PINNED_PAGES);
}

static void do_nothing(void) {}

static void make_noise(void) {
  int fd = must_fd(open(other.path, O_RDWR | O_CLOEXEC));
  for (int i = 0; i < LEASES; i++) {
    must(fcntl(fd, F_SETLEASE, F_WRLCK));
    must(fcntl(fd, F_SETLEASE, F_UNLCK));
  }
  for (int i = 0; i < TRUNCATES; i++) must(ftruncate(fd, (off_t)PAGE * (TRUNCATES - i)));
  for (int i = 0; i < PIPES; i++) {
    int pipe_fds[2];
    must(pipe2(pipe_fds, O_CLOEXEC));
    must(close(pipe_fds[0]));
    must(close(pipe_fds[1]));
  }
  must(close(fd));
  for (int i = 0; i < FORKS; i++) must(waitpid(start(do_nothing), NULL, 0));
  tell(did("noise-made"), text("by", "strangers"));
}

int main(void) {
  begin_story("stranger");
  mine = fresh_file(lab_directory("LAB_TMP"), "chosen-file", PINNED_PAGES);
  other = fresh_file(lab_directory("LAB_TMP"), "strange-file", TRUNCATES + 1);
  tell(did("noise-file"), text("path", other.path), num("inode", other.ino));
  channel = new_channel();
  received = new_turn();
  may_drain = new_turn();
  make_noise();
  stranger = start(receive_and_drain);
  pid_t chosen = start(pin_and_go);
  await_exit(chosen);
  make_noise();
  truncate_and_tell(&mine, 0);
  wait_a_beat();
  give(may_drain);
  await_exit(stranger);
  return 0;
}
