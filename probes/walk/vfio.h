// Words of the programs that look into VFIO containers of type 1: what a program gave to devices by VFIO_IOMMU_MAP_DMA.
//
// A container lives as long as anybody has it, one of its groups, or a device of a group: each of these files leads to it.

#if has(member:vfio/vfio_device_file.device)
#define VFIO_DEVICE_AT(OBJECT) READ64(OBJECT + OFFSET(vfio/vfio_device_file.device))
#else
#define VFIO_DEVICE_AT(OBJECT) (OBJECT)
#endif

// $file, $object → $vfio: whether the file leads to a container; then $object is the container.
#if has(symbol:vfio_group_fops) && has(member:vfio/vfio_group.container)
#define FIND_VFIO_CONTAINER \
  $vfio = (uint64)0; \
  $ops = READ64($file + OFFSET(file.f_op)); \
  if ($ops == kaddr("vfio_fops")) { $vfio = (uint64)1; } \
  if ($ops == kaddr("vfio_group_fops")) { \
    $object = READ64($object + OFFSET(vfio/vfio_group.container)); \
    $vfio = (uint64)1; \
  } \
  if ($ops == kaddr("vfio_device_fops")) { \
    $vfio_device = VFIO_DEVICE_AT($object); \
    $object = READ64(READ64($vfio_device + OFFSET(vfio/vfio_device.group)) + OFFSET(vfio/vfio_group.container)); \
    $vfio = (uint64)1; \
  }
#else
#define FIND_VFIO_CONTAINER $vfio = (uint64)0;
#endif
