/*
 * A process registers a fixed buffer over a tmpfs file with io_uring, forks, and exits; the child keeps the ring, with
 * no mapping and no descriptor of the file. Truncate frees the file's pages under the buffer at once. When the child
 * closes the ring, a kernel worker lets the pages go (io_ring_exit_work).
 */
#include "acts.h"
#include <linux/io_uring.h>

enum { BUFFER_PAGES = 64, CLOSES_AFTER_MS = 3000 };

static struct subject file;
static struct turn truncate_comes;
static pid_t *keeper;
static int fd, ring;
static char *address;

static void keep_ring(void) {
  *keeper = getpid();
  must(munmap(address, (size_t)BUFFER_PAGES * PAGE));
  must(close(fd));
  await(truncate_comes);
  wait_ms(CLOSES_AFTER_MS);
  must(close(ring));
  tell(did("pages-released"), about(&file), num("pages", BUFFER_PAGES), list("fds", 1, &ring));
  wait_a_beat();
}

static void register_and_go(void) {
  fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  address = map_shared(fd, BUFFER_PAGES, PROT_READ | PROT_WRITE);
  struct io_uring_params parameters = {0};
  ring = (int)syscall(SYS_io_uring_setup, 8, &parameters);
  if (ring == -1) cannot("io_uring_setup is not allowed");
  struct iovec buffer = {address, (size_t)BUFFER_PAGES * PAGE};
  wait_a_beat();
  must(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1));
  tell(did("pages-pinned"), about(&file), text("via", "io_uring-buffer"), num("pages", BUFFER_PAGES),
       num("bytes", BUFFER_PAGES * PAGE), num("longterm", 1), list("fds", 1, &ring));
  wait_a_beat();
  pid_t child = start(keep_ring);
  tell(did("forked"), num("child", child), list("fds", 1, &ring));
  wait_a_beat();
  tell(did("exiting"));
}

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_TMP"), "uring-fixed-buffers", BUFFER_PAGES);
  truncate_comes = new_turn();
  keeper = must_pointer(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pid_t parent = start(register_and_go);
  await_exit(parent);
  late_point();
  wait_a_beat();
  give(truncate_comes);
  truncate_and_tell(&file, 0);
  await_exit(*keeper);
  return 0;
}
