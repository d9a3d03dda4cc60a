/**
 * The first four stories as plausible rows: what the probes print while the workloads of test/stories run. Golden
 * recordings of real kernels are the proof; these are small enough to bend in tests.
 */
import type { Event } from '../../src/event/event.ts';
import {
  at,
  bye,
  DAX,
  EXT4,
  hello,
  named,
  pipeEnd,
  regular,
  row,
  SHM,
  settled,
  uverbs,
  type Who,
  who,
} from './rows.ts';

export const LEASE = 0x20;

function start(names: { readonly parent: Who; readonly children: readonly Who[] }): Event[] {
  const shell = who(300, 'bash');
  const { parent, children } = names;
  return [
    hello(),
    row(0.1, shell, 'task.forked', { child: parent.pid, flags: 0 }),
    row(0.11, parent, 'task.executed'),
    ...children.map((child, i) => row(0.5 + i / 100, parent, 'task.forked', { child: child.pid, flags: 0 })),
  ];
}

function finish(s: number, events: readonly Event[]): Event[] {
  const all = [...events, bye(s)];
  return [...all, settled(s, all)];
}

/** A holder takes a write lease, an open for reading waits 0.7 s, the holder unlocks. */
export function leaseBreak(): Event[] {
  const [main, holder, opener] = [who(404, 'lease-break'), who(405, 'lease-break'), who(406, 'lease-break')];
  const [file, lease] = [101, 201];
  return finish(5, [
    ...start({ parent: main, children: [holder] }),
    ...named(1, holder, EXT4),
    row(1, holder, 'lease.added', { file, owner: file, ...at(EXT4), flags: LEASE, type: 1, fd: 9 }),
    row(2, main, 'task.forked', { child: 406, flags: 0 }),
    row(2.1, opener, 'break.requested', { ...at(EXT4), mode: 0, type: LEASE }),
    row(2.1001, opener, 'lease.signalled', { file, ...at(EXT4), fd: 9, to: 405, signal: 29 }),
    row(2.1002, opener, 'break.blocked', { ...at(EXT4), flags: LEASE, type: 0 }),
    row(2.8, holder, 'lease.released', {
      lease,
      file,
      owner: file,
      ...at(EXT4),
      flags: LEASE | 0x100,
      type: 1,
      cause: 1,
      recorded: 405,
    }),
    row(2.801, opener, 'break.ended', { ...at(EXT4), result: 0 }),
    row(2.802, opener, 'fd.installed', { fd: 9, ...regular(EXT4, 102), how: 0 }),
    row(2.803, opener, 'open.ended', { result: 9 }),
    row(3.8, opener, 'fd.closed', { fd: 9, ...regular(EXT4, 102) }),
    row(3.8001, opener, 'file.finalClosed', { ...regular(EXT4, 102) }),
    row(3.81, opener, 'task.exited'),
    row(3.82, holder, 'fd.closed', { fd: 9, ...regular(EXT4, file) }),
    row(3.8201, holder, 'file.finalClosed', { ...regular(EXT4, file) }),
    row(3.83, holder, 'task.exited'),
    row(3.9, main, 'task.exited'),
  ]);
}

const PIPE = 300;
const [READ_END, WRITE_END] = [301, 302];

/**
 * A pins 16 pages of a DAX file by a pipe, sends both ends to B and exits; C truncates; B drains 5 s later. `waits`:
 * how the kernel's truncate waits: not at all (6.12 without a mapping), once (with one), page by page (7.3).
 */
export function handedOver(waits: 'not' | 'once' | 'page by page'): Event[] {
  const comm = 'handed-over';
  const [a, b, c] = [who(405, comm), who(406, comm), who(404, comm)];
  const [file, owner] = [101, 101];
  const page = (i: number) => 7000 + i;
  const drained = Array.from({ length: 16 }, (_, i) =>
    row(10.01 + i / 1e5, b, 'pin.dropped', {
      object: PIPE,
      page: page(i),
      pages: 1,
      left: 15 - i,
      via: 'vmsplice',
    }),
  );
  const truncated = { ...at(DAX), result: 0 };
  const waiting = {
    not: [row(5.001, c, 'truncate.ended', truncated), ...drained],
    once: [
      row(5.001, c, 'wait.began', { ...at(DAX), page: page(0), on: 'dax-page' }),
      ...drained,
      row(10.02, c, 'wait.ended', at(DAX)),
      row(10.021, c, 'truncate.ended', truncated),
    ],
    'page by page': [
      row(5.001, c, 'wait.began', { ...at(DAX), page: page(0), on: 'dax-page' }),
      ...drained.flatMap((drop, i) => [
        drop,
        { ...row(0, c, 'wait.ended', at(DAX)), ts: drop.ts },
        ...(i < 15
          ? [{ ...row(0, c, 'wait.began', { ...at(DAX), page: page(i + 1), on: 'dax-page' }), ts: drop.ts }]
          : []),
      ]),
      row(10.021, c, 'truncate.ended', truncated),
    ],
  }[waits];
  return finish(12, [
    ...start({ parent: c, children: [b, a] }),
    row(0.9, c, 'truncate.began', { ...at(DAX), from: 0, to: 0, how: 2, name: DAX.name }),
    row(0.901, c, 'truncate.ended', truncated),
    ...named(1, a, DAX),
    row(1, a, 'lease.added', { file, owner, ...at(DAX), flags: LEASE, type: 1, fd: 9 }),
    row(1.1, a, 'fd.installed', { fd: 10, ...pipeEnd(READ_END, PIPE), how: 0 }),
    row(1.1, a, 'fd.installed', { fd: 11, ...pipeEnd(WRITE_END, PIPE), how: 0 }),
    row(2, a, 'pin.taken', {
      object: PIPE,
      reach: PIPE,
      ...at(DAX),
      page: page(0),
      index: 0,
      pages: 16,
      bytes: 65536,
      via: 'vmsplice',
    }),
    row(3, a, 'fd.sent', { ...pipeEnd(READ_END, PIPE), nth: 0, count: 2 }),
    row(3, a, 'fd.sent', { ...pipeEnd(WRITE_END, PIPE), nth: 1, count: 2 }),
    row(3.0002, b, 'fd.installed', { fd: 3, ...pipeEnd(READ_END, PIPE), how: 1 }),
    row(3.0003, b, 'fd.installed', { fd: 9, ...pipeEnd(WRITE_END, PIPE), how: 1 }),
    row(4, a, 'fd.closed', { fd: 9, ...regular(DAX, file) }),
    row(4.0001, a, 'file.finalClosed', { ...regular(DAX, file) }),
    row(4.0002, a, 'lease.released', {
      lease: 201,
      file,
      owner,
      ...at(DAX),
      flags: LEASE,
      type: 1,
      cause: 2,
      recorded: 405,
    }),
    row(4.01, a, 'task.exited'),
    row(5, c, 'truncate.began', { ...at(DAX), from: 65536, to: 0, how: 1, name: DAX.name }),
    ...waiting,
    row(11, b, 'task.exited', { code: 0 }),
    row(11.0001, b, 'file.finalClosed', { ...pipeEnd(READ_END, PIPE), flags: 4 }),
    row(11.0002, b, 'file.finalClosed', { ...pipeEnd(WRITE_END, PIPE), flags: 4 }),
    row(11.1, c, 'task.exited'),
  ]);
}

/** The thread's own case: A's memory region lives on in B, and C's truncate frees the file's pages under it. */
export function rdmaHandedOver(): Event[] {
  const [a, b, c] = [who(405, 'rdma'), who(406, 'rdma'), who(404, 'rdma')];
  const [file, device, umem] = [101, 401, 501];
  return finish(10, [
    ...start({ parent: c, children: [b, a] }),
    ...named(1, a, SHM),
    row(1, a, 'lease.added', { file, owner: file, ...at(SHM), flags: LEASE, type: 1, fd: 9 }),
    row(2, a, 'fd.installed', { fd: 10, ...uverbs(device), how: 0 }),
    row(2.1, a, 'pin.taken', {
      object: umem,
      reach: device,
      ...at(SHM),
      page: 7000,
      index: 0,
      pages: 256,
      bytes: 1_048_576,
      address: 1234,
      longterm: 1,
      write: 1,
      via: 'rdma-mr',
      device: 'rxe0',
    }),
    row(3.1, a, 'fd.sent', { ...uverbs(device), nth: 0, count: 1 }),
    row(3.1002, b, 'fd.installed', { fd: 3, ...uverbs(device), how: 1 }),
    row(4.1, a, 'task.exited'),
    row(4.101, a, 'file.finalClosed', { ...regular(SHM, file), flags: 4 }),
    row(4.1011, a, 'lease.released', {
      lease: 201,
      file,
      owner: file,
      ...at(SHM),
      flags: LEASE,
      type: 1,
      cause: 2,
      recorded: 405,
    }),
    row(5, c, 'truncate.began', { ...at(SHM), from: 1_048_576, to: 0, how: 1, name: SHM.name }),
    row(5.0002, c, 'truncate.ended', { ...at(SHM), result: 0 }),
    row(8, b, 'fd.closed', { fd: 3, ...uverbs(device) }),
    row(8.0001, b, 'file.finalClosed', { ...uverbs(device) }),
    row(8.0002, b, 'pin.dropped', { object: umem, page: 0, pages: 256, left: 0, via: 'rdma-mr' }),
    row(9, b, 'task.exited'),
    row(9.1, c, 'task.exited'),
  ]);
}

/** The events up to `s` seconds. */
export function until(s: number, events: readonly Event[]): Event[] {
  return events.filter((event) => event.ts <= s * 1e9);
}
