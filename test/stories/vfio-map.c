/*
 * A process gives 64 pages of a tmpfs file to a device by VFIO, and unmaps and closes the file: only the IOMMU's page
 * tables still lead to the pages. Another truncates the file, at once, under the device's hands.
 */
#include "acts.h"
#include <dirent.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

enum { GIVEN_PAGES = 64, ENDS_AFTER_MS = 3000 };
/* Where the device sees the pages: not where the process had them. */
static const uint64_t IOVA = 0x10000000;

static struct subject file;
static struct turn pinned, truncate_comes;

struct device {
  char address[NAME_MAX + 1];
  char group[PATH_MAX];
};

/* The device that vfio-pci has: its address on the bus, and the file of its IOMMU group. */
static struct device find_device(void) {
  struct device found = {0};
  DIR *bound = opendir("/sys/bus/pci/drivers/vfio-pci");
  if (bound == NULL) cannot("vfio-pci is not loaded");
  for (struct dirent *entry; (entry = readdir(bound)) != NULL;) {
    if (strchr(entry->d_name, ':') != NULL) strcpy(found.address, entry->d_name);
  }
  must(closedir(bound));
  if (found.address[0] == 0) cannot("no device is bound to vfio-pci");
  char link[PATH_MAX], target[PATH_MAX] = "";
  snprintf(link, sizeof link, "/sys/bus/pci/devices/%s/iommu_group", found.address);
  if (readlink(link, target, sizeof target - 1) == -1) cannot("the device is behind no IOMMU");
  snprintf(found.group, sizeof found.group, "/dev/vfio/%d", atoi(strrchr(target, '/') + 1));
  return found;
}

static void give_and_close(void) {
  struct device given = find_device();
  int container = must_fd(open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC));
  int group = must_fd(open(given.group, O_RDWR | O_CLOEXEC));
  must(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container));
  must(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU));
  int device = must_fd(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, given.address));

  int fd = must_fd(open(file.path, O_RDWR | O_CLOEXEC));
  char *memory = map_shared(fd, GIVEN_PAGES, PROT_READ | PROT_WRITE);
  struct vfio_iommu_type1_dma_map map = {
      .argsz = sizeof map,
      .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
      .vaddr = (uintptr_t)memory,
      .iova = IOVA,
      .size = (uint64_t)GIVEN_PAGES * PAGE,
  };
  wait_a_beat();
  must(ioctl(container, VFIO_IOMMU_MAP_DMA, &map));
  int fds[] = {container, group, device};
  tell(did("pages-pinned"), about(&file), text("via", "vfio"), num("pages", GIVEN_PAGES),
       num("bytes", GIVEN_PAGES * PAGE), num("longterm", 1), list("fds", 3, fds));
  wait_a_beat();
  unmap(&file, memory, GIVEN_PAGES);
  close_file(&file, fd);
  give(pinned);
  await(truncate_comes);
  wait_ms(ENDS_AFTER_MS);
  struct vfio_iommu_type1_dma_unmap end = {.argsz = sizeof end, .iova = IOVA, .size = map.size};
  must(ioctl(container, VFIO_IOMMU_UNMAP_DMA, &end));
  tell(did("pages-released"), about(&file), num("pages", GIVEN_PAGES), list("fds", 3, fds));
  wait_a_beat();
}

int main(void) {
  begin_story(NULL);
  file = fresh_file(lab_directory("LAB_TMP"), "vfio-map", GIVEN_PAGES);
  pinned = new_turn();
  truncate_comes = new_turn();
  pid_t holder = start(give_and_close);
  await(pinned);
  late_point();
  wait_a_beat();
  give(truncate_comes);
  truncate_and_tell(&file, 0);
  await_exit(holder);
  return 0;
}
