/*
 * The last reference to an open file goes in every way that user space has: close(2), dup2, close_range, munmap, exec,
 * exit, SIGKILL, and from a kernel worker. Each file has a read lease, which ends with it; from 6.6 on close(2) runs
 * the final close itself, before that it was always left to task work (fs/open.c).
 */
#include "acts.h"
#include <linux/io_uring.h>

enum { LATE_BY_MS = 2000 };

static struct subject file;
static int fd;

/* Each way begins with a leased file at `fd`, and ends with the last reference gone. */
struct way {
  const char *name;
  void (*go)(void);
};

static void by_close(void) { must(close(fd)); }

static void by_dup2(void) {
  int other = must_fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  must(dup2(other, fd));
}

static void by_close_range(void) { must(syscall(SYS_close_range, fd, fd, 0)); }

static void by_munmap(void) {
  char *address = map_shared(fd, 1, PROT_READ);
  must(close(fd));
  wait_ms(LATE_BY_MS);
  must(munmap(address, PAGE));
}

/* The descriptor is close-on-exec. The program is executed by its own path, and so keeps its name. */
static void by_exec(void) {
  char *program = must_pointer(realpath("/proc/self/exe", NULL));
  must(execl(program, program, "executed", (char *)NULL));
}

static void by_exit(void) { _exit(0); }

static void by_kill(void) {
  raise(SIGKILL);
  pause();
}

/* A ring's table of files is torn down by a kernel worker, after the ring is closed. */
static void by_worker(void) {
  struct io_uring_params parameters = {0};
  int ring = (int)syscall(SYS_io_uring_setup, 8, &parameters);
  if (ring == -1) cannot("io_uring_setup is not allowed");
  must(syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1));
  must(close(fd));
  wait_ms(LATE_BY_MS);
  must(close(ring));
}

static const struct way ways[] = {
    {"close", by_close}, {"dup2", by_dup2}, {"close_range", by_close_range}, {"munmap", by_munmap},
    {"exec", by_exec},   {"exit", by_exit}, {"kill", by_kill},               {"worker", by_worker},
};

static const struct way *way;

static void let_go(void) {
  block_sigio();
  fd = must_fd(open(file.path, O_RDONLY | O_CLOEXEC));
  take_lease(&file, fd, F_RDLCK);
  wait_a_beat();
  tell(did("letting-go"), about(&file), text("by", way->name), num("fd", fd));
  way->go();
  tell(did("let-go"), about(&file), text("by", way->name));
  // the worker takes its time
  wait_a_beat();
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "executed") == 0) return 0;
  begin_story(NULL);
  for (way = ways; way < ways + sizeof ways / sizeof *ways; way++) {
    char name[64];
    snprintf(name, sizeof name, "final-close-by-%s", way->name);
    file = fresh_file(lab_directory("LAB_EXT4"), name, 1);
    await_exit(start(let_go));
  }
  return 0;
}
