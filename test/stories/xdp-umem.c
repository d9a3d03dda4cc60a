/*
 * A process registers an AF_XDP umem over a tmpfs file, and unmaps and closes the file. Another truncates it, at once,
 * under the umem's pages. When the socket is closed, a kernel worker lets the pages go (xdp_umem_release_deferred).
 */
#include "acts.h"
#include <linux/if_xdp.h>

enum { UMEM_PAGES = 64, CLOSES_AFTER_MS = 3000 };

static struct subject file;
static struct turn pinned, truncate_comes;

static void register_and_close(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, UMEM_PAGES, PROT_READ | PROT_WRITE);
  int xdp = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (xdp == -1) cannot("there are no AF_XDP sockets");
  struct xdp_umem_reg area = {
      .addr = (uintptr_t)address, .len = (uint64_t)UMEM_PAGES * PAGE, .chunk_size = PAGE};
  wait_a_beat();
  must(setsockopt(xdp, SOL_XDP, XDP_UMEM_REG, &area, sizeof area));
  tell(did("pages-pinned"), about(&file), text("via", "xdp-umem"), num("pages", UMEM_PAGES),
       num("bytes", UMEM_PAGES * PAGE), num("longterm", 1), list("fds", 1, &xdp));
  wait_a_beat();
  unmap(&file, address, UMEM_PAGES);
  close_file(&file, fd);
  give(pinned);
  await(truncate_comes);
  wait_ms(CLOSES_AFTER_MS);
  must(close(xdp));
  tell(did("pages-released"), about(&file), num("pages", UMEM_PAGES), list("fds", 1, &xdp));
  wait_a_beat();
}

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_TMP"), "xdp-umem", UMEM_PAGES);
  pinned = new_turn();
  truncate_comes = new_turn();
  pid_t holder = start(register_and_close);
  await(pinned);
  late_point();
  wait_a_beat();
  give(truncate_comes);
  truncate_and_tell(&file, 0);
  await_exit(holder);
  return 0;
}
