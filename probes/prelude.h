// Words that all probes share. Not C: the composer (src/capture/compose.ts) expands these before bpftrace sees the
// program, because bpftrace 0.17 has no function-like macros. What the composer itself provides:
//
//   #if has(fentry:lease_modify)      this kernel lets us attach there (see probes/README.md for all kinds of has)
//   #missing TEXT                     this run cannot see what TEXT says; it appears in every answer's coverage
//   OFFSET(struct.member|other)       byte offset from the running kernel's BTF, first name that exists
//   OFFSET(module/struct.member)      the same from a module's BTF
//   SIZE(struct)  ENUM(NAME, 0x1)     size, enumerator (or the number, where the kernel has only a #define)
//   IB_UVERBS_MAJOR                   character major of /dev/infiniband/uverbs*, from /proc/devices

// One row: count it in the kernel, then print it. The count comes first, so that a lost row is still counted.
#define ROW(KIND, ...) @fired[KIND] = count(); print((KIND, nsecs, cpu, pid, tid, comm, __VA_ARGS__))
#define BARE_ROW(KIND) @fired[KIND] = count(); print((KIND, nsecs, cpu, pid, tid, comm))

// Hooks that every open and close passes. The kernel skips a hit where the program was preempted in itself (README.md,
// "What we learned about kernels"); where that can be, a kprobe takes the place of fentry: it is never preempted, and costs
// more. ARGUMENT: its name for fentry, its place for a kprobe.
#if has(preemption:any) && has(kprobe:fd_install)
#define ENTRY(FUNCTION) kprobe:FUNCTION
#define ARGUMENT(NAME, PLACE) PLACE
#else
#define ENTRY(FUNCTION) fentry:FUNCTION
#define ARGUMENT(NAME, PLACE) args->NAME
#endif

// Every cast is needed: 0.17 loses the type of a member of a member (kernel-map hazard: incomplete lazy BTF).
#define INODE_OF(FILE) ((struct inode *)((struct file *)FILE)->f_inode)
#define DEV_OF(INODE) ((struct super_block *)((struct inode *)INODE)->i_sb)->s_dev
#define INO_OF(INODE) ((struct inode *)INODE)->i_ino
#define MODE_OF(INODE) ((struct inode *)INODE)->i_mode

// The columns that describe an open file: file, dev, ino, mode, object.
#define FILE_COLUMNS(FILE, INODE) (int64)FILE, DEV_OF(INODE), INO_OF(INODE), MODE_OF(INODE), (int64)((struct file *)FILE)->private_data

// Files worth a row: those that pins can live in (pipes, uverbs devices, io_uring rings, AF_XDP sockets), and every
// file whose inode has been seen with a lease or a pin (@hot).
#define IS_PIPE(INODE) ((MODE_OF(INODE) & 0xf000) == 0x1000)
#define IS_UVERBS(INODE) ((MODE_OF(INODE) & 0xf000) == 0x2000 && (((struct inode *)INODE)->i_rdev >> 20) == IB_UVERBS_MAJOR)
#if has(kprobe:io_uring_release)
#define IS_RING(FILE) ((uint64)((struct file *)FILE)->f_op == kaddr("io_uring_fops"))
#else
#define IS_RING(FILE) (0)
#endif
#if has(kprobe:xsk_setsockopt)
#define SOCKET_FAMILY(FILE) *(uint16 *)(*(uint64 *)((uint64)((struct file *)FILE)->private_data + OFFSET(socket.sk)) + OFFSET(sock.__sk_common.skc_family))
#define IS_XDP_SOCKET(FILE) ((uint64)((struct file *)FILE)->f_op == kaddr("socket_file_ops") && SOCKET_FAMILY(FILE) == 44)
#else
#define IS_XDP_SOCKET(FILE) (0)
#endif
// /dev/vfio/vfio: misc device 196 (include/linux/miscdevice.h, VFIO_MINOR).
#define IS_VFIO(INODE) ((MODE_OF(INODE) & 0xf000) == 0x2000 && ((struct inode *)INODE)->i_rdev == ((10 << 20) | 196))
// Nearly all that is opened and closed is a regular file: the second question settles it. The first comes before, because
// newer kernels call the inode of a ring regular, too (fs/libfs.c, alloc_anon_inode).
#define IS_REGULAR(INODE) ((MODE_OF(INODE) & 0xf000) == 0x8000)
#define IS_HOLDER(FILE, INODE) (IS_RING(FILE) || (!IS_REGULAR(INODE) && (IS_PIPE(INODE) || IS_UVERBS(INODE) || IS_VFIO(INODE) || IS_XDP_SOCKET(FILE))))

// A filtered run (src/capture/filter.ts: OF_TASK, OF_FILE, OF_NUMBERS) begins to follow an inode when a chosen process
// touches a chosen file (@hot), and objects when they pin its pages, or when a chosen process gets them and no file was
// named (@followed: struct file, private_data, owner object). Those are followed in whatever process they are. @knows:
// processes that had one of them, whose forks, execs and exit are told.
#if has(filter:file)
#define OF_ANY (0)
#else
#define OF_ANY OF_TASK
#endif
#if has(filter:file) || has(filter:task)
#map @followed[0] = 0
#map @knows[0] = 0
#define IS_FOLLOWED(INODE) (@hot[(int64)INODE] != 0 || (OF_TASK && OF_FILE(INODE)))
#map @hot_numbers[(uint64)0, (uint64)0] = 0
#define IS_FOLLOWED_NUMBERS(DEV, INO) (@hot_numbers[(uint64)DEV, (uint64)INO] != 0 || (OF_TASK && OF_NUMBERS(DEV, INO)))
#define FOLLOW_NUMBERS(DEV, INO) @hot_numbers[(uint64)DEV, (uint64)INO] = 1;
#define IS_FOLLOWED_PAGE(HOST) ((HOST != 0 && IS_FOLLOWED(HOST)) || (HOST == 0 && OF_ANY))
#define IS_FOLLOWED_OWNER(OBJECT) (@followed[OBJECT] != 0)
#define IS_FOLLOWED_TASK (OF_ANY || @knows[pid] != 0)
#define IS_INTERESTING(FILE, INODE) (@hot[(int64)INODE] != 0 || @followed[(int64)FILE] != 0 || @followed[(int64)((struct file *)FILE)->private_data] != 0 || (OF_ANY && IS_HOLDER(FILE, INODE)))
#define FOLLOW(OBJECT) @followed[OBJECT] = 1; @knows[pid] = 1;
#define FORGET(OBJECT) delete(@followed[OBJECT]);
#define FOLLOW_TASK(PID) @knows[PID] = 1;
#define FORGET_TASK delete(@knows[pid]);
#else
#define IS_FOLLOWED(INODE) (1)
#define IS_FOLLOWED_NUMBERS(DEV, INO) (1)
#define FOLLOW_NUMBERS(DEV, INO)
#define IS_FOLLOWED_PAGE(HOST) (1)
#define IS_FOLLOWED_OWNER(OBJECT) (1)
#define IS_FOLLOWED_TASK (1)
#define IS_INTERESTING(FILE, INODE) (IS_HOLDER(FILE, INODE) || @hot[(int64)INODE] != 0)
#define FOLLOW(OBJECT)
#define FORGET(OBJECT)
#define FOLLOW_TASK(PID)
#define FORGET_TASK
#endif

// The file system's type. Before 0.20 a program has 512 bytes of stack for all its strings; the mount table has to do.
#if has(bpftrace:20)
#define FS_OF(INODE) str(((struct file_system_type *)((struct super_block *)INODE->i_sb)->s_type)->name)
#else
#define FS_OF(INODE) ""
#endif

// From now on every open, hand-over and close of this inode is reported. Names it once, from the file up to the root
// of its file system. $inode must be set; $dentry, $parent and $depth are used.
#define HEAT \
  if (@hot[(int64)$inode] == 0) { \
    @hot[(int64)$inode] = 1; \
    $dentry = (uint64)0; \
    $alias = *(uint64 *)((uint64)$inode + OFFSET(inode.i_dentry)); \
    if ($alias != 0) { $dentry = $alias - OFFSET(dentry.d_u.d_alias|dentry.d_alias); } \
    $depth = 0; \
    while ($depth < 8 && $dentry != 0) { \
      $parent = *(uint64 *)($dentry + OFFSET(dentry.d_parent)); \
      ROW("inode.named", (int64)$inode, DEV_OF($inode), INO_OF($inode), $depth, str(((struct dentry *)$dentry)->d_name.name), FS_OF($inode)); \
      if ($parent == $dentry) { $dentry = (uint64)0; } else { $dentry = $parent; } \
      $depth = $depth + 1; \
    } \
  }

// The kernel's own file lease: a struct of its own since 6.9 (commit c69ff4071935, "filelock: split leases out of
// struct file_lock"); before that a struct file_lock.
#if has(struct:file_lease)
#define LEASE struct file_lease
#define LEASE_FILE c.flc_file
#define LEASE_OWNER c.flc_owner
#define LEASE_FLAGS c.flc_flags
#define LEASE_TYPE c.flc_type
#define LEASE_PID c.flc_pid
#else
#define LEASE struct file_lock
#define LEASE_FILE fl_file
#define LEASE_OWNER fl_owner
#define LEASE_FLAGS fl_flags
#define LEASE_TYPE fl_type
#define LEASE_PID fl_pid
#endif

// The filelock tracepoints renamed their fields with it.
#if has(tracefield:filelock:generic_add_lease.owner)
#define TP_OWNER owner
#define TP_FLAGS flags
#define TP_TYPE type
#else
#define TP_OWNER fl_owner
#define TP_FLAGS fl_flags
#define TP_TYPE fl_type
#endif

// $page → $head, $host (its inode; 0: not a file's page), $index (its place in the file, in pages). Since 7.x a tail
// page may hold a mask instead of its head's address (compound_info, HUGETLB_PAGE_OPTIMIZE_VMEMMAP): a mask has its top
// 20 bits set, a pointer has not.
// Written without a branch: the walk's loops pay for each.
#define HEAD_OF_PAGE \
  $link = *(uint64 *)($page + OFFSET(page.compound_head|page.compound_info)); \
  $is_tail = 0 - ($link & 1); \
  $is_mask = 0 - ((($link >> 44) + 1) >> 20); \
  $head = ($page & ~$is_tail) | ((($page & $link & $is_mask) | (($link - 1) & ~$is_mask)) & $is_tail);

#define LOOK_AT_PAGE \
  HEAD_OF_PAGE \
  $mapping = *(uint64 *)($head + OFFSET(page.mapping)); \
  $host = (uint64)0; \
  $index = (uint64)0; \
  if ($mapping != 0 && ($mapping & 3) == 0) { \
    $host = *(uint64 *)($mapping + OFFSET(address_space.host)); \
    $index = *(uint64 *)($head + OFFSET(page.index|page.__folio_index)) + ($page - $head) / SIZE(page); \
  }

// The flags of a pin; an enum since 6.3, before that a #define, whose values 6.1 has.
#define FOLL_WRITE 0x1
#define FOLL_LONGTERM ENUM(FOLL_LONGTERM, 0x10000)
#define FOLL_PIN ENUM(FOLL_PIN, 0x40000)

// Pins are attributed to the owner's call that they happen in: the call opens an account for its thread, pin.bt books
// pages on it, and at its end one row is printed for each file. @pin_owner: 1 RDMA, 2 io_uring, 3 AF_XDP, 4 VFIO, 6 vmsplice.
#map @pin_owner[0] = (int64)0
#map @pin_slot[0] = (int64)0
#map @pin_flags[0] = (uint64)0
#map @pin_pages[(uint64)0] = (int64)0
#map @pin_inode[(uint64)0] = (uint64)0
#map @pin_page[(uint64)0] = (uint64)0
#map @pin_index[(uint64)0] = (uint64)0

// Short-term pins of direct I/O by inode, until their next row.
#map @dio_since[(uint64)0] = (uint64)0
#map @dio_times[(uint64)0] = (int64)0
#map @dio_pages[(uint64)0] = (int64)0
#map @dio_held[(int64)0] = (int64)0

// Of $inode, which goes: the next one may get its address.
#define FORGET_DIRECT_IO \
  if (@dio_since[(uint64)$inode] != 0) { \
    delete(@dio_since[(uint64)$inode]); \
    delete(@dio_times[(uint64)$inode]); \
    delete(@dio_pages[(uint64)$inode]); \
  }

// One number as key, not two: keys lie on the program's stack, which is full (512 bytes).
#define ACCOUNT_KEY(SLOT) (uint64)tid * 4 + (uint64)SLOT

// Adds $mine pages of $host to this thread's account: up to four files for each owner's call.
#define ADD_TO_ACCOUNT \
  $slot = @pin_slot[tid]; \
  $key = ACCOUNT_KEY($slot); \
  if (@pin_pages[$key] != 0 && @pin_inode[$key] != $host) { \
    if ($slot < 3) { $slot = $slot + 1; @pin_slot[tid] = $slot; $key = $key + 1; } else { @pin_inode[$key] = (uint64)0; } \
  } \
  if (@pin_pages[$key] == 0) { \
    @pin_inode[$key] = $host; \
    @pin_page[$key] = $page; \
    @pin_index[$key] = $index; \
  } \
  @pin_pages[$key] = @pin_pages[$key] + $mine;

// Prints what this thread pinned for one owner object; DROP_ACCOUNT must follow.
#define PRINT_ACCOUNT(OBJECT, REACH, BYTES, ADDRESS, VIA, DEVICE) \
  $longterm = (int64)0; \
  if ((@pin_flags[tid] & FOLL_LONGTERM) != 0) { $longterm = (int64)1; } \
  $slot = (int64)0; \
  while ($slot < 4) { \
    $key = ACCOUNT_KEY($slot); \
    $pages = @pin_pages[$key]; \
    if ($pages != 0) { \
      FOLLOW(OBJECT) \
      FOLLOW(REACH) \
      $inode = (struct inode *)@pin_inode[$key]; \
      ROW("pin.taken", OBJECT, REACH, DEV_OF($inode), INO_OF($inode), (int64)@pin_page[$key], (int64)@pin_index[$key], $pages, BYTES, ADDRESS, $longterm, (int64)(@pin_flags[tid] & FOLL_WRITE), VIA, DEVICE); \
    } \
    $slot = $slot + 1; \
  }

#define DROP_ACCOUNT \
  $slot = (int64)0; \
  while ($slot < 4) { \
    $key = ACCOUNT_KEY($slot); \
    delete(@pin_pages[$key]); \
    delete(@pin_inode[$key]); \
    delete(@pin_page[$key]); \
    delete(@pin_index[$key]); \
    $slot = $slot + 1; \
  } \
  delete(@pin_owner[tid]); \
  delete(@pin_slot[tid]); \
  delete(@pin_flags[tid]);

// What a function returned that gives a pointer or an error code (include/linux/err.h: the last 4095 addresses).
#define IS_OBJECT(POINTER) (POINTER != 0 && (POINTER >> 12) != 0xfffffffffffff)
