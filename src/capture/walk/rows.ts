/** The walk's findings as rows of the schema: whom the answer needs, and nothing of the rest of the machine. */
import { unreachable } from '../../base/brand.ts';
import type { RawRow } from '../../event/encode.ts';
import { type PmemDevice, pmemDeviceAt } from '../procfs/pmem.ts';
import { readLink } from '../procfs/proc-file.ts';
import { commonColumns, type RowContext } from '../procfs/walk-row.ts';
import type { KeptFile } from './inner-files.ts';
import { type Owner, pagesIn } from './owners.ts';
import type { Printed } from './printed.ts';
import type { Region } from './regions.ts';

const PAGE_BYTES = 4096;
/** Low bits of page->mapping: anonymous memory, or a page that is no folio of a file (include/linux/page-flags.h). */
const NO_FILE_BITS = 3n;

/** What is told of an owner beside what its pages tell. */
export interface OwnerTold {
  readonly owner: Owner;
  readonly device: string;
  readonly taker: Region['taker'] | null;
  readonly write: boolean;
}

/** An owner's pages, run by run, and the owner itself. */
export function ownerRows(
  context: RowContext,
  { owner, device, taker, write }: OwnerTold,
  pmem: readonly PmemDevice[],
): readonly RawRow[] {
  const { via, object, reach, runs } = owner;
  const common =
    taker === null ? commonColumns(context, 0) : commonColumns(context, taker.pid, taker.pid, taker.comm);
  const isPipe = via === 'vmsplice';
  const pinned = runs.map((run): RawRow => {
    const isOrphan = run.mapping === '0';
    return {
      kind: 'walk.pinned',
      ...common,
      object,
      reach,
      dev: isOrphan ? deviceOf(run, pmem) : isFilePage(run) ? run.dev : 0,
      ino: isFilePage(run) ? run.ino : 0,
      page: run.page,
      index: isFilePage(run) ? run.index : 0,
      pages: run.pages,
      bytes: run.bytes,
      address: owner.address,
      longterm: isPipe ? 0 : 1,
      write: write ? 1 : 0,
      via,
      device,
      gone: taker?.gone === true ? 1 : 0,
      orphan: isOrphan ? 1 : 0,
      source: '',
    };
  });
  const pages = pagesOf(owner);
  const told: RawRow = {
    kind: 'walk.owner',
    ...commonColumns(context, 0),
    object,
    reach,
    pages,
    seen: Math.min(pages, pagesIn(runs)),
    counted: countedOf(owner),
    via,
    device,
    source: '',
  };
  return [...pinned, told];
}

/** Pages in all. Of a pipe only those that vmsplice put there count: other buffers are the pipe's own. */
function pagesOf({ via, runs, whole, entries, address, bytes }: Owner): number {
  const spanned = Math.ceil((Number(BigInt.asUintN(12, BigInt(address))) + bytes) / PAGE_BYTES);
  switch (via) {
    case 'vmsplice':
      return whole ? pagesIn(runs) : entries;
    case 'xdp-umem':
      return entries;
    case 'io_uring-buffer':
      return spanned;
    case 'vfio':
      return Math.ceil(bytes / PAGE_BYTES);
    case 'rdma-mr':
      // An on-demand region is as long as another, and pins nothing.
      return whole ? pagesIn(runs) : spanned;
    default:
      return unreachable(via);
  }
}

/**
 * How many of its pages are in nr_foll_pin_acquired. vmsplice takes plain references. io_uring gives the extra references
 * of a buffer in large folios back at once (6.12, io_uring/rsrc.c): one for each bio_vec stays.
 */
function countedOf(owner: Owner): number {
  if (owner.isShare === true) return 0;
  switch (owner.via) {
    case 'vmsplice':
      return 0;
    case 'io_uring-buffer':
      return owner.entries;
    default:
      return pagesOf(owner);
  }
}

/** An open file at a descriptor. */
export function heldRow(context: RowContext, open: Printed<'open'>): RawRow {
  const { pid, fd, file, dev, ino, mode, object } = open;
  return {
    kind: 'walk.held',
    ...commonColumns(context, Number(pid)),
    fd,
    file,
    dev,
    ino,
    mode,
    object,
    source: '',
  };
}

/** What a descriptor's link calls its file; nothing where the process is gone by now. */
export function nameRow(context: RowContext, { pid, fd, dev, ino }: Printed<'open'>): readonly RawRow[] {
  const path = readLink(`${context.procRoot}/${pid}/fd/${fd}`);
  if (path === null || !path.startsWith('/')) return [];
  return [{ kind: 'walk.named', ...commonColumns(context, Number(pid)), dev, ino, path, fs: '' }];
}

/** An open file inside another object. */
export function keptRow(context: RowContext, kept: KeptFile): RawRow {
  const { pid, keeper, how, file, dev, ino, mode, object } = kept;
  return {
    kind: 'walk.kept',
    ...commonColumns(context, Number(pid)),
    keeper,
    how,
    file,
    dev,
    ino,
    mode,
    object,
    source: '',
  };
}

/** A lease as its inode's list has it. */
export function leaseRow(context: RowContext, found: Printed<'lease'>): RawRow {
  const { lease, file, owner, dev, ino, flags, type, recorded, left } = found;
  const leftMs = Math.max(0, Math.round(Number(left) / 1e6));
  return {
    kind: 'walk.leased',
    ...commonColumns(context, Number(recorded)),
    lease,
    file,
    owner,
    dev,
    ino,
    flags,
    type,
    recorded,
    left: left === '0' ? -1 : leftMs,
    source: '',
  };
}

/** A page of a file, neither anonymous memory nor nobody's. */
export function isFilePage({ mapping }: Printed<'pages'>): boolean {
  return mapping !== '0' && (BigInt(mapping) & NO_FILE_BITS) === 0n;
}

/** A page that is nobody's any more still lies in the persistent memory of its device. */
function deviceOf({ frame }: Printed<'pages'>, pmem: readonly PmemDevice[]): number {
  return pmemDeviceAt(pmem, Number(frame) * PAGE_BYTES)?.dev ?? 0;
}
