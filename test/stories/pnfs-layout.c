/*
 * A reader over pNFS is given a block layout: the client reads the blocks from the disk itself, and nfsd holds a layout
 * lease for it. A local process truncates the file; XFS has the layout recalled and waits until the client has given it
 * back. Only XFS breaks layouts. What blkmapd does for the client (which disk is meant) is done here.
 */
#include "nfs.h"
#include <poll.h>

#define PIPES "/run/rpc_pipefs"

/* fs/nfs/blocklayout/blocklayout.h: what the client asks, and what it wants to hear. */
struct disk_answer {
  int32_t status;
  uint32_t major, minor;
};

static struct subject file;
static struct turn reads, is_over;

/* Answers every question for a disk with the one that the file is on. */
static void find_disks(void) {
  struct stat status;
  must(stat(file.path, &status));
  int pipe = must_fd(open(PIPES "/nfs/blocklayout", O_RDWR | O_CLOEXEC));
  char question[PAGE];
  // a read of an empty pipe of this kind returns at once (net/sunrpc/rpc_pipe.c)
  struct pollfd news = {.fd = pipe, .events = POLLIN};
  while (poll(&news, 1, -1) > 0) {
    if (must(read(pipe, question, sizeof question)) == 0) continue;
    // BL_DEVICE_REQUEST_PROC
    struct disk_answer answer = {1, major(status.st_dev), minor(status.st_dev)};
    tell(did("disk-found"), text("dev", file.dev));
    must(write(pipe, &answer, sizeof answer));
  }
}

static void read_over_nfs(void) {
  int fd = must_fd(open(NFS_MOUNT "/pnfs-layout", O_RDONLY | O_DIRECT | O_CLOEXEC));
  char *page = must_pointer(aligned_alloc(PAGE, PAGE));
  must(read(fd, page, PAGE));
  give(reads);
  await(is_over);
  must(close(fd));
}

static void truncate_it(void) { truncate_and_tell(&file, 0); }

int main(void) {
  begin_story(NULL);
  const char *directory = lab_directory("LAB_DAX");
  file = fresh_file(directory, "pnfs-layout", 4);
  reads = new_turn();
  is_over = new_turn();
  serve_nfs(directory, EXPORT_PNFS);
  if (system("modprobe -q blocklayoutdriver") != 0) cannot("modprobe finds no block layout driver");
  mount_at("rpc_pipefs", PIPES, "rpc_pipefs", NULL);
  pid_t finder = start(find_disks);
  mount_nfs();
  pid_t reader = start(read_over_nfs);
  await(reads);
  await_kernel_lease(&file, "LEASE");
  late_point();
  wait_a_beat();
  slow_network();
  pid_t truncater = start(truncate_it);
  await_exit(truncater);
  fast_network();
  give(is_over);
  await_exit(reader);
  must(kill(finder, SIGKILL));
  await_exit(finder);
  end_nfs();
  return 0;
}
