/*
 * A holder ignores the break signal until /proc/sys/fs/lease-break-time, set to 2 s, runs out: the kernel takes the
 * write lease away, and the opener comes in.
 *
 * The opener asks to write: an opener who reads would leave the holder a read lease (fs/locks.c, time_out_leases).
 */
#include "acts.h"

enum { BREAK_TIME_S = 2 };

#define BREAK_TIME_PATH "/proc/sys/fs/lease-break-time"

static struct subject file;
static struct turn lease_taken, opened;

static int read_break_time(void) {
  FILE *setting = must_pointer(fopen(BREAK_TIME_PATH, "re"));
  int seconds = 0;
  if (fscanf(setting, "%d", &seconds) != 1) fail("read " BREAK_TIME_PATH, EINVAL);
  fclose(setting);
  return seconds;
}

static void set_break_time(int seconds) {
  FILE *setting = fopen(BREAK_TIME_PATH, "we");
  if (setting == NULL) cannot("only root can set " BREAK_TIME_PATH);
  fprintf(setting, "%d\n", seconds);
  if (fclose(setting) != 0) fail("write " BREAK_TIME_PATH, errno);
}

static void hold_on(void) {
  block_sigio();
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  take_lease(&file, fd, F_WRLCK);
  give(lease_taken);
  await(opened);
  int type = (int)must(fcntl(fd, F_GETLEASE));
  tell(did("lease-seen"), about(&file), num("fd", fd), text("type", type == F_UNLCK ? "none" : "some"));
  close_file(&file, fd);
}

static void open_it(void) {
  int fd = open_and_tell(&file, O_RDWR);
  if (fd < 0) fail("open", -fd);
  give(opened);
  wait_a_beat();
  close_file(&file, fd);
}

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_EXT4"), "lease-break-timeout", 4);
  lease_taken = new_turn();
  opened = new_turn();
  int usual = read_break_time();
  set_break_time(BREAK_TIME_S);
  pid_t holder = start(hold_on);
  await(lease_taken);
  wait_a_beat();
  pid_t opener = start(open_it);
  await_exit(opener);
  await_exit(holder);
  set_break_time(usual);
  return 0;
}
