// Words that all programs of the walk share, on top of ../prelude.h.
//
// Each file here is one bpftrace iterator: the kernel calls it once for every open descriptor (iter:task_file), mapping
// (iter:task_vma) or task (iter:task) of the machine, it looks into kernel objects by address, prints what it finds and
// ends. It changes nothing. What it prints are numbers only, one JSON array a line (an iterator cannot print tuples):
// names that user space chose are read from /proc afterwards, so that no name can break a row.
//
// What the composer (src/capture/walk/compose.ts) puts in besides what prelude.h tells:
//   TARGET_DEV, TARGET_INO   the file that was asked about; 0 where none was
//   HIDDEN_FILE              exchanges $file for another: one that no descriptor leads to (it sits in a socket's queue,
//                            or in a ring's table), or one that is too large for one visit; then $again is 1 from its
//                            second visit on. whopins opens descriptors of its own as places to be visited at
//   IS_WAITER                whether the visited thread is one of those that wait
//
// Limits, measured on 6.1, 6.12 and 7.3: one loop in each program, none inside another; a list of lists is walked with
// cursors. One iterator in each program (0.23 aborts on two). 12 values in each printf, and 512 bytes of stack for all of
// them. The kernel gives up on a visit that prints more than 32 KiB.

#define READ64(ADDRESS) *(uint64 *)(ADDRESS)
#define READ32(ADDRESS) *(uint32 *)(ADDRESS)
#define READ16(ADDRESS) *(uint16 *)(ADDRESS)

// Of the visited descriptor: $pid, $fd, $file, $object (its private_data), $inode, $mode (its type). $file is 0 at the very end.
// It takes a way round by a map: to the verifier ctx->file is a pointer, other files are numbers, and all that comes after
// would be verified for each of the two.
#define VISITED_FILE \
  $pid = (uint64)ctx->task->tgid; \
  $fd = (uint64)ctx->fd; \
  @visited = (int64)ctx->file; \
  $file = (uint64)@visited; \
  $again = NOTHING; \
  $inner = NOTHING; \
  HIDDEN_FILE \
  $object = NOTHING; \
  $inode = NOTHING; \
  $mode = NOTHING; \
  if ($file != 0) { \
    $object = READ64($file + OFFSET(file.private_data)); \
    $inode = READ64($file + OFFSET(file.f_inode)); \
    $mode = (uint64)READ16($inode + OFFSET(inode.i_mode)) & 0xf000; \
  }

#define VISITOR $pid, $fd
#define DEV_AT(INODE) (uint64)READ32(READ64(INODE + OFFSET(inode.i_sb)) + OFFSET(super_block.s_dev))
#define INO_AT(INODE) READ64(INODE + OFFSET(inode.i_ino))

// Goes on while WHETHER holds, at most ROUNDS times. What is left over is said (REST), and where it stopped is kept in
// maps, so that a next visit can go on from there. The verifier follows a loop round by round, 8,192 open branches and a
// million instructions in all: 100 rounds of these bodies take it up to 300,000, and it grows with
// the square: 6.1 refuses 200, 7.3 refuses 300.
// The loop over a range that newer bpftrace has (bpf_loop, verified once) refuses `ctx`, and with these bodies 0.27.1
// dies of a segmentation fault.
#define LOOP(WHETHER) $n = (uint64)0; while ($n < ROUNDS && (WHETHER))
#define NEXT $n = $n + 1;
// rest: pid fd
#define REST(WHETHER) if (WHETHER) { printf("[\"rest\",%d,%d]\n", VISITOR); }

// Where a visit stopped. bpftrace wants to see a map written before it is read, so it is shown one that never happens.
#define CURSOR(MAP) if ($file == 0) { MAP = (int64)0; }

// A zero that the verifier does not know to be one: reading at a user's address gives it. Where a variable of a loop
// starts as a known number, the verifier follows each of its values through all rounds (7.3: 24 rounds of pipes.bt were
// too many); of unknown ones it keeps one state a round. Each use must read afresh: of two variables that are copies of
// one the verifier knows that they are equal.
#define NOTHING READ64((uint64)8)

// The same number, of which the verifier knows nothing any more. Where a branch of a loop compares a variable that the next
// round has changed by one, it would keep another state for each number of rounds since it was set: sockets.bt took a
// million instructions for 40 rounds without this.
#define FORGET(VALUE) ((VALUE) ^ NOTHING)

// Pages of one owner are told as runs: pages of one mapping that follow each other. `mapping` is as struct page has it:
// 0 where the page is nobody's (truncate leaves it so; or it is the kernel's own memory), bit 0 or 1 set where it is
// anonymous memory.
#define BEGIN_RUNS \
  $run_pages = NOTHING; \
  $run_bytes = NOTHING; \
  $run_owner = NOTHING; \
  $run_page = NOTHING; \
  $run_mapping = NOTHING; \
  $run_index = NOTHING;

// Adds PAGES pages from $page on: to the run, or to a new one.
#define ADD_PAGES(OWNER, PAGES, BYTES) \
  HEAD_OF_PAGE \
  $mapping = READ64($head + OFFSET(page.mapping)); \
  $index = READ64($head + OFFSET(page.index|page.__folio_index)) + ($page - $head) / SIZE(page); \
  if (((OWNER ^ $run_owner) | ($mapping ^ $run_mapping) | ($index ^ ($run_index + $run_pages))) != 0) { \
    PRINT_RUN \
    $run_owner = OWNER; \
    $run_page = $page; \
    $run_mapping = $mapping; \
    $run_index = $index; \
    $run_pages = NOTHING; \
    $run_bytes = NOTHING; \
  } \
  $run_pages = $run_pages + PAGES; \
  $run_bytes = $run_bytes + BYTES;

// pages: pid fd owner page frame dev ino index pages bytes mapping
#define PRINT_RUN \
  if ($run_pages != 0) { \
    $host = NOTHING; \
    if (($run_mapping & 3) == 0) { $host = READ64($run_mapping + OFFSET(address_space.host)); } \
    printf("[\"pages\",%d,%d,%lld,%lld,%lld,%d,%llu,%lld,%lld,%lld,%lld]\n", VISITOR, (int64)$run_owner, (int64)$run_page, (int64)FRAME_OF($run_page), DEV_AT($host), INO_AT($host), (int64)$run_index, (int64)$run_pages, (int64)$run_bytes, (int64)$run_mapping); \
  }

// Where a page lies in physical memory, in pages: a DAX page that is no file's any more still tells its device by it.
#if has(symbol:vmemmap_base)
#define FRAME_OF(PAGE) ((PAGE - READ64(kaddr("vmemmap_base"))) / SIZE(page))
#else
#define FRAME_OF(PAGE) (uint64)0
#endif

// What a file is, for a file that was found inside another object: the device number of a device, a socket's family.
// kept: pid fd keeper file object inode dev ino mode extra
#define PRINT_KEPT(KEEPER, KEPT) \
  $k_inode = READ64(KEPT + OFFSET(file.f_inode)); \
  $k_object = READ64(KEPT + OFFSET(file.private_data)); \
  $k_mode = (uint64)READ16($k_inode + OFFSET(inode.i_mode)) & 0xf000; \
  $k_extra = (uint64)READ32($k_inode + OFFSET(inode.i_rdev)); \
  if ($k_mode == 0xc000) { $k_extra = (uint64)READ16(READ64($k_object + OFFSET(socket.sk)) + OFFSET(sock.__sk_common.skc_family)); } \
  printf("[\"kept\",%d,%d,%lld,%lld,%lld,%lld,%d,%llu,%d,%lld]\n", VISITOR, (int64)KEEPER, (int64)KEPT, (int64)$k_object, (int64)$k_inode, DEV_AT($k_inode), INO_AT($k_inode), $k_mode, (int64)$k_extra);
