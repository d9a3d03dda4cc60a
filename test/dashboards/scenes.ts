/** Scenes written by hand: the situations of stories.md as the model would answer them, and hostile variations. */

import { createEventLog } from '../../dashboards/event-log.ts';
import { fileFilter } from '../../dashboards/file-filter.ts';
import { FILE_ORDERS } from '../../dashboards/file-orders.ts';
import { createRates } from '../../dashboards/rates.ts';
import { FIRST_GAZE, type Reading, type Scene } from '../../dashboards/scene.ts';
import type { BootNs, Dev, Event, InodeKey } from '../../src/event/event.ts';
import { inodeKey } from '../../src/event/event.ts';
import type {
  Coverage,
  FileSummary,
  Finding,
  PinHolder,
  TaskRef,
  TimelineEntry,
  WhoAnswer,
} from '../../src/model/answer.ts';
import type { Glance } from '../../src/model/model.ts';
import type { ProcessAnswer } from '../../src/model/select/process.ts';
import { sharesOf } from '../../src/model/select/process-shares.ts';
import type { FileOrder, OrderedFiles } from '../../src/model/select/ranking.ts';
import type { WaitEdge } from '../../src/model/select/wait-graph.ts';
import { eventLine } from '../../src/report/event-line.ts';

/** Tracing began at boot + 100 s; times below are seconds after that. */
export function at(seconds: number): BootNs {
  return (100e9 + seconds * 1e9) as BootNs;
}

export const DATA_KEY: InodeKey = inodeKey('0:26' as Dev, 2);

const giver: TaskRef = { pid: 405, comm: 'rdma', alive: false, exited_ns: at(2) };
const holder: TaskRef = { pid: 406, comm: 'rdma', alive: true };
const truncater: TaskRef = { pid: 404, comm: 'rdma', alive: true };

export const COVERAGE: Coverage = {
  from_ns: at(0),
  now_ns: at(3),
  rows: { seen: 1234, lost: 0, late: 0, bad: 0 },
  lostByKind: new Map(),
  ended: false,
  cut: null,
  evicted: 0,
  not_covered: [],
};

export const RDMA_PIN: PinHolder = {
  kind: 'pin',
  via: 'rdma-mr',
  pages: 256,
  bytes: 1048576,
  longterm: true,
  write: true,
  object: 'RDMA memory region on rxe0',
  lease: {
    type: 'write',
    class: 'lease',
    state: 'ended',
    ended_by: 'close',
    since_ns: at(0.1),
    ended_ns: at(2),
  },
  freed_by: { op: 'truncate', pid: 404, comm: 'rdma', at_ns: at(2.5) },
  taken_by: giver,
  held_by: [{ ...holder, fds: [3], through: 'descriptor', how: 'scm_rights', from: 405, since_ns: at(1) }],
  hand_overs: [
    { how: 'open', from: null, to: giver, at_ns: at(0.05), in_flight: false },
    { how: 'scm_rights', from: giver, to: holder, at_ns: at(1), in_flight: false },
  ],
  in_flight: false,
  since_ns: at(0.2),
  origin: 'observed',
  evidence: [],
  certainty: 'definite',
  reasons: [],
  stops_truncate: 'no',
};

export const FREED: Finding = {
  id: 'freed-under-pin',
  severity: 'critical',
  certainty: 'definite',
  file: { dev: '0:26', ino: 2, path: '/dev/shm/data' },
  pids: [404, 406],
  start_ns: at(2.5),
  end_ns: null,
  text: "truncate by rdma[404] freed the file's pages under this pin: the device can still write to them",
  thread: 'Jan Kara, 2 Sep 2019',
  evidence: [],
};

export const HOLDER_GONE: Finding = {
  ...FREED,
  id: 'holder-gone',
  severity: 'warning',
  start_ns: at(2),
  pids: [405, 406],
  text: 'rdma[405] took the pin and exited; rdma[406] holds it through uverbs fd 3',
};

export const RDMA_ANSWER: WhoAnswer = {
  target: { dev: '0:26', ino: 2, path: '/dev/shm/data', fs: 'tmpfs' },
  holders: [RDMA_PIN],
  operations: [
    {
      op: 'truncate',
      pid: 404,
      comm: 'rdma',
      state: 'done',
      result: 0,
      waited_ms: 0,
      waits: [],
      started_ns: at(2.5),
      ended_ns: at(2.51),
      detail: '1048576 → 0',
      evidence: [],
    },
  ],
  users: [],
  pin_balance: null,
  walked_ns: null,
  to_free: ['close fd 3 in rdma[406], or end it'],
  certainty: 'definite',
  reasons: [],
  loss: { rows: 0 },
  not_covered: [],
  at_ns: at(3),
  from_ns: at(0),
};

export const TIMELINE: readonly TimelineEntry[] = [
  {
    at_ns: at(0.1),
    pid: 405,
    what: 'lease',
    text: 'rdma[405] took a write lease',
    span: { lane: 0, edge: 'start' },
  },
  {
    at_ns: at(0.2),
    pid: 405,
    what: 'pin',
    text: 'rdma[405] pinned 256 pages (1.0 MiB) for an RDMA memory region on rxe0',
    span: { lane: 1, edge: 'start' },
  },
  { at_ns: at(0.9), pid: 405, what: 'hand-over', text: 'rdma[405] sent uverbs fd 7 over SCM_RIGHTS' },
  { at_ns: at(1), pid: 406, what: 'hand-over', text: 'rdma[406] received uverbs fd 3 from rdma[405]' },
  {
    at_ns: at(1.9),
    pid: 405,
    what: 'lease',
    text: 'the lease of rdma[405] ended',
    span: { lane: 0, edge: 'end' },
  },
  { at_ns: at(2), pid: 405, what: 'exit', text: 'rdma[405] exited' },
  {
    at_ns: at(2.5),
    pid: 404,
    what: 'operation',
    text: 'rdma[404] began to truncate the file from 1048576 to 0',
  },
  {
    at_ns: at(2.51),
    pid: 404,
    what: 'wait',
    text: 'truncate by rdma[404] waits for rdma[406]',
    span: { lane: 2, edge: 'start' },
  },
];

export const RDMA_SUMMARY: FileSummary = {
  key: DATA_KEY,
  target: RDMA_ANSWER.target,
  leases: 0,
  breaking: 0,
  pins: 1,
  pinnedBytes: 1048576,
  holderPids: [406],
  waiting: [],
  findings: 2,
  worst: 'critical',
  changed_ns: at(2.51),
};

const EMPTY_ANSWER: WhoAnswer = { ...RDMA_ANSWER, holders: [], operations: [], to_free: [] };

export interface HandMade {
  readonly files?: readonly FileSummary[];
  readonly findings?: readonly Finding[];
  readonly answers?: ReadonlyMap<InodeKey, WhoAnswer>;
  readonly timeline?: readonly TimelineEntry[];
  readonly coverage?: Partial<Coverage>;
  readonly nowNs?: number;
  readonly waits?: readonly WaitEdge[];
  readonly process?: ProcessAnswer;
  /** The log, oldest first. */
  readonly events?: readonly Event[];
}

export function makeReading(given: HandMade = {}): Reading {
  const answers = given.answers ?? new Map([[DATA_KEY, RDMA_ANSWER]]);
  const log = createEventLog();
  const rates = createRates();
  for (const event of given.events ?? []) {
    log.add(event);
    rates.add(event);
  }
  const files = given.files ?? [RDMA_SUMMARY];
  const names = new Map([giver, holder, truncater].map((task) => [task.pid, task]));
  const task = (pid: number) => names.get(pid) ?? { pid, comm: 'other', alive: true };
  return {
    nowNs: given.nowNs ?? at(3),
    coverage: { ...COVERAGE, ...given.coverage },
    forgotten: 0,
    files: listOf(files),
    sorted: (sort) => listOf(sort === 'trouble' ? files : sortFiles(files, FILE_ORDERS[sort])),
    filtered: (sort, filter) => {
      const found = filterFiles(files, filter, task);
      return {
        files: listOf(sort === 'trouble' ? found : sortFiles(found, FILE_ORDERS[sort])),
        isWhole: true,
      };
    },
    held: files.filter(({ leases, pins }) => leases + pins > 0).length,
    findings: given.findings ?? [FREED, HOLDER_GONE],
    file: (key) => files.find((file) => file.key === key) ?? null,
    processes: () => sharesOf(files),
    waiting: files.reduce((sum, { waiting }) => sum + waiting.length, 0),
    glance: (key) => glanceOf(answers.get(key) ?? EMPTY_ANSWER),
    who: (key) => answers.get(key) ?? EMPTY_ANSWER,
    timeline: () => given.timeline ?? TIMELINE,
    waits: () => given.waits ?? [],
    process: () => given.process ?? null,
    task,
    log,
    eventText: (event) => eventLine(event, { startNs: at(0) }),
    rates,
  };
}

export function listOf(files: readonly FileSummary[]): OrderedFiles {
  return {
    length: files.length,
    at: (index) => files[index],
    indexOf: (key) => files.findIndex((file) => file.key === key),
  };
}

export function filesIn({ length, at: fileAt }: OrderedFiles): (FileSummary | undefined)[] {
  return Array.from({ length }, (_, index) => fileAt(index));
}

/** What a glance at a file shows, out of the whole answer. */
export function glanceOf({ holders, operations }: WhoAnswer): Glance {
  const live = holders.filter(({ ended_ns }) => ended_ns === undefined);
  const last = operations.at(-1);
  return {
    holders: live.length > 0 ? live : holders.slice(-1),
    operation: last === undefined ? null : { op: last.op, result: last.result, waited_ms: last.waited_ms },
  };
}

/** As an index lets through, the slow way. */
export function filterFiles(
  files: readonly FileSummary[],
  filter: string,
  taskOf: (pid: number) => TaskRef,
): readonly FileSummary[] {
  return files.filter(fileFilter(filter, taskOf).has);
}

/** As an index ends up with, the slow way. */
export function sortFiles(
  files: readonly FileSummary[],
  { rank, compareTies }: FileOrder,
): readonly FileSummary[] {
  return files.toSorted((one, other) => rank(one) - rank(other) || compareTies(one, other));
}

export function makeScene(given: Partial<Scene> = {}): Scene {
  return {
    mode: 'live',
    kernel: '7.3.4-cloud-amd64',
    bpftrace: 'v0.27.0',
    host: 'guest',
    probes: [{ path: 'lease', hooks: ['kprobe:lease_modify'] }],
    notice: null,
    recordingTo: null,
    extent: null,
    motion: { state: 'tracing' },
    silentMs: 200,
    gaze: FIRST_GAZE,
    reading: makeReading(),
    ...given,
  };
}

/** The DAX truncate that sleeps on a page pinned through a pipe. */
export function makeWaitingReading(): Reading {
  const wait = { on: 'dax-page', ms: 2100, since_ns: at(2.51), blockers: [406] } as const;
  const answer: WhoAnswer = {
    ...RDMA_ANSWER,
    operations: [
      {
        op: 'truncate',
        pid: 404,
        comm: 'rdma',
        state: 'waiting',
        result: null,
        waited_ms: 2100,
        waits: [wait],
        started_ns: at(2.5),
        detail: '1048576 → 0',
        evidence: [],
      },
    ],
  };
  const summary: FileSummary = {
    ...RDMA_SUMMARY,
    waiting: [{ ...truncater, op: 'truncate', since_ns: at(2.51) }],
  };
  return makeReading({
    files: [summary],
    answers: new Map([[DATA_KEY, answer]]),
    findings: [
      {
        ...FREED,
        id: 'blocked-operation',
        text: 'truncate by rdma[404] has waited for 2.1 s for a page that rdma[406] keeps pinned through pipe fd 3',
      },
      HOLDER_GONE,
    ],
    nowNs: at(4.61),
  });
}

/** A truncate by `waiter` that waits for pages which `blockers` hold. */
export function makeWaitEdge(waiter: number, blockers: readonly number[], since = 2.51): WaitEdge {
  return {
    waiter: { pid: waiter, comm: 'rdma', alive: true },
    tid: waiter,
    op: 'truncate',
    on: 'dax-page',
    since_ns: at(since),
    key: DATA_KEY,
    target: RDMA_ANSWER.target,
    blockers: blockers.map((pid) => ({
      task: { pid, comm: 'rdma', alive: true },
      holds: `256 pages (1.0 MiB): rdma[${pid}] through uverbs fd 3`,
    })),
    idle: false,
    left_ms: null,
    to_free: blockers.map((pid) => `close fd 3 in rdma[${pid}], or end it`),
  };
}
