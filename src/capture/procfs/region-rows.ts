/**
 * RDMA memory regions as rows, from what rdma(8) tells: device, length, the process while it lives. The file is inferred
 * from that process's mappings, where they leave one choice. Of a region whose process is gone only this is left: which
 * processes have more uverbs descriptors of the device than contexts of their own. One of them got it handed over.
 */
import { formatBytes } from '../../base/text.ts';
import type { RawRow } from '../../event/encode.ts';
import type { Descriptor } from './descriptors.ts';
import { inodeKey } from './inode-id.ts';
import type { Mapping } from './mappings.ts';
import type { RdmaContext, RdmaRegion } from './rdma-resource.ts';
import { countPages, findMappedParts, isOfFile, type MappedPart, pinnedRow } from './ring-rows.ts';
import { commonColumns, gapRow, type RowContext } from './walk-row.ts';

/** An open uverbs file and the RDMA device behind it. */
export interface UverbsDescriptor {
  readonly descriptor: Descriptor;
  readonly device: string;
}

export interface RdmaState {
  readonly regions: readonly RdmaRegion[];
  readonly contexts: readonly RdmaContext[];
  readonly descriptors: readonly UverbsDescriptor[];
}

/** `walk.held`, `walk.pinned` and `walk.owner` rows; a gap for each region whose file nothing tells. */
export function regionRows(
  context: RowContext,
  rdma: RdmaState,
  mappings: readonly Mapping[],
): readonly RawRow[] {
  // What the kernel itself registered is no file's: it has a name in brackets instead of a pid.
  const regions = rdma.regions.filter(({ pid, comm }) => pid !== null || !comm.startsWith('['));
  const owners = new Map(regions.map((region) => [ownerKey(region), region]));
  return [
    ...[...owners.values()].flatMap((region) => holderRows(context, region, rdma)),
    ...regions.flatMap((region, index) => oneRegionRows(context, region, index, mappings)),
  ];
}

/** All regions of one process on one device are reached through the same open file, as far as can be told. */
function ownerKey({ device, pid }: RdmaRegion): string {
  return `uverbs of ${device} by ${pid ?? 'nobody alive'}`;
}

function holderRows(context: RowContext, region: RdmaRegion, rdma: RdmaState): readonly RawRow[] {
  const { device, pid } = region;
  const onDevice = rdma.descriptors.filter((candidate) => candidate.device === device);
  const held = onDevice.filter(({ descriptor }) =>
    pid === null ? hasForeignContext(descriptor.pid, device, rdma) : descriptor.pid === pid,
  );
  const source =
    pid === null
      ? `it has ${device} open through more descriptors than contexts of its own, and the region's process is gone`
      : 'rdma resource names its process';
  return held.map(({ descriptor }) => ({
    kind: 'walk.held',
    ...commonColumns(context, descriptor.pid),
    fd: descriptor.fd,
    file: context.pointerOf(`file ${ownerKey(region)}`),
    dev: 0,
    ino: 0,
    mode: S_IFCHR,
    object: context.pointerOf(ownerKey(region)),
    source,
  }));
}

const S_IFCHR = 0o020000;

function hasForeignContext(pid: number, device: string, { contexts, descriptors }: RdmaState): boolean {
  const own = contexts.filter((candidate) => candidate.pid === pid && candidate.device === device).length;
  const open = descriptors.filter(
    (candidate) => candidate.descriptor.pid === pid && candidate.device === device,
  ).length;
  return open > own;
}

function oneRegionRows(
  context: RowContext,
  region: RdmaRegion,
  index: number,
  mappings: readonly Mapping[],
): readonly RawRow[] {
  const { device, bytes, pid } = region;
  const owner = {
    object: context.pointerOf(`region ${index}`),
    reach: context.pointerOf(ownerKey(region)),
    via: 'rdma-mr',
    device,
  } as const;
  const pages = countPages(0, bytes);
  const { parts, source } = findRegionParts(region, mappings);
  const rows: RawRow[] = parts.map((part) => pinnedRow(context, part, owner, { pid: pid ?? 0, source }));
  const seen = parts.reduce((sum, part) => sum + countPages(part.address, part.bytes), 0);
  rows.push({
    kind: 'walk.owner',
    ...commonColumns(context, pid ?? 0),
    ...owner,
    pages,
    seen,
    counted: pages,
    source: 'rdma resource',
  });
  return parts.length > 0 ? rows : [...rows, gapRow(context, 'rdma-region', untoldFile(region))];
}

function untoldFile({ device, bytes, pid }: RdmaRegion): string {
  const whose = pid === null ? 'a process that is gone' : `process ${pid}`;
  return `${whose} registered ${formatBytes(bytes)} on ${device}: which file's pages they are is not told outside the kernel`;
}

function findRegionParts(
  region: RdmaRegion,
  mappings: readonly Mapping[],
): { readonly parts: readonly MappedPart[]; readonly source: string } {
  const { pid, iova, bytes } = region;
  const nothing = { parts: [], source: '' };
  if (pid === null) return nothing;
  const parts = iova === null ? [] : findMappedParts(mappings, [pid], iova, bytes);
  if (parts.length > 0)
    return { parts, source: "the region's address lies in its process's mapping of this file" };
  const longEnough = mappings.filter(
    (mapping) => mapping.pid === pid && isOfFile(mapping) && mapping.bytes >= bytes,
  );
  const [mapping] = longEnough;
  if (mapping === undefined || new Set(longEnough.map(inodeKey)).size !== 1) return nothing;
  return {
    parts: [{ mapping, address: mapping.address, bytes }],
    source: 'the only file that its process maps and that is as long as the region',
  };
}
