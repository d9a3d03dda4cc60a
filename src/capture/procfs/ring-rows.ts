/**
 * Fixed buffers and registered files of io_urings. fdinfo prints a buffer's address and length, not its pages: where the
 * address lies in a shared mapping of a file, that file's pages are likely what the ring holds. Each ring has an inode of
 * its own (io_uring_install_fd: a secure anonymous inode), which ties together its descriptors and mappings.
 */
import type { RawRow } from '../../event/encode.ts';
import { type Descriptor, readFdInfo } from './descriptors.ts';
import type { FdInfo, RingBuffer } from './fdinfo.ts';
import type { InodeId } from './inode-id.ts';
import { type Mapping, RING_NAME } from './mappings.ts';
import { inodeOfDescriptor, type MountTable } from './mounts.ts';
import { commonColumns, gapRow, type RowContext } from './walk-row.ts';

/** A ring and the descriptors that lead to it. */
export interface Ring extends InodeId {
  readonly files: FdInfo['ringFiles'];
  readonly buffers: readonly RingBuffer[];
  readonly descriptors: readonly Descriptor[];
}

/** The part of a mapping that a pinned range of addresses covers. */
export interface MappedPart {
  readonly mapping: Mapping;
  readonly address: number;
  readonly bytes: number;
}

export const PAGE_BYTES = 4096;

/** Reads the rings among these descriptors; one ring for all descriptors of it. */
export function readRings(descriptors: readonly Descriptor[], mounts: MountTable): readonly Ring[] {
  const rings = new Map<FdInfo['ino'], Ring & { descriptors: Descriptor[] }>();
  for (const descriptor of descriptors) {
    if (descriptor.target.kind !== 'io_uring') continue;
    const { pid, fd } = descriptor;
    const info = readFdInfo(pid, fd, mounts.procRoot);
    const inode = info && inodeOfDescriptor(mounts, pid, fd, info);
    if (info === null || inode === null) continue;
    const known = rings.get(info.ino);
    if (known !== undefined) known.descriptors.push(descriptor);
    else
      rings.set(info.ino, {
        dev: inode.dev,
        ino: info.ino,
        files: info.ringFiles,
        buffers: info.ringBuffers,
        descriptors: [descriptor],
      });
  }
  return [...rings.values()];
}

/** The parts of shared file mappings, of any of these processes, that lie in the range. The first process counts. */
export function findMappedParts(
  mappings: readonly Mapping[],
  pids: readonly number[],
  address: number,
  bytes: number,
): readonly MappedPart[] {
  for (const pid of pids) {
    const parts = mappings.flatMap((mapping) => {
      if (mapping.pid !== pid || !isOfFile(mapping)) return [];
      const from = Math.max(address, mapping.address);
      const to = Math.min(address + bytes, mapping.address + mapping.bytes);
      return from < to ? [{ mapping, address: from, bytes: to - from }] : [];
    });
    if (parts.length > 0) return parts;
  }
  return [];
}

/** Shared, and not of a device or of the kernel's own objects. A private mapping's pinned pages are often copies. */
export function isOfFile(mapping: Mapping): boolean {
  return mapping.isShared && mapping.path.startsWith('/') && !mapping.path.startsWith('/dev/infiniband/');
}

/** `walk.held`, `walk.kept`, `walk.pinned` and `walk.owner` rows of all rings; `mappings` of at least their processes. */
export function ringRows(
  context: RowContext,
  rings: readonly Ring[],
  mappings: readonly Mapping[],
): readonly RawRow[] {
  const kept = mappings.filter(({ path }) => path === RING_NAME);
  const known = new Set(rings.map(({ ino }) => ino));
  const hidden = kept.filter(({ ino }) => !known.has(ino));
  return [
    ...rings.flatMap((ring) => [
      ...ring.descriptors.map((descriptor) => ringHeldRow(context, ring, descriptor)),
      ...keptByMapping(context, ring, kept),
      ...ring.buffers.flatMap((buffer) => bufferRows(context, ring, buffer, mappings)),
    ]),
    ...[...new Set(hidden.map(({ pid }) => pid))].map((pid) =>
      gapRow(
        context,
        'uring-buffer',
        `process ${pid} keeps an io_uring by a mapping only: what that holds is not told in /proc`,
      ),
    ),
  ];
}

function ringFile(context: RowContext, { dev, ino }: Ring) {
  const file = context.pointerOf(`ring ${ino}`);
  return { file, dev, ino, mode: 0, object: file } as const;
}

function ringHeldRow(context: RowContext, ring: Ring, { pid, fd }: Descriptor): RawRow {
  const source = '/proc/PID/fdinfo';
  return { kind: 'walk.held', ...commonColumns(context, pid), fd, ...ringFile(context, ring), source };
}

function keptByMapping(context: RowContext, ring: Ring, kept: readonly Mapping[]): readonly RawRow[] {
  const pids = new Set(kept.filter(({ ino }) => ino === ring.ino).map(({ pid }) => pid));
  return [...pids].map((pid) => ({
    kind: 'walk.kept',
    ...commonColumns(context, pid),
    keeper: 0,
    how: 3,
    ...ringFile(context, ring),
    source: '/proc/PID/maps',
  }));
}

function bufferRows(
  context: RowContext,
  ring: Ring,
  buffer: RingBuffer,
  mappings: readonly Mapping[],
): readonly RawRow[] {
  const pids = [...new Set(ring.descriptors.map(({ pid }) => pid))];
  const owner = {
    object: context.pointerOf(`ring ${ring.ino} buffer ${buffer.slot}`),
    reach: context.pointerOf(`ring ${ring.ino}`),
    via: 'io_uring-buffer',
    device: '',
  } as const;
  const place = `0x${buffer.address.toString(16)}`;
  const pages = countPages(buffer.address, buffer.bytes);
  const parts = findMappedParts(mappings, pids, buffer.address, buffer.bytes);
  return [
    ...parts.map((part) =>
      pinnedRow(context, part, owner, {
        pid: 0,
        source: `fixed buffer at ${place} lies in the mapping of this file by process ${part.mapping.pid}`,
      }),
    ),
    {
      kind: 'walk.owner',
      ...commonColumns(context, 0),
      ...owner,
      pages,
      seen: parts.reduce((sum, part) => sum + countPages(part.address, part.bytes), 0),
      counted: pages,
      source: '/proc/PID/fdinfo',
    },
  ];
}

interface PinOwner {
  readonly object: number;
  readonly reach: number;
  readonly via: string;
  readonly device: string;
}

/** `walk.pinned` for a range of a mapping. The pages are those that the mapping shows there now. */
export function pinnedRow(
  context: RowContext,
  { mapping, address, bytes }: MappedPart,
  owner: PinOwner,
  { pid, gone = 0, source }: { readonly pid: number; readonly gone?: 0 | 1; readonly source: string },
): RawRow {
  return {
    kind: 'walk.pinned',
    ...commonColumns(context, pid),
    object: owner.object,
    reach: owner.reach,
    dev: mapping.dev,
    ino: mapping.ino,
    page: 0,
    index: Math.floor((mapping.offset + address - mapping.address) / PAGE_BYTES),
    pages: countPages(address, bytes),
    bytes,
    address,
    longterm: 1,
    write: 1,
    via: owner.via,
    device: owner.device,
    gone,
    orphan: 0,
    source,
  };
}

/** The pages that a range of addresses touches. */
export function countPages(address: number, bytes: number): number {
  return Math.ceil((address + bytes) / PAGE_BYTES) - Math.floor(address / PAGE_BYTES);
}
