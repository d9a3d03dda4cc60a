/*
 * A reader over NFS is given a read delegation: nfsd takes a lease for it, with no descriptor of its own. A local process
 * opens the file for writing, and waits until the server has called the client and the client has given it back. The
 * network between them, which is lo, is slow.
 */
#include "nfs.h"

static struct subject file;
static struct turn reads, is_over;

static void read_over_nfs(void) {
  int fd = must_fd(open(NFS_MOUNT "/nfs-delegation", O_RDONLY | O_CLOEXEC));
  char page[PAGE];
  must(read(fd, page, sizeof page));
  give(reads);
  await(is_over);
  must(close(fd));
}

static void open_it(void) { visit(&file, O_RDWR); }

int main(void) {
  begin_story(NULL);
  const char *directory = lab_directory("LAB_EXT4");
  file = fresh_file(directory, "nfs-delegation", 4);
  reads = new_turn();
  is_over = new_turn();
  serve_nfs(directory, 0);
  mount_nfs();
  pid_t reader = start(read_over_nfs);
  await(reads);
  await_kernel_lease(&file, "DELEG");
  late_point();
  wait_a_beat();
  slow_network();
  pid_t opener = start(open_it);
  await_exit(opener);
  fast_network();
  give(is_over);
  await_exit(reader);
  end_nfs();
  return 0;
}
