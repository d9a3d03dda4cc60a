// link: -libverbs
/*
 * The thread's own case (Weiny, 21 Aug 2019): A registers a memory region over a file, hands the uverbs descriptor
 * to B and exits; C truncates the file; B closes the descriptor 3 s later.
 *
 * The file is on tmpfs, where a long-term pin is allowed and truncate never waits for it: the pages leave the file,
 * and the device can still write to them.
 */
#include "regions.h"

enum { REGION_PAGES = 256, CLOSES_AFTER_MS = 3000 };

static struct subject file;
static struct channel a_to_b;
static struct turn b_received, truncate_comes;
static pid_t b;

/* A: registers, hands over, exits; its lease goes with it. */
static void register_and_go(void) {
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  block_sigio();
  take_lease(&file, fd, F_WRLCK);
  char *address = map_shared(fd, REGION_PAGES, PROT_READ | PROT_WRITE);
  wait_a_beat();
  struct ibv_context *context = open_rdma_device();
  must_pointer(
      pin_by_region(&file, context, address, REGION_PAGES, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE));
  wait_a_beat();
  send_fds(a_to_b, &context->cmd_fd, 1, b);
  await(b_received);
  wait_a_beat();
  tell(did("exiting"));
}

/* B: started before A opens the device, so that it has the descriptor from the message only. */
static void receive_and_close(void) {
  int uverbs_fd;
  receive_fds(a_to_b, &uverbs_fd, 1);
  give(b_received);
  await(truncate_comes);
  wait_ms(CLOSES_AFTER_MS);
  must(close(uverbs_fd));
  tell(did("pages-released"), about(&file), num("pages", REGION_PAGES), list("fds", 1, &uverbs_fd));
  wait_a_beat();
}

/* C is the main process. */
int main(void) {
  begin_story("rdma");
  a_to_b = new_channel();
  file = fresh_file("/dev/shm", "data", REGION_PAGES);
  b_received = new_turn();
  truncate_comes = new_turn();
  b = start(receive_and_close);
  pid_t a = start(register_and_go);
  await_exit(a);
  late_point();
  wait_a_beat();
  give(truncate_comes);
  truncate_and_tell(&file, 0);
  await_exit(b);
  return 0;
}
