/** The processes that use a file, by descriptor or mapping, as rows; each name of the file once. */
import type { RawRow } from '../../event/encode.ts';
import { inodeKey } from './inode-id.ts';
import type { ProcLease } from './locks.ts';
import type { Mapping } from './mappings.ts';
import { fsTypeOf, type MountTable } from './mounts.ts';
import type { Opener } from './openers.ts';
import { commonColumns, type RowContext } from './walk-row.ts';

const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
const O_DIRECTORY = 0o200000;

/** `walk.named`, `walk.held` and `walk.mapped` rows. */
export function userRows(
  context: RowContext,
  openers: readonly Opener[],
  mappings: readonly Mapping[],
  mounts: MountTable,
): readonly RawRow[] {
  return [
    ...nameRows(context, openers, mappings, mounts),
    ...openers.map((opener) => heldRow(context, opener)),
    ...mappings.map((mapping) => mappedRow(context, mapping)),
  ];
}

/**
 * The made-up pointer of an open file. Two descriptors are known to lead to the same open file only where a lease lies
 * on it; otherwise each counts as an open file of its own.
 */
export function openFilePointer(context: RowContext, opener: Opener): number {
  const [lease] = opener.leases;
  return lease === undefined
    ? context.pointerOf(`file of ${opener.pid}:${opener.fd}`)
    : leasedFilePointer(context, lease);
}

/** The open file that a lease lies on. Leases of one kind, process and file cannot be told apart. */
export function leasedFilePointer(context: RowContext, lease: ProcLease): number {
  return context.pointerOf(`file of ${lease.kind} ${inodeKey(lease)} by ${lease.pid}`);
}

function nameRows(
  context: RowContext,
  openers: readonly Opener[],
  mappings: readonly Mapping[],
  mounts: MountTable,
): readonly RawRow[] {
  const seen = new Set<string>();
  return [...openers, ...mappings].flatMap((user) => {
    const { pid, dev, ino, path } = user;
    const key = `${inodeKey(user)} ${path}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const fs = 'fs' in user ? user.fs : fsTypeOf(mounts, dev);
    return [{ kind: 'walk.named', ...commonColumns(context, pid), dev, ino, path, fs } as const];
  });
}

function heldRow(context: RowContext, opener: Opener): RawRow {
  const { pid, fd, dev, ino, flags } = opener;
  return {
    kind: 'walk.held',
    ...commonColumns(context, pid),
    fd,
    file: openFilePointer(context, opener),
    dev,
    ino,
    mode: (flags & O_DIRECTORY) === 0 ? S_IFREG : S_IFDIR,
    object: 0,
    source: '/proc/PID/fdinfo',
  };
}

function mappedRow(context: RowContext, mapping: Mapping): RawRow {
  const { pid, dev, ino, address, bytes, offset } = mapping;
  return {
    kind: 'walk.mapped',
    ...commonColumns(context, pid),
    dev,
    ino,
    address,
    bytes,
    offset,
    source: '/proc/PID/maps',
  };
}
