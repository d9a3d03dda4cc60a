/*
 * RDMA memory regions over a mapped file, through libibverbs on the first device (rxe, the kernel's RDMA over
 * Ethernet, in the lab). The region's pages are pinned for as long as any process has the uverbs descriptor.
 */
#ifndef REGIONS_H
#define REGIONS_H

#include "acts.h"
#include <infiniband/verbs.h>

static inline struct ibv_context *open_rdma_device(void) {
  int count = 0;
  struct ibv_device **devices = ibv_get_device_list(&count);
  if (devices == NULL || count == 0) cannot("there is no RDMA device");
  struct ibv_context *context = must_pointer(ibv_open_device(devices[0]));
  ibv_free_device_list(devices);
  return context;
}

/* Registers the mapped pages as a region; tells the outcome, and returns the region, or NULL with errno set. */
static inline struct ibv_mr *pin_by_region(const struct subject *file, struct ibv_context *context, char *address,
                                           int pages, int access) {
  struct ibv_pd *domain = must_pointer(ibv_alloc_pd(context));
  struct ibv_mr *region = ibv_reg_mr(domain, address, (size_t)pages * PAGE, access);
  int error = errno;
  if (region != NULL)
    tell(did("pages-pinned"), about(file), text("via", "rdma-mr"), num("pages", pages), num("bytes", pages * PAGE),
         num("longterm", 1), list("fds", 1, &context->cmd_fd), text("device", ibv_get_device_name(context->device)));
  else
    tell(did("pin-refused"), about(file), text("via", "rdma-mr"), num("pages", pages),
         num("write", (access & (IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE)) != 0), num("result", -error));
  errno = error;
  return region;
}

#endif
