/**
 * The kernel functions in which a thread sleeps when an operation on a file waits for somebody else: what
 * /proc/PID/task/TID/wchan prints. That is the innermost function outside the scheduler and the lock code (both are
 * `__sched`), so a thread that waits for an inode's lock shows the function that wanted it.
 *
 * Sources: fs/dax.c, fs/xfs/xfs_file.c, fs/ext4/inode.c, fs/fuse/dax.c, fs/locks.c, fs/open.c of 6.1, 6.12, 6.18, 7.3;
 * seen in guests: xfs_break_dax_layouts and ext4_break_layouts (6.1, 6.12), xfs_wait_dax_page and ext4_wait_dax_page
 * (6.18, 7.3), __break_lease (all).
 */

/** What it sleeps for. `inode-lock`: it only queues behind another operation on the same inode. */
export type WaitCause = 'dax-page' | 'lease-break' | 'layout-recall' | 'inode-lock';

/** What the sleeper's own function tells: layouts are told from leases by the stack. */
export type WaitSite = Exclude<WaitCause, 'layout-recall'>;

const WAIT_SITES: ReadonlyMap<string, WaitSite> = new Map([
  // Up to 6.14 each file system waits by itself, in its own function or in the callback that drops its locks.
  ['xfs_break_dax_layouts', 'dax-page'],
  ['ext4_break_layouts', 'dax-page'],
  ['fuse_dax_break_layouts', 'dax-page'],
  ['__fuse_dax_break_layouts', 'dax-page'],
  // All versions; from 6.15 on these callbacks are where an interruptible wait sleeps.
  ['xfs_wait_dax_page', 'dax-page'],
  ['ext4_wait_dax_page', 'dax-page'],
  ['fuse_wait_dax_page', 'dax-page'],
  // From 6.15 on. The last two are eviction: no name and no descriptor is left, and no signal ends the wait.
  ['dax_break_layout', 'dax-page'],
  ['wait_page_idle', 'dax-page'],
  ['dax_break_layout_final', 'dax-page'],
  ['wait_page_idle_uninterruptible', 'dax-page'],
  // All versions: leases, delegations and, with XFS on the stack, layouts.
  ['__break_lease', 'lease-break'],
  // All versions: who wanted the lock of the inode or of its mapping.
  ['do_truncate', 'inode-lock'],
  ['xfs_ilock', 'inode-lock'],
  ['ext4_setattr', 'inode-lock'],
  ['ext4_fallocate', 'inode-lock'],
  ['ext4_punch_hole', 'inode-lock'],
  ['ext4_zero_range', 'inode-lock'],
  ['ext4_collapse_range', 'inode-lock'],
  ['ext4_insert_range', 'inode-lock'],
  ['shmem_fallocate', 'inode-lock'],
  ['fuse_file_fallocate', 'inode-lock'],
  ['vfs_unlink', 'inode-lock'],
  // All versions: an open of a file that is being evicted.
  ['__wait_on_freeing_inode', 'inode-lock'],
]);

/** What a thread that sleeps in this function waits for; null for all the other places. */
export function waitSiteOf(wchan: string): WaitSite | null {
  return WAIT_SITES.get(stripSuffix(wchan)) ?? null;
}

/** A lease break that XFS wants before it moves blocks is the recall of a layout (fs/xfs/xfs_pnfs.c). */
export function isLayoutRecall(stack: readonly string[]): boolean {
  return stack.some((name) => /^xfs_break_(leased_)?layouts$/.test(stripSuffix(name)));
}

/** GCC names the copies that it makes of a function `f.isra.0`, `f.constprop.0`. */
function stripSuffix(name: string): string {
  return name.replace(/\..*$/, '');
}
