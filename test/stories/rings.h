/*
 * io_uring instances without liburing: what is registered with a ring lives for as long as any descriptor, or any
 * mapping, of the ring does.
 */
#ifndef RINGS_H
#define RINGS_H

#include "acts.h"
#include <linux/io_uring.h>

struct ring {
  int fd;
  size_t mapping_size;
};

static inline struct ring new_ring(void) {
  struct io_uring_params parameters = {0};
  int fd = (int)syscall(SYS_io_uring_setup, 8, &parameters);
  if (fd == -1) cannot("io_uring_setup is not allowed");
  size_t used = parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned);
  return (struct ring){fd, (used + PAGE - 1) / PAGE * PAGE};
}

/* Maps the submission queue, which keeps the ring alive without its descriptor. */
static inline void *map_ring(struct ring ring) {
  return must_pointer(
      mmap(NULL, ring.mapping_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING));
}

/* Pins mapped pages as the ring's only fixed buffer. */
static inline void pin_by_ring(const struct subject *file, struct ring ring, char *address, int pages) {
  struct iovec buffer = {address, (size_t)pages * PAGE};
  must(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &buffer, 1));
  tell(did("pages-pinned"), about(file), text("via", "io_uring-buffer"), num("pages", pages),
       num("bytes", pages * PAGE), num("longterm", 1), list("fds", 1, &ring.fd));
}

/* Gives the ring references of its own to open files. */
static inline void register_files(struct ring ring, const int *fds, int count) {
  must(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, fds, count));
  tell(did("files-registered"), list("fds", count, fds), num("ring", ring.fd));
}

#endif
