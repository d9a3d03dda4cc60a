/*
 * A process registers a fixed buffer over a tmpfs file with io_uring, forks, and exits; the child keeps the ring, with
 * no mapping and no descriptor of the file. Truncate frees the file's pages under the buffer at once. When the child
 * closes the ring, a kernel worker lets the pages go (io_ring_exit_work).
 */
#include "rings.h"

enum { BUFFER_PAGES = 64, CLOSES_AFTER_MS = 3000 };

static struct subject file;
static struct turn truncate_comes;
static pid_t *keeper;
static int fd;
static struct ring ring;
static char *address;

static void keep_ring(void) {
  *keeper = getpid();
  must(munmap(address, (size_t)BUFFER_PAGES * PAGE));
  must(close(fd));
  await(truncate_comes);
  wait_ms(CLOSES_AFTER_MS);
  must(close(ring.fd));
  tell(did("pages-released"), about(&file), num("pages", BUFFER_PAGES), list("fds", 1, &ring.fd));
  wait_a_beat();
}

static void register_and_go(void) {
  fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  address = map_shared(fd, BUFFER_PAGES, PROT_READ | PROT_WRITE);
  ring = new_ring();
  wait_a_beat();
  pin_by_ring(&file, ring, address, BUFFER_PAGES);
  wait_a_beat();
  pid_t child = start(keep_ring);
  tell(did("forked"), num("child", child), list("fds", 1, &ring.fd));
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
