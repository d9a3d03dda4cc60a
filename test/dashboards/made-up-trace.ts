/** A header and rows as probes would print them for `rdma-handed-over`, made up, to run the whole dashboard on. */
import type { BootNs, Dev, Event, Ptr, RowEvent } from '../../src/event/event.ts';
import { FORMAT_VERSION, type Header } from '../../src/event/header.ts';
import { type RowKind, SCHEMA_VERSION } from '../../src/event/schema.ts';

export const HEADER: Header = {
  whopins: 'header',
  format: FORMAT_VERSION,
  schema: SCHEMA_VERSION,
  kernel: '7.3.4-made-up',
  bpftrace: 'v0.27.0',
  host: 'nowhere',
  clock: { boottime_ns: 100e9, realtime_ns: 1.8e18 },
  mounts: [{ dev: '0:26', path: '/dev/shm', fs: 'tmpfs', root: '/' }],
  probes: [],
  left_out: [],
  pointers: 'renumbered',
  command: null,
};

type OwnColumns<K extends RowKind> = Omit<RowEvent<K>, 'kind' | 'ts' | 'cpu' | 'pid' | 'tid' | 'comm'>;

/** A row of process `pid`, `seconds` after the first. */
export function row<K extends RowKind>(kind: K, seconds: number, pid: number, columns: OwnColumns<K>): Event {
  const common = { kind, ts: (100e9 + seconds * 1e9) as BootNs, cpu: 0, pid, tid: pid, comm: 'rdma' };
  // Both halves are checked; that they make the whole is more than the compiler can see for an open K.
  return { ...common, ...columns } as unknown as Event;
}

const INODE = { dev: '0:26' as Dev, ino: 2 };
const OTHER = { dev: '0:26' as Dev, ino: 9 };
const ptr = (number: number): Ptr => number as Ptr;
const DATA = { file: ptr(8), ...INODE, mode: 3, object: ptr(0) };
const UVERBS = { file: ptr(16), dev: '0:6' as Dev, ino: 77, mode: 3, object: ptr(24) };
const LEASED = { file: ptr(40), ...OTHER, mode: 1, object: ptr(0) };

/** A (405) leases, pins by RDMA, sends the uverbs fd to B (406) and exits; C (404) truncates under the pin. */
export const HANDED_OVER: readonly Event[] = [
  row('hello', 0, 1, { schema: SCHEMA_VERSION }),
  row('task.forked', 0.05, 404, { child: 405, flags: 0 }),
  row('task.forked', 0.06, 404, { child: 406, flags: 0 }),
  row('inode.named', 0.1, 405, { inode: ptr(32), ...INODE, depth: 0, name: 'data', fs: 'tmpfs' }),
  row('inode.named', 0.1, 405, { inode: ptr(32), ...INODE, depth: 1, name: '/', fs: 'tmpfs' }),
  row('fd.installed', 0.11, 405, { fd: 5, ...DATA, how: 0 }),
  row('lease.added', 0.12, 405, { file: ptr(8), owner: ptr(8), ...INODE, flags: 32, type: 1, fd: 5 }),
  row('fd.installed', 0.2, 405, { fd: 7, ...UVERBS, how: 0 }),
  row('pin.taken', 0.3, 405, {
    object: ptr(48),
    reach: ptr(24),
    ...INODE,
    page: ptr(56),
    index: 0,
    pages: 256,
    bytes: 1048576,
    address: 0,
    longterm: 1,
    write: 1,
    via: 'rdma-mr',
    device: 'rxe0',
  }),
  row('fd.sent', 0.8, 405, { ...UVERBS, nth: 0, count: 1 }),
  row('fd.installed', 0.9, 406, { fd: 3, ...UVERBS, how: 1 }),
  row('beat', 1, 1, {}),
  row('fd.closed', 1.2, 405, { fd: 7, ...UVERBS }),
  row('fd.closed', 1.21, 405, { fd: 5, ...DATA }),
  row('lease.released', 1.22, 405, {
    lease: ptr(64),
    file: ptr(8),
    owner: ptr(8),
    ...INODE,
    flags: 32,
    type: 1,
    cause: 2,
    recorded: 405,
  }),
  row('file.finalClosed', 1.23, 405, { ...DATA, flags: 4, stack: '__fput' }),
  row('task.exited', 1.24, 405, { code: 0 }),
  row('truncate.began', 1.7, 404, { ...INODE, from: 1048576, to: 0, how: 2, name: 'data' }),
  row('truncate.ended', 1.71, 404, { ...INODE, result: 0 }),
  row('beat', 2, 1, {}),
];

/** Then process 500 opens a file whose lease process 501 has, and sleeps. */
export const LEASE_BREAK: readonly Event[] = [
  row('inode.named', 2.1, 501, { inode: ptr(72), ...OTHER, depth: 0, name: 'leased', fs: 'tmpfs' }),
  row('inode.named', 2.1, 501, { inode: ptr(72), ...OTHER, depth: 1, name: '/', fs: 'tmpfs' }),
  row('fd.installed', 2.1, 501, { fd: 4, ...LEASED, how: 0 }),
  row('lease.added', 2.11, 501, { file: ptr(40), owner: ptr(40), ...OTHER, flags: 32, type: 1, fd: 4 }),
  row('break.requested', 2.3, 500, { ...OTHER, mode: 2, type: 32 }),
  row('break.blocked', 2.31, 500, { ...OTHER, flags: 32, type: 1 }),
];
