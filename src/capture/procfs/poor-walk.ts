/**
 * The walk without BPF: what /proc, sysfs and rdma(8) tell of who holds what, and what only the kernel's own objects
 * would tell. Every row names its source, so nothing of it is taken for a fact read in the kernel.
 */
import { plural } from '../../base/text.ts';
import type { RawRow } from '../../event/encode.ts';
import { readBootNs } from './asleep-since.ts';
import { type Descriptor, listDescriptors, readFdInfo } from './descriptors.ts';
import { type InodeId, inodeKey } from './inode-id.ts';
import { leaseRows } from './lease-rows.ts';
import { type ProcLease, readLeases } from './locks.ts';
import { RING_NAME, readAllMappings } from './mappings.ts';
import { createMountTable } from './mounts.ts';
import { findOpeners } from './openers.ts';
import { isDenied, PROC_ROOT } from './proc-file.ts';
import { listRdmaDevices, rdmaDeviceOf, readRdmaContexts, readRdmaRegions } from './rdma-resource.ts';
import { type RdmaState, regionRows } from './region-rows.ts';
import { registeredRows } from './registered-rows.ts';
import { readRings, ringRows } from './ring-rows.ts';
import { findSleepers } from './sleepers.ts';
import { listUserProcesses } from './tasks.ts';
import { userRows } from './user-rows.ts';
import { locateWaiters, waiterRows } from './waiter-rows.ts';
import { createRowContext, frameWalk, gapRow, type RowContext } from './walk-row.ts';

export interface ProcWalkOptions {
  /** When the walk begins, boot ns; by default now. */
  readonly began?: number;
  /** The one file that is asked about; without it every file that has a lease, a waiter or a likely pin. */
  readonly target?: InodeId;
  readonly procRoot?: string;
  readonly sysRoot?: string;
}

/** Looks once; returns the rows from `walk.began` to `walk.ended`. */
export async function walkProc(options: ProcWalkOptions = {}): Promise<readonly RawRow[]> {
  const { procRoot = PROC_ROOT, target } = options;
  const context = createRowContext(options.began ?? readBootNs(procRoot), procRoot);
  const mounts = createMountTable(procRoot);
  const pids = listUserProcesses(procRoot);

  const allLeases = readLeases(procRoot);
  const sleepers = await findSleepers(pids, procRoot);
  const leases = allLeases.filter((lease) => isWanted(lease, target));
  const waiters = locateWaiters(sleepers, allLeases, mounts).filter(
    ({ file }) => file === null || isWanted(file, target),
  );
  const descriptors = pids.flatMap((pid) => listDescriptors(pid, procRoot));
  const rings = readRings(descriptors, mounts);
  const rdma = await readRdma(context, descriptors, options.sysRoot ?? '/sys');

  const pinners = new Set([
    ...rings.flatMap((ring) => ring.descriptors.map(({ pid }) => pid)),
    ...rdma.state.regions.flatMap(({ pid }) => pid ?? []),
  ]);
  const read = await readAllMappings(pids, procRoot);
  const pins = [
    ...ringRows(
      context,
      rings,
      read.mappings.filter(({ pid, path }) => path === RING_NAME || pinners.has(pid)),
    ),
    ...regionRows(
      context,
      rdma.state,
      read.mappings.filter(({ pid }) => pinners.has(pid)),
    ),
  ].filter((row) => row.kind !== 'walk.pinned' || isWantedRow(row, target));

  const wanted = wantedKeys(target, leases, waiters, pins);
  const openers = findOpeners(descriptors, wanted, mounts);
  const mappings = read.mappings.filter((mapping) => wanted.has(inodeKey(mapping)));
  return frameWalk(context, [
    ...userRows(context, openers, mappings, mounts),
    ...leaseRows(context, leases, openers, waiters),
    ...waiterRows(context, waiters),
    ...registeredRows(context, rings, wanted, openers, mounts),
    ...pins,
    ...read.gaps.map(({ path, reason }) => gapRow(context, path, reason)),
    ...rdma.gaps,
    ...unseenRows(context, descriptors),
    ...deniedRows(context, pids),
  ]);
}

function isWanted(file: InodeId, target: InodeId | undefined): boolean {
  return target === undefined || inodeKey(file) === inodeKey(target);
}

function isWantedRow(row: RawRow<'walk.pinned'>, target: InodeId | undefined): boolean {
  return target === undefined || (row.dev === target.dev && row.ino === target.ino);
}

/** The files whose users are worth finding. */
function wantedKeys(
  target: InodeId | undefined,
  leases: readonly ProcLease[],
  waiters: readonly { readonly file: InodeId | null }[],
  pins: readonly RawRow[],
): ReadonlySet<string> {
  if (target !== undefined) return new Set([inodeKey(target)]);
  return new Set([
    ...leases.map(inodeKey),
    ...waiters.flatMap(({ file }) => (file === null ? [] : [inodeKey(file)])),
    ...pins.flatMap((row) => (row.kind === 'walk.pinned' ? [`${row.dev}:${row.ino}`] : [])),
  ]);
}

/** Asks rdma(8) only where there are RDMA devices. */
async function readRdma(
  context: RowContext,
  descriptors: readonly Descriptor[],
  sysRoot: string,
): Promise<{ readonly state: RdmaState; readonly gaps: readonly RawRow[] }> {
  const uverbs = descriptors.flatMap((descriptor) => {
    const device =
      descriptor.target.kind === 'uverbs' ? rdmaDeviceOf(descriptor.target.device, sysRoot) : null;
    return device === null ? [] : [{ descriptor, device }];
  });
  const nothing = { regions: [], contexts: [], descriptors: uverbs };
  if (listRdmaDevices(sysRoot).length === 0) return { state: nothing, gaps: [] };
  const regions = await readRdmaRegions();
  const contexts = await readRdmaContexts();
  if (!regions.ok) return { state: nothing, gaps: [gapRow(context, 'rdma-region', regions.error)] };
  return {
    state: { ...nothing, regions: regions.value, contexts: contexts.ok ? contexts.value : [] },
    gaps: [],
  };
}

/** Processes that this user may not look into. */
function deniedRows(context: RowContext, pids: readonly number[]): readonly RawRow[] {
  const denied = pids.filter((pid) => isDenied(`${context.procRoot}/${pid}/fd`)).length;
  if (denied === 0) return [];
  const text = `${plural(denied, 'process', 'processes')} of other users could not be looked into: use sudo`;
  return [gapRow(context, 'processes', text)];
}

/** What holds pages or files but is shown in /proc as an open descriptor at most. */
function unseenRows(context: RowContext, descriptors: readonly Descriptor[]): readonly RawRow[] {
  const gaps = [
    gapRow(
      context,
      'vmsplice',
      "pages in pipes: /proc does not tell what a pipe holds, the kernel's objects do",
    ),
    gapRow(context, 'xdp-umem', "memory of AF_XDP sockets: only the kernel's objects tell its file"),
  ];
  const sockets = new Set<string>();
  for (const { pid, fd, target } of descriptors) {
    if (target.kind === 'vfio') {
      gaps.push(
        gapRow(
          context,
          'vfio',
          `process ${pid} has /dev/vfio/${target.device} open: what it pins is not told`,
        ),
      );
    }
    if (target.kind !== 'socket' || sockets.has(target.ino)) continue;
    sockets.add(target.ino);
    const inFlight = readFdInfo(pid, fd, context.procRoot)?.inFlight ?? 0;
    if (inFlight > 0) gaps.push(gapRow(context, 'fd-passing', inFlightText(inFlight, pid, fd)));
  }
  return gaps;
}

function inFlightText(count: number, pid: number, fd: number): string {
  const subject = count === 1 ? '1 descriptor waits' : `${count} descriptors wait`;
  return `${subject} in the queue of socket fd ${fd} of process ${pid}: what to, only the kernel's objects tell`;
}
