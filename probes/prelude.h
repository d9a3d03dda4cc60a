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

// Every cast is needed: 0.17 loses the type of a member of a member (kernel-map hazard: incomplete lazy BTF).
#define INODE_OF(FILE) ((struct inode *)((struct file *)FILE)->f_inode)
#define DEV_OF(INODE) ((struct super_block *)((struct inode *)INODE)->i_sb)->s_dev
#define INO_OF(INODE) ((struct inode *)INODE)->i_ino
#define MODE_OF(INODE) ((struct inode *)INODE)->i_mode

// The columns that describe an open file: file, dev, ino, mode, object.
#define FILE_COLUMNS(FILE, INODE) (int64)FILE, DEV_OF(INODE), INO_OF(INODE), MODE_OF(INODE), (int64)((struct file *)FILE)->private_data

// Files worth a row: pipes (vmsplice pins live in them), RDMA's uverbs devices (memory regions), and every file
// whose inode has been seen with a lease or a pin (@hot).
#define IS_INTERESTING(INODE) ((MODE_OF(INODE) & 0xf000) == 0x1000 || ((MODE_OF(INODE) & 0xf000) == 0x2000 && (((struct inode *)INODE)->i_rdev >> 20) == IB_UVERBS_MAJOR) || @hot[(int64)INODE] != 0)

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

// $page → $head, $host (its inode; 0: not a file's page), $index (its place in the file, in pages). Since 7.x a tail page may hold a mask instead of its head's
// address (compound_info, HUGETLB_PAGE_OPTIMIZE_VMEMMAP): a mask has its top 20 bits set, a pointer has not.
#define LOOK_AT_PAGE \
  $head = $page; \
  $link = *(uint64 *)($page + OFFSET(page.compound_head|page.compound_info)); \
  if (($link & 1) == 1) { \
    if ((($link >> 44) & 0xfffff) == 0xfffff) { $head = $page & $link; } else { $head = $link - 1; } \
  } \
  $mapping = *(uint64 *)($head + OFFSET(page.mapping)); \
  $host = (uint64)0; \
  $index = (uint64)0; \
  if ($mapping != 0 && ($mapping & 3) == 0) { \
    $host = *(uint64 *)($mapping + OFFSET(address_space.host)); \
    $index = *(uint64 *)($head + OFFSET(page.index|page.__folio_index)) + ($page - $head) / SIZE(page); \
  }
