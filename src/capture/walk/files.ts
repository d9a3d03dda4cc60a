/** From open files to what they keep: pages, other files, leases, in the order in which one leads to the next. */
import type { RawRow } from '../../event/encode.ts';
import { readPmemDevices } from '../procfs/pmem.ts';
import type { RowContext } from '../procfs/walk-row.ts';
import { lookForGivenMemory } from './given-memory.ts';
import type { Hideout } from './hiding.ts';
import { planVisits } from './hiding.ts';
import {
  AF_XDP,
  type KeptFile,
  lookIntoRingTables,
  lookIntoSockets,
  MODE,
  ringsBehindMappings,
} from './inner-files.ts';
import { type Grounds, lookForOwners } from './look-inside.ts';
import type { Owner } from './owners.ts';
import { type Printed, withTag } from './printed.ts';
import { lookForRegions } from './regions.ts';
import { heldRow, isFilePage, keptRow, leaseRow, nameRow, type OwnerTold, ownerRows } from './rows.ts';

/** A process that is stuck with its mmap_lock holds that program up. */
const MAPPINGS_MS = 60_000;

/** The `what` column of probes/walk/open-files.bt. */
const WHAT = {
  pipe: 1,
  uverbs: 2,
  ring: 4,
  xdp: 8,
  queue: 16,
  vfio: 32,
  leased: 64,
  target: 128,
} as const;

export interface FilesSeen {
  readonly rows: readonly RawRow[];
  /** Runs of files' pages that somebody holds. */
  readonly pages: readonly Printed<'pages'>[];
  readonly leases: readonly Printed<'lease'>[];
}

export interface FilesOptions {
  readonly opened: readonly Printed<'open'>[];
  /** Some process maps a ring: it may have no descriptor. */
  readonly isRingMapped: boolean;
  readonly onProgress?: (text: string) => void;
}

/** Looks into all that these descriptors lead to. */
export async function lookAtFiles(
  context: RowContext,
  grounds: Grounds,
  { opened, isRingMapped, onProgress }: FilesOptions,
): Promise<FilesSeen> {
  const { say } = grounds.programs;
  const has = (what: number) => opened.some((open) => (Number(open.what) & what) !== 0);

  if (has(WHAT.queue) || has(WHAT.ring) || isRingMapped)
    onProgress?.('looking for files without a descriptor');
  const [queued, mappedRings] = await Promise.all([
    has(WHAT.queue) ? lookIntoSockets(grounds) : [],
    isRingMapped
      ? grounds.programs
          .run('ring-mappings', 'io_uring-mappings', {}, MAPPINGS_MS)
          .then((printed) => ringsBehindMappings(printed, grounds.opened))
      : [],
  ]);
  const rings = hideoutsOf(mappedRings);
  const inTables = has(WHAT.ring) || rings.length > 0 ? await lookIntoRingTables(grounds, rings) : [];
  const kept = [...queued, ...inTables, ...mappedRings];

  onProgress?.('looking at pages');
  const pipes = hideoutsOf(kept.filter(({ mode }) => Number(mode) === MODE.pipe));
  const devices = hideoutsOf(kept.filter(({ mode }) => Number(mode) === MODE.device));
  const xdp = hideoutsOf(kept.filter(({ extra }) => Number(extra) === AF_XDP));
  const leased = hideoutsOf(kept.filter(({ mode }) => Number(mode) === MODE.regular));
  const nothing: readonly Owner[] = [];
  const [spliced, buffers, umems, found, given, leases] = await Promise.all([
    has(WHAT.pipe) || pipes.length > 0
      ? lookForOwners(grounds, { program: 'pipes', via: 'vmsplice' }, pipes)
      : nothing,
    has(WHAT.ring) || rings.length > 0
      ? lookForOwners(grounds, { program: 'rings', via: 'io_uring-buffer' }, rings)
      : nothing,
    has(WHAT.xdp) || xdp.length > 0
      ? lookForOwners(grounds, { program: 'umems', via: 'xdp-umem' }, xdp)
      : nothing,
    has(WHAT.uverbs) || devices.length > 0 ? lookForRegions(grounds, devices) : { regions: [], dark: [] },
    has(WHAT.vfio) || devices.length > 0 ? lookForGivenMemory(grounds, devices) : [],
    has(WHAT.leased) || leased.length > 0 ? lookForLeases(grounds, leased) : [],
  ]);
  for (const { device, driver, taker } of found.dark) {
    say(
      'rdma-mr',
      `a memory region on ${device}, registered by process ${taker.pid}, was not looked into: driver ${driver} keeps its pages in a way that is not known here`,
    );
  }

  const owners: OwnerTold[] = [
    ...spliced.filter(({ runs }) => runs.length > 0).map((owner) => told(owner, false)),
    ...buffers.map((owner) => told(owner, true)),
    ...umems.map((owner) => told(owner, true)),
    ...found.regions,
    ...given,
  ];
  const relevant = reachable(owners, leases, kept);
  const isNamed = (open: Printed<'open'>) => (Number(open.what) & (WHAT.leased | WHAT.target)) !== 0;
  const pmem = readPmemDevices();
  return {
    rows: [
      ...opened.filter(isNamed).flatMap((open) => nameRow(context, open)),
      ...opened
        .filter((open) => relevant.has(open.object) || relevant.has(open.file) || isNamed(open))
        .map((open) => heldRow(context, open)),
      ...kept
        .filter(({ file, object }) => relevant.has(file) || relevant.has(object))
        .map((each) => keptRow(context, each)),
      ...apart(owners).flatMap((owner) => ownerRows(context, owner, pmem)),
      ...leases.map((lease) => leaseRow(context, lease)),
    ],
    pages: owners.flatMap(({ owner }) => owner.runs.filter(isFilePage)),
    leases,
  };
}

async function lookForLeases(
  { programs, placeholders, opened }: Grounds,
  hideouts: readonly Hideout[],
): Promise<readonly Printed<'lease'>[]> {
  const { hidden } = planVisits(opened, hideouts, placeholders);
  const printed = withTag(await programs.run('leases', 'lease', { hidden }), 'lease');
  return [...new Map(printed.map((lease) => [lease.lease, lease])).values()];
}

function told(owner: Owner, write: boolean): OwnerTold {
  return { owner, device: '', taker: null, write };
}

/** Each open file once. */
function hideoutsOf(kept: readonly KeptFile[]): readonly Hideout[] {
  return [...new Map(kept.map(({ file, object }) => [file, { file, object, entries: 1 }])).values()];
}

/** Files and objects that keep a pin or a lease alive, and what keeps those. */
function reachable(
  owners: readonly OwnerTold[],
  leases: readonly Printed<'lease'>[],
  kept: readonly KeptFile[],
): ReadonlySet<string> {
  const relevant = new Set([...owners.map(({ owner }) => owner.reach), ...leases.map(({ file }) => file)]);
  for (let size = -1; size !== relevant.size; ) {
    size = relevant.size;
    for (const { file, object, keeper } of kept) {
      if (keeper !== '0' && (relevant.has(file) || relevant.has(object))) relevant.add(keeper);
    }
  }
  relevant.delete('0');
  return relevant;
}

/**
 * One buffer in the tables of several rings (cloned, 6.12 and later) has as many holders as rings: each ring's share is
 * told as an object of its own, at an address inside the buffer, and its pages are counted once.
 */
function apart(owners: readonly OwnerTold[]): readonly OwnerTold[] {
  const shares = new Map<string, number>();
  return owners.map((each) => {
    const { object } = each.owner;
    const share = shares.get(object) ?? 0;
    shares.set(object, share + 1);
    if (share === 0) return each;
    return {
      ...each,
      owner: { ...each.owner, object: String(BigInt(object) + BigInt(share * 8)), isShare: true },
    };
  });
}
