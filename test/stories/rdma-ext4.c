// link: -libverbs
/*
 * RDMA memory regions over an ext4 file in the page cache. From 6.5 on a region that the device may write to is
 * refused with EFAULT, because the filesystem would not learn of the writes (mm/gup.c, writable_file_mapping_allowed);
 * one that it may only read is allowed. 6.1 allows both.
 */
#include "regions.h"

enum { REGION_PAGES = 16 };

static void register_for_a_beat(const struct subject *file, struct ibv_context *context, char *address, int access) {
  struct ibv_mr *region = pin_by_region(file, context, address, REGION_PAGES, access);
  wait_a_beat();
  if (region == NULL) return;
  int error = ibv_dereg_mr(region);
  if (error != 0) fail("ibv_dereg_mr", error);
  tell(did("pages-released"), about(file), num("pages", REGION_PAGES), list("fds", 1, &context->cmd_fd));
  wait_a_beat();
}

int main(void) {
  begin_story(NULL);
  struct subject file = fresh_file(lab_directory("LAB_EXT4"), "rdma-ext4", REGION_PAGES);
  struct ibv_context *context = open_rdma_device();
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, REGION_PAGES, PROT_READ | PROT_WRITE);
  wait_a_beat();
  register_for_a_beat(&file, context, address, IBV_ACCESS_LOCAL_WRITE);
  register_for_a_beat(&file, context, address, 0);
  unmap(&file, address, REGION_PAGES);
  close_file(&file, fd);
  must(ibv_close_device(context));
  return 0;
}
