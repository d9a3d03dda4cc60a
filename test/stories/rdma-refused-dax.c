// link: -libverbs
/*
 * An RDMA memory region over a DAX file is refused with EOPNOTSUPP on every kernel (mm/gup.c, check_vma_flags: a
 * long-term pin of fsdax pages): what the thread wanted to allow, and mainline never did. The refusal is the event.
 */
#include "regions.h"

enum { REGION_PAGES = 16 };

int main(void) {
  begin_story(NULL);
  struct subject file = fresh_file(lab_directory("LAB_DAX"), "rdma-refused-dax", REGION_PAGES);
  struct ibv_context *context = open_rdma_device();
  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *address = map_shared(fd, REGION_PAGES, PROT_READ | PROT_WRITE);
  wait_a_beat();
  if (pin_by_region(&file, context, address, REGION_PAGES, IBV_ACCESS_LOCAL_WRITE) != NULL)
    fail("ibv_reg_mr over a DAX file was not refused", 0);
  wait_a_beat();
  unmap(&file, address, REGION_PAGES);
  close_file(&file, fd);
  must(ibv_close_device(context));
  return 0;
}
