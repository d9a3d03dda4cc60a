/**
 * Arbitrary events, made from the schema itself, so that a new row kind is generated as soon as it exists. Values come
 * from small ranges: rows that have nothing to do with each other find no mistakes.
 */
import fc from 'fast-check';
import type { BootNs, Event, RowEvent } from '../../src/event/event.ts';
import { COMMON, type ColumnType, ROW_KINDS, type RowKind, SCHEMA } from '../../src/event/schema.ts';

const hostile = fc.constantFrom(
  '',
  'a',
  'data',
  '/',
  '/mnt/x',
  '\u001b[31mred\u001b[0m',
  'two\nlines',
  '\u202egnp.exe',
  'we"ird\\x',
  '\u{1f600}'.repeat(30),
  '漢字'.repeat(40),
  'x'.repeat(255),
  'a b '.repeat(40),
);

const numbers = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -2, max: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-512, -95, -35, -26, -16, -14, -11, 0x20, 0x800, 0x400, 4096, 65536),
  },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
);

/** By name where a column needs sense to lead anywhere, else by type. */
const byName: Readonly<Record<string, fc.Arbitrary<number | string>>> = {
  pid: fc.integer({ min: 0, max: 5 }),
  tid: fc.integer({ min: 0, max: 5 }),
  child: fc.integer({ min: 0, max: 5 }),
  to: fc.integer({ min: 0, max: 8192 }),
  fd: fc.integer({ min: -1, max: 4 }),
  how: fc.integer({ min: 0, max: 4 }),
  via: fc.constantFrom('rdma-mr', 'vmsplice', 'direct-io', 'io_uring-buffer', 'other', 'nonsense'),
  on: fc.constantFrom('dax-page', 'lease-break', 'layout-recall', 'something'),
  op: fc.constantFrom('open', 'truncate', 'hole-punch', 'close', 'unlink', 'other', 'nonsense'),
  gone: fc.constantFrom(0, 0, 1),
  orphan: fc.constantFrom(0, 0, 1),
  idle: fc.constantFrom(0, 0, 1),
  source: fc.constantFrom('', '', '/proc/1/fd', 'we"ird\u001b'),
};

const byType: Readonly<Record<ColumnType, fc.Arbitrary<number | string>>> = {
  int: numbers,
  ptr: fc.integer({ min: 0, max: 6 }),
  dev: fc.constantFrom('0:0', '0:26', '259:0'),
  ino: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant('18446744073709551615')),
  str: hostile,
};

function rowOf(kind: RowKind): fc.Arbitrary<RowEvent> {
  const columns: Record<string, ColumnType> = { ...COMMON, ...SCHEMA[kind] };
  const fields = Object.entries(columns).map(([name, type]) => [name, byName[name] ?? byType[type]] as const);
  return fc
    .record(Object.fromEntries(fields))
    .map((values) => ({ ...values, kind, ts: 0 }) as unknown as RowEvent);
}

const row: fc.Arbitrary<Event> = fc.constantFrom(...ROW_KINDS).chain(rowOf);

const counts = fc
  .dictionary(fc.constantFrom(...ROW_KINDS, 'unheard.of'), fc.integer({ min: 0, max: 60 }))
  .map((each) => new Map(Object.entries(each)));

const stream: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('stream.lost' as const), ts: fc.constant(0 as BootNs), rows: fc.nat(50) }),
  fc.record({
    kind: fc.constant('stream.fired' as const),
    ts: fc.constant(0 as BootNs),
    counts,
    final: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('stream.bad' as const), ts: fc.constant(0 as BootNs), why: hostile }),
  fc.record({
    kind: fc.constant('stream.late' as const),
    ts: fc.constant(0 as BootNs),
    behindNs: fc.nat(1_000_000),
  }),
  fc.record({ kind: fc.constant('stream.cut' as const), ts: fc.constant(0 as BootNs), why: hostile }),
);

/** Steps between rows: none, a little, long enough to pass every threshold. Now and then a row is late. */
const step = fc.constantFrom(0, 1, 1_000, 5_000_000, 150_000_000, 400_000_000, 3_000_000_000, -2_000_000);

/** A sequence of any events, in order of time but for a few late ones. */
export function eventsArbitrary(maxLength = 150): fc.Arbitrary<Event[]> {
  const one = fc.tuple(step, fc.oneof({ weight: 12, arbitrary: row }, { weight: 1, arbitrary: stream }));
  return fc.array(one, { maxLength }).map((steps) => {
    let now = 1_000_000_000;
    return steps.map(([forward, event]) => {
      now = Math.max(0, now + forward);
      return { ...event, ts: now as BootNs };
    });
  });
}

/** The same events far from everything else: other processes, pointers and inodes, later by `laterNs`. */
export function moveAway(events: readonly Event[], laterNs: number): Event[] {
  return events
    .filter((event): event is RowEvent => 'cpu' in event)
    .map((event) => {
      const layout: Readonly<Record<string, ColumnType>> = { ...COMMON, ...SCHEMA[event.kind] };
      const moved: Record<string, unknown> = { ...event, ts: event.ts + laterNs };
      for (const [name, type] of Object.entries(layout)) {
        const value = moved[name];
        if (type === 'ptr' && typeof value === 'number' && value !== 0) moved[name] = value + 1_000_000;
        if (type === 'dev') moved[name] = '8:1';
        const isPid = name === 'pid' || name === 'tid' || name === 'child' || name === 'recorded';
        const isTarget = name === 'to' && event.kind === 'lease.signalled';
        if ((isPid || isTarget) && typeof value === 'number') moved[name] = value + 100_000;
      }
      return moved as unknown as RowEvent;
    });
}
