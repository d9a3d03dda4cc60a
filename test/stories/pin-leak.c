// link: -libverbs
/*
 * A server that registers a memory region for each request and never gives one back: 131 regions of a page each within
 * 12 s, over a file on tmpfs, without a lease. They all go when it exits.
 */
#include "regions.h"

enum { REGIONS = 131, EVERY_MS = 90 };

static struct subject file;

static void leak(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, REGIONS, PROT_READ | PROT_WRITE);
  struct ibv_context *context = open_rdma_device();
  wait_a_beat();
  for (int region = 0; region < REGIONS; region++) {
    must_pointer(pin_by_region(&file, context, address + (size_t)region * PAGE, 1, IBV_ACCESS_LOCAL_WRITE));
    wait_ms(EVERY_MS);
  }
  wait_a_beat();
  tell(did("exiting"));
}

int main(void) {
  begin_story(NULL);
  file = fresh_file("/dev/shm", "pin-leak", REGIONS);
  await_exit(start(leak));
  wait_a_beat();
  return 0;
}
