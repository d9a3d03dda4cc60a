/**
 * The walk: one look into the kernel's own objects, with nothing traced before. It names who holds a file's pages,
 * leases and descriptors, however they came there, and who waits.
 *
 * bpftrace's iterators visit every open descriptor; what they find leads to what no descriptor shows (sockets' queues,
 * rings' tables), and from there on. /proc adds who sleeps, what is mapped and what has a name. Everything is read, and
 * nothing is stopped: objects may come and go under the walk, so that it tells what was so at its time.
 */
import type { RawRow } from '../../event/encode.ts';
import type { KernelOffers } from '../kernel.ts';
import { readMounts } from '../mountinfo.ts';
import { readBootNs } from '../procfs/asleep-since.ts';
import { type InodeId, inodeKey } from '../procfs/inode-id.ts';
import { leaseRows } from '../procfs/lease-rows.ts';
import { readLeases } from '../procfs/locks.ts';
import { type Mapping, RING_NAME, readAllMappings } from '../procfs/mappings.ts';
import { createMountTable } from '../procfs/mounts.ts';
import { walkProc } from '../procfs/poor-walk.ts';
import { findSleepers } from '../procfs/sleepers.ts';
import { listUserProcesses } from '../procfs/tasks.ts';
import { userRows } from '../procfs/user-rows.ts';
import { createRowContext, frameWalk, type Gap } from '../procfs/walk-row.ts';
import { nameFiles } from './file-names.ts';
import { lookAtFiles } from './files.ts';
import { openPlaceholders } from './placeholders.ts';
import { withTag } from './printed.ts';
import { createPrograms } from './programs.ts';
import { lookForWaiters } from './waiting.ts';

export interface WalkOptions {
  /** Null where BPF cannot be used: /proc is all there is. */
  readonly offers: KernelOffers | null;
  readonly signal?: AbortSignal;
  /** Told what is going on while nothing else can be shown. */
  readonly onProgress?: (text: string) => void;
  /** The one file that is asked about. */
  readonly target?: InodeId;
}

/** Looks once; returns the rows from `walk.began` to `walk.ended`. Without any BPF iterator, what /proc tells. */
export async function walkKernel(options: WalkOptions): Promise<readonly RawRow[]> {
  const { offers, target, signal, onProgress } = options;
  if (offers === null) return walkProc(target === undefined ? {} : { target });
  const placeholders = openPlaceholders();
  try {
    const programs = createPrograms(offers, signal);
    const context = createRowContext(readBootNs());
    onProgress?.('looking at every open descriptor');
    const [printed, seen] = await Promise.all([
      programs.run('open-files', 'walk', { target }),
      lookIntoProc(),
    ]);
    // Without the list of descriptors nothing can be said of what is behind them.
    if (programs.gaps.some(({ path }) => path === 'walk')) {
      const rows = await walkProc({ began: context.began, ...(target && { target }) });
      return frameWalk(context, rows, programs.gaps);
    }
    const opened = withTag(printed, 'open');
    const grounds = {
      programs,
      placeholders,
      opened: new Map(opened.map((open) => [`${open.pid}:${open.fd}`, open])),
    };
    const isRingMapped = seen.mappings.some(({ path }) => path === RING_NAME);
    const [files, waiting] = await Promise.all([
      lookAtFiles(context, grounds, { opened, isRingMapped, ...(onProgress && { onProgress }) }),
      lookForWaiters(context, programs, seen),
    ]);
    onProgress?.('putting together what was found');
    const mounts = await readMounts('self');
    const wanted = new Set([
      ...(target === undefined ? [] : [inodeKey(target)]),
      ...files.pages.map(({ dev, ino }) => `${dev}:${ino}`),
    ]);
    const mapped = seen.mappings.filter((mapping) => wanted.has(inodeKey(mapping)));
    const known = new Set(files.leases.map(({ dev, ino }) => `${dev}:${ino}`));
    const rows: RawRow[] = [
      ...(await nameFiles(context, grounds, files.pages, mounts)),
      ...userRows(context, [], mapped, seen.mounts).map(asFact),
      ...files.rows,
      // nfsd's leases on inodes that no process has open.
      ...leaseRows(
        context,
        seen.leases.filter((lease) => !known.has(inodeKey(lease))),
        [],
        [],
      ),
      ...waiting,
    ];
    if (placeholders.refused > 0) {
      programs.say('walk', 'there was more to look into than one walk may: the rest was left out');
    }
    return frameWalk(context, rows, [...programs.gaps, ...seen.gaps]);
  } finally {
    placeholders.close();
  }
}

interface SeenInProc {
  readonly sleepers: Awaited<ReturnType<typeof findSleepers>>;
  readonly leases: ReturnType<typeof readLeases>;
  readonly mappings: readonly Mapping[];
  readonly mounts: ReturnType<typeof createMountTable>;
  readonly gaps: readonly Gap[];
}

async function lookIntoProc(): Promise<SeenInProc> {
  const pids = listUserProcesses();
  const leases = readLeases();
  const sleepers = await findSleepers(pids);
  const { mappings, gaps } = await readAllMappings(pids);
  return { sleepers, leases, mappings, mounts: createMountTable(), gaps };
}

/** The kernel prints a mapping's inode from the mapping itself: no inference, though it is read from /proc. */
function asFact(row: RawRow): RawRow {
  return row.kind === 'walk.mapped' ? { ...row, source: '' } : row;
}
