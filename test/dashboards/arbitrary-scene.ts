/** Scenes that no kernel would make: any numbers, any text, any size. Views must stand all of them. */
import * as fc from 'fast-check';
import { createEventLog, type EventLog } from '../../dashboards/event-log.ts';
import { FILE_ORDERS } from '../../dashboards/file-orders.ts';
import type { Gaze, Motion, Place, Reading, Scene } from '../../dashboards/scene.ts';
import type { BootNs, Dev, Event, InodeKey } from '../../src/event/event.ts';
import { inodeKey } from '../../src/event/event.ts';
import type {
  Certainty,
  FileSummary,
  Finding,
  HandOver,
  HeldBy,
  Holder,
  LeaseState,
  Operation,
  TaskRef,
  TimelineEntry,
  WhoAnswer,
} from '../../src/model/answer.ts';
import type { ProcessAnswer, ProcessHold } from '../../src/model/select/process.ts';
import { sharesOf } from '../../src/model/select/process-shares.ts';
import type { WaitEdge } from '../../src/model/select/wait-graph.ts';
import { eventLine } from '../../src/report/event-line.ts';
import { filterFiles, glanceOf, listOf, sortFiles } from './scenes.ts';

/** Names as an attacker would choose them. */
export const HOSTILE_NAMES: readonly string[] = [
  'we"ird\\x',
  '{red-fg}{bold}',
  '{escape}{/escape}',
  '\x1b[31mred\x1b[0m',
  '\x1b]0;title\x07',
  '\x9b2J',
  'two\nlines\r\n',
  '\u202egnp.exe\u202c',
  '\u200f\u200b\ufeff',
  '漢字のファイル名',
  'e\u0301\u0300\u0301',
  '\u0301leading mark',
  '👩‍👩‍👧‍👦 family',
  '🇩🇪🇩',
  '❤️',
  '\ud800',
  '\u1100\u1161\u11a8',
  '\u1161',
  '\t',
  '',
];

const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);
const oddNumber = fc.oneof(
  fc.integer({ min: -10, max: 1e9 }),
  fc.constantFrom(0, -1, -512, 2 ** 53, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY),
);
const ns = fc.oneof(fc.integer({ min: 0, max: 1e12 }), oddNumber);
const pid = fc.integer({ min: 0, max: 9 });
const certainty = fc.constantFrom<Certainty>('definite', 'likely', 'unknown');
const how = fc.constantFrom<HandOver['how']>('open', 'fork', 'dup', 'scm_rights', 'pidfd_getfd', 'unknown');

const task: fc.Arbitrary<TaskRef> = fc.oneof(
  fc.record({ pid, comm: hostile, alive: fc.boolean() }),
  fc.record({ pid, comm: hostile, alive: fc.constant(false), exited_ns: ns }),
);
const heldBy = fc.record({
  pid,
  comm: hostile,
  alive: fc.boolean(),
  fds: fc.array(oddNumber, { maxLength: 3 }),
  through: fc.constantFrom<HeldBy['through']>('descriptor', 'socket-queue', 'io_uring-file', 'mapping'),
  how,
  from: fc.option(pid),
  since_ns: ns,
});
const handOver: fc.Arbitrary<HandOver> = fc.record({
  how,
  from: fc.option(task),
  to: fc.option(task),
  at_ns: ns,
  in_flight: fc.boolean(),
});
const lease: fc.Arbitrary<LeaseState> = fc.record(
  {
    type: fc.constantFrom('read', 'write', 'none'),
    class: fc.constantFrom('lease', 'delegation', 'layout'),
    state: fc.constantFrom('active', 'breaking', 'ended'),
    ended_by: fc.constantFrom('unlock', 'close', 'timeout', 'manager', 'unknown'),
    since_ns: ns,
    ended_ns: ns,
    left_ms: oddNumber,
  },
  { requiredKeys: ['type', 'class', 'state', 'since_ns'] },
);
const common = {
  taken_by: fc.option(task),
  held_by: fc.array(heldBy, { maxLength: 3 }),
  hand_overs: fc.array(handOver, { maxLength: 5 }),
  in_flight: fc.boolean(),
  since_ns: ns,
  origin: fc.constantFrom<Holder['origin']>('observed', 'snapshot'),
  evidence: fc.array(hostile, { maxLength: 2 }),
  certainty,
  reasons: fc.array(hostile, { maxLength: 2 }),
  stops_truncate: fc.constantFrom<Holder['stops_truncate']>('yes', 'perhaps', 'no'),
};
const holder: fc.Arbitrary<Holder> = fc.oneof(
  fc.record({ ...common, kind: fc.constant('lease'), lease }),
  fc.record({ ...common, kind: fc.constant('lease'), lease, ended_ns: ns }),
  fc.record({
    ...common,
    kind: fc.constant('pin'),
    via: fc.constantFrom('rdma-mr', 'io_uring-buffer', 'xdp-umem', 'vfio', 'direct-io', 'vmsplice', 'other'),
    pages: oddNumber,
    bytes: oddNumber,
    longterm: fc.boolean(),
    write: fc.boolean(),
    object: hostile,
    lease: fc.option(lease),
    orphan: fc.boolean(),
  }),
);
const wait = fc.record(
  {
    on: fc.constantFrom('lease-break', 'layout-recall', 'dax-page'),
    ms: oddNumber,
    since_ns: ns,
    ended_ns: ns,
    blockers: fc.array(pid, { maxLength: 3 }),
    idle: fc.boolean(),
  },
  { requiredKeys: ['on', 'ms', 'since_ns', 'blockers'] },
);
const operation: fc.Arbitrary<Operation> = fc.record({
  op: fc.constantFrom('open', 'truncate', 'hole-punch', 'close', 'unlink', 'other'),
  pid,
  comm: hostile,
  state: fc.constantFrom('waiting', 'running', 'done', 'unknown'),
  result: fc.option(oddNumber),
  waited_ms: oddNumber,
  waits: fc.array(wait, { maxLength: 2 }),
  started_ns: ns,
  detail: hostile,
  evidence: fc.array(hostile, { maxLength: 2 }),
});
const target = fc.record({
  dev: hostile,
  ino: fc.oneof(oddNumber, hostile),
  path: fc.option(hostile),
  fs: fc.option(hostile),
});
const answer: fc.Arbitrary<WhoAnswer> = fc.record({
  target,
  holders: fc.array(holder, { maxLength: 4 }),
  operations: fc.array(operation, { maxLength: 3 }),
  users: fc.array(
    fc.record({ pid, comm: hostile, alive: fc.boolean(), fds: fc.array(oddNumber), mapped_bytes: oddNumber }),
    {
      maxLength: 2,
    },
  ),
  pin_balance: fc.option(fc.record({ counted: oddNumber, explained: oddNumber })),
  walked_ns: fc.option(ns),
  to_free: fc.array(hostile, { maxLength: 2 }),
  certainty,
  reasons: fc.array(hostile, { maxLength: 2 }),
  loss: fc.record({ rows: oddNumber }),
  not_covered: fc.constant([]),
  at_ns: ns,
  from_ns: ns,
});
const summary: fc.Arbitrary<FileSummary> = fc.record({
  key: fc.integer({ min: 0, max: 20 }).map((ino): InodeKey => inodeKey('0:26' as Dev, ino)),
  target,
  leases: oddNumber,
  breaking: oddNumber,
  pins: oddNumber,
  pinnedBytes: oddNumber,
  holderPids: fc.array(pid, { maxLength: 3 }),
  waiting: fc.array(
    fc.record({
      pid,
      comm: hostile,
      op: fc.constantFrom('open', 'truncate', 'hole-punch', 'other'),
      since_ns: ns,
    }),
    { maxLength: 3 },
  ),
  findings: oddNumber,
  worst: fc.constantFrom('critical', 'warning', 'note', null),
  changed_ns: ns.map((at) => at as BootNs),
});
const finding: fc.Arbitrary<Finding> = fc.record({
  id: fc.constantFrom('freed-under-pin', 'holder-gone', 'pin-leak'),
  severity: fc.constantFrom('critical', 'warning', 'note'),
  certainty,
  file: target,
  pids: fc.array(pid, { maxLength: 3 }),
  start_ns: ns,
  end_ns: fc.option(ns),
  text: hostile,
  thread: hostile,
  evidence: fc.constant([]),
});
const moment: fc.Arbitrary<TimelineEntry> = fc.record(
  {
    at_ns: ns,
    pid,
    what: fc.constantFrom('lease', 'break', 'pin', 'hand-over', 'close', 'exit', 'operation', 'wait'),
    text: hostile,
    span: fc.record({ lane: fc.integer({ min: 0, max: 5 }), edge: fc.constantFrom('start', 'end') }),
  },
  { requiredKeys: ['at_ns', 'pid', 'what', 'text'] },
);

const anyInodeKey = fc.integer({ min: 0, max: 20 }).map((ino): InodeKey => inodeKey('0:26' as Dev, ino));
const edge: fc.Arbitrary<WaitEdge> = fc.record({
  waiter: task,
  tid: pid,
  op: fc.constantFrom('open', 'truncate', 'hole-punch', 'close', 'unlink', 'other'),
  on: fc.constantFrom('lease-break', 'layout-recall', 'dax-page'),
  since_ns: ns,
  key: anyInodeKey,
  target,
  blockers: fc.array(fc.record({ task, holds: hostile }), { maxLength: 3 }),
  idle: fc.boolean(),
  left_ms: fc.option(oddNumber),
  to_free: fc.array(hostile, { maxLength: 2 }),
});
const processAnswer: fc.Arbitrary<ProcessAnswer> = fc.record({
  task,
  born_ns: fc.option(ns),
  holds: fc.array(
    fc.record({
      key: anyInodeKey,
      target,
      holder,
      share: fc.constantFrom<ProcessHold['share']>('holds', 'held', 'took'),
    }),
    { maxLength: 4 },
  ),
  passed: fc.array(fc.record({ hand: handOver, key: anyInodeKey, target }), { maxLength: 4 }),
});
/** Rows are told by the table of kinds, whatever stands in them. */
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ ts: ns.map((at) => at as BootNs), comm: hostile, pid, via: hostile, name: hostile }).map(
    ({ ts, comm, pid: number, via, name }): Event => ({
      kind: 'truncate.began',
      ts,
      cpu: 0,
      pid: number,
      tid: number,
      comm,
      dev: via as Dev,
      ino: 3,
      from: -1,
      to: 0,
      how: 1,
      name,
    }),
  ),
  fc
    .record({ ts: ns.map((at) => at as BootNs), why: hostile })
    .map(({ ts, why }): Event => ({ kind: 'stream.bad', ts, why })),
);

const reading: fc.Arbitrary<Reading> = fc
  .record({
    nowNs: ns,
    from_ns: fc.option(ns.map((at) => at as BootNs)),
    rows: fc.record({ seen: oddNumber, lost: oddNumber, late: oddNumber, bad: oddNumber }),
    lost: fc.array(fc.tuple(hostile, oddNumber), { maxLength: 3 }),
    cut: fc.option(hostile),
    gaps: fc.array(fc.record({ path: hostile, reason: hostile }), { maxLength: 3 }),
    evicted: oddNumber,
    files: fc.uniqueArray(summary, { maxLength: 30, selector: (file) => file.key }),
    findings: fc.array(finding, { maxLength: 6 }),
    answer,
    moments: fc.array(moment, { maxLength: 12 }),
    edges: fc.array(edge, { maxLength: 6 }),
    known: fc.option(processAnswer),
    comm: hostile,
    events: fc.array(anyEvent, { maxLength: 30 }),
    rate: oddNumber,
  })
  .map(
    ({
      nowNs,
      from_ns,
      rows,
      lost,
      cut,
      gaps,
      evicted,
      files,
      findings,
      answer: one,
      moments,
      edges,
      known,
      comm,
      events,
      rate,
    }): Reading => ({
      nowNs,
      coverage: {
        from_ns,
        now_ns: nowNs as BootNs,
        rows,
        lostByKind: new Map(lost),
        ended: false,
        cut,
        evicted,
        not_covered: gaps,
      },
      files: listOf(files),
      held: files.length,
      sorted: (sort) => listOf(sortFiles(files, FILE_ORDERS[sort])),
      filtered: (sort, filter) => {
        const found = filterFiles(files, filter, (pid) => ({ pid, comm, alive: true }));
        return { files: listOf(sortFiles(found, FILE_ORDERS[sort])), isWhole: rate % 2 === 0 };
      },
      file: (key) => files.find((file) => file.key === key) ?? null,
      processes: () => sharesOf(files),
      findings,
      waiting: rate,
      forgotten: evicted,
      glance: () => glanceOf(one),
      who: () => one,
      timeline: () => moments,
      waits: () => edges,
      process: () => known,
      task: (pid) => ({ pid, comm, alive: true }),
      log: logOf(events),
      eventText: (event) => eventLine(event, { startNs: 0 }),
      rates: { lately: (_rate, _now, seconds) => Array.from({ length: Math.max(0, seconds) }, () => rate) },
    }),
  );

function logOf(events: readonly Event[]): EventLog {
  const log = createEventLog();
  for (const event of events) log.add(event);
  return log;
}

const motion: fc.Arbitrary<Motion> = fc.oneof(
  fc.constantFrom<Motion>({ state: 'tracing' }, { state: 'seeking', towards: 'the end' }, { state: 'ended' }),
  fc.record({ state: fc.constant('playing'), speed: oddNumber }),
  fc.record({ state: fc.constant('paused'), held: oddNumber }),
  fc.record({ state: fc.constant('stopped'), why: hostile }),
);
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom<Place>(
    { at: 'files' },
    { at: 'processes' },
    { at: 'waits' },
    { at: 'events' },
    { at: 'coverage' },
  ),
  fc.record({ at: fc.constant('file'), key: anyInodeKey }),
  fc.record({ at: fc.constant('process'), pid }),
);
const gaze: fc.Arbitrary<Gaze> = fc.record({
  place,
  trail: fc.array(place, { maxLength: 3 }),
  overlay: fc.constantFrom('help', 'plan', null, null, null),
  chosen: fc.record({
    files: fc.option(anyInodeKey),
    processes: fc.option(pid),
    waits: fc.option(hostile),
    events: fc.option(fc.nat(40)),
  }),
  scroll: fc.nat(200),
  sort: fc.constantFrom('trouble', 'pinned', 'latest', 'path'),
  filter: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: hostile }),
  search: hostile,
  prompt: fc.option(fc.record({ asks: fc.constantFrom('search', 'filter', 'time', 'write'), text: hostile })),
  lens: fc.record({
    share: fc.constantFrom(1, 0.5, 1 / 64),
    cursor: fc.option(fc.record({ at_ns: ns, nth: fc.nat(3) })),
  }),
  said: fc.option(hostile, { freq: 5 }),
});

export const arbitraryText = hostile;

export const arbitraryScene: fc.Arbitrary<Scene> = fc.record({
  mode: fc.constantFrom('live', 'replay'),
  kernel: hostile,
  bpftrace: hostile,
  host: hostile,
  probes: fc.array(fc.record({ path: hostile, hooks: fc.array(hostile, { maxLength: 3 }) }), {
    maxLength: 3,
  }),
  notice: fc.option(hostile),
  recordingTo: fc.option(hostile),
  motion,
  extent: fc.option(fc.record({ fromNs: ns, toNs: fc.option(ns) })),
  silentMs: oddNumber,
  gaze,
  reading,
});
