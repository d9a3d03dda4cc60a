/**
 * The walk: one look into the kernel's own objects, with nothing traced before. It names who holds a file's pages,
 * leases and descriptors, however they came there, and who waits.
 *
 * bpftrace's iterators visit every open descriptor; what they find leads to what no descriptor shows (sockets' queues,
 * rings' tables), and from there on. /proc adds who sleeps, what is mapped and what has a name. Everything is read, and
 * nothing is stopped: objects may come and go under the walk, so that it tells what was so at its time.
 */
import type { RawRow } from '../../event/encode.ts';
import type { Ino } from '../../event/event.ts';
import { readHostFacts } from '../host-facts.ts';
import type { KernelOffers } from '../kernel.ts';
import { readBootNs } from '../procfs/asleep-since.ts';
import { inodeKey } from '../procfs/inode-id.ts';
import { leaseRows } from '../procfs/lease-rows.ts';
import { readLeases } from '../procfs/locks.ts';
import { type Mapping, RING_NAME, readMappings } from '../procfs/mappings.ts';
import { createMountTable } from '../procfs/mounts.ts';
import { walkProc } from '../procfs/poor-walk.ts';
import { findSleepers } from '../procfs/sleepers.ts';
import { listProcesses } from '../procfs/tasks.ts';
import { userRows } from '../procfs/user-rows.ts';
import { readPinCounts } from '../procfs/vmstat.ts';
import { commonColumns, createRowContext, gapRow, type RowContext } from '../procfs/walk-row.ts';
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
  /** The one file that is asked about; `dev` is the kernel's dev_t. */
  readonly target?: { readonly dev: number; readonly ino: Ino };
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
      lookIntoProc(context),
    ]);
    // Without the list of descriptors nothing can be said of what is behind them.
    if (programs.gaps.some(({ path }) => path === 'walk')) {
      const rows = await walkProc({ began: context.began, ...(target && { target }) });
      return withGaps(context, rows, programs.gaps);
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
    const { mounts } = await readHostFacts();
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
    return frame(context, rows, [...programs.gaps, ...seen.gaps]);
  } finally {
    placeholders.close();
  }
}

interface SeenInProc {
  readonly sleepers: Awaited<ReturnType<typeof findSleepers>>;
  readonly leases: ReturnType<typeof readLeases>;
  readonly mappings: readonly Mapping[];
  readonly mounts: ReturnType<typeof createMountTable>;
  readonly gaps: readonly { readonly path: string; readonly reason: string }[];
}

async function lookIntoProc(context: RowContext): Promise<SeenInProc> {
  const pids = listProcesses()
    .filter((task) => !task.isKernelThread)
    .map(({ pid }) => pid);
  const leases = readLeases();
  const sleepers = await findSleepers(pids);
  const mappings: Mapping[] = [];
  const gaps: { path: string; reason: string }[] = [];
  for (const pid of pids) {
    const read = await readMappings(pid, context.procRoot);
    if (read.ok) mappings.push(...read.mappings);
    else gaps.push({ path: 'mappings', reason: read.reason });
  }
  return { sleepers, leases, mappings, mounts: createMountTable(), gaps };
}

/** The kernel prints a mapping's inode from the mapping itself: no inference, though it is read from /proc. */
function asFact(row: RawRow): RawRow {
  return row.kind === 'walk.mapped' ? { ...row, source: '' } : row;
}

function frame(
  context: RowContext,
  rows: readonly RawRow[],
  gaps: readonly { readonly path: string; readonly reason: string }[],
): readonly RawRow[] {
  const counts = readPinCounts();
  const common = commonColumns(context, 0);
  const told = [
    ...rows.filter(({ kind }) => kind === 'walk.gap'),
    ...gaps.map(({ path, reason }) => gapRow(context, path, reason)),
  ];
  return [
    { kind: 'walk.began', ...common },
    ...rows.filter(({ kind }) => kind !== 'walk.gap'),
    ...told,
    {
      kind: 'walk.ended',
      ...common,
      gaps: told.length,
      acquired: counts?.acquired ?? -1,
      released: counts?.released ?? -1,
    },
  ];
}

function withGaps(
  context: RowContext,
  rows: readonly RawRow[],
  gaps: readonly { readonly path: string; readonly reason: string }[],
): readonly RawRow[] {
  const inner = rows.filter(({ kind }) => kind !== 'walk.began' && kind !== 'walk.ended');
  return frame(context, inner, gaps);
}
