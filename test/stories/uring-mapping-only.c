/*
 * As uring-fixed-buffers, but the child closes the ring's descriptor too: the ring, and with it the buffer's pages, live
 * on by the child's mapping of the submission queue alone. No table of descriptors leads to them.
 */
#include "rings.h"

enum { BUFFER_PAGES = 64, UNMAPS_AFTER_MS = 3000 };

static struct subject file;
static struct turn truncate_comes;
static pid_t *keeper;
static int fd;
static struct ring ring;
static char *address;
static void *queue;

static void keep_mapping(void) {
  *keeper = getpid();
  must(munmap(address, (size_t)BUFFER_PAGES * PAGE));
  must(close(fd));
  must(close(ring.fd));
  await(truncate_comes);
  wait_ms(UNMAPS_AFTER_MS);
  must(munmap(queue, ring.mapping_size));
  tell(did("pages-released"), about(&file), num("pages", BUFFER_PAGES), text("how", "ring unmapped"));
  wait_a_beat();
}

static void register_and_go(void) {
  fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  address = map_shared(fd, BUFFER_PAGES, PROT_READ | PROT_WRITE);
  ring = new_ring();
  queue = map_ring(ring);
  pin_by_ring(&file, ring, address, BUFFER_PAGES);
  wait_a_beat();
  pid_t child = start(keep_mapping);
  tell(did("forked"), num("child", child), list("fds", 0, &ring.fd));
  wait_a_beat();
  tell(did("exiting"));
}

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_TMP"), "uring-mapping-only", BUFFER_PAGES);
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
