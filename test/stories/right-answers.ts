/**
 * A story's truth as the workload tells it, and the report that agrees with it, for the tests of the conclusions: each
 * test spoils one thing in it. The numbers are those of a run on 6.12.
 */
import type {
  Finding,
  FindingId,
  LeaseHolder,
  LeaseState,
  Operation,
  PinHolder,
  ReportAnswer,
  WhoAnswer,
} from '../../src/model/answer.ts';
import type { StoryRun, TruthRow } from '../lab/story.ts';

const [A, B, C] = [405, 406, 404];
const FILE = { file: '/mnt/dax/handed-over', dev: '259:0', ino: 131 };
const TARGET = { dev: FILE.dev, ino: FILE.ino, path: FILE.file, fs: 'xfs' };
const comm = 'handed-over';
const second = (s: number): number => s * 1e9;

const row = (
  s: number,
  pid: number,
  did: string,
  facts: Readonly<Record<string, unknown>> = {},
): TruthRow => ({
  t_ns: second(s),
  pid,
  comm,
  did,
  ...facts,
});

/** What handed-over-mapped says when truncate waited 5 s for B's pipe. */
export const truthOfHandedOver: readonly TruthRow[] = [
  row(10, C, 'file-made', { ...FILE, pages: 16 }),
  row(10.1, A, 'lease-taken', { ...FILE, fd: 9, type: 'write' }),
  row(11, A, 'pages-pinned', {
    ...FILE,
    via: 'vmsplice',
    pages: 16,
    bytes: 65536,
    longterm: 0,
    fds: [10, 11],
  }),
  row(12, A, 'fds-sent', { fds: [10, 11], to: B }),
  row(12.001, B, 'fds-received', { fds: [3, 9], from: A, how: 'scm_rights' }),
  row(13, A, 'unmapped', { ...FILE, pages: 16 }),
  row(13.001, A, 'file-closed', { ...FILE, fd: 9 }),
  row(13.01, C, 'exited', { who: A, status: 0, signal: 0 }),
  row(15, C, 'truncate-began', { ...FILE, to: 0 }),
  row(20.01, B, 'pages-released', { ...FILE, pages: 16, fds: [3, 9] }),
  row(20.02, C, 'truncate-ended', { ...FILE, to: 0, result: 0, waited_ms: 5020 }),
  row(21, C, 'exited', { who: B, status: 0, signal: 0 }),
];

const gone = (pid: number, s: number) => ({ pid, comm, alive: false, exited_ns: second(s) });

const endedLease: LeaseState = {
  type: 'write',
  class: 'lease',
  state: 'ended',
  ended_by: 'close',
  since_ns: second(10.1),
  ended_ns: second(13.001),
};

const leaseHolder: LeaseHolder = {
  kind: 'lease',
  lease: endedLease,
  taken_by: gone(A, 13.01),
  held_by: [],
  hand_overs: [],
  in_flight: false,
  since_ns: second(10.1),
  ended_ns: second(13.001),
  origin: 'observed',
  evidence: [],
  certainty: 'definite',
  reasons: [],
  stops_truncate: 'no',
};

const pinHolder: PinHolder = {
  kind: 'pin',
  via: 'vmsplice',
  pages: 16,
  bytes: 65536,
  longterm: false,
  write: false,
  object: 'pipe',
  lease: endedLease,
  taken_by: gone(A, 13.01),
  held_by: [
    { ...gone(B, 21), fds: [3, 9], through: 'descriptor', how: 'scm_rights', from: A, since_ns: second(12) },
  ],
  hand_overs: [
    { how: 'scm_rights', from: gone(A, 13.01), to: gone(B, 21), at_ns: second(12.001), in_flight: false },
  ],
  in_flight: false,
  since_ns: second(11),
  ended_ns: second(20.009),
  origin: 'observed',
  evidence: [],
  certainty: 'definite',
  reasons: [],
  stops_truncate: 'no',
};

const truncate: Operation = {
  op: 'truncate',
  pid: C,
  comm,
  state: 'done',
  result: 0,
  waited_ms: 5010,
  waits: [{ on: 'dax-page', ms: 5009, since_ns: second(15), ended_ns: second(20.01), blockers: [B] }],
  started_ns: second(15),
  ended_ns: second(20.02),
  detail: 'from 65536 to 0 bytes',
  evidence: [],
};

const finding = (id: FindingId, ...pids: readonly number[]): Finding => ({
  id,
  severity: 'warning',
  certainty: 'definite',
  file: TARGET,
  pids,
  start_ns: second(13),
  end_ns: second(20),
  text: `a finding of ${id}`,
  thread: 'Weiny, 21 Aug 2019',
  evidence: [],
});

/** What a test spoils: each part replaces the right one's members. */
export interface Spoilt {
  readonly report?: Partial<ReportAnswer>;
  readonly file?: Partial<WhoAnswer>;
  readonly lease?: Partial<LeaseHolder>;
  readonly pin?: Partial<PinHolder>;
  readonly operation?: Partial<Operation>;
  /** In every finding. */
  readonly finding?: Partial<Finding>;
  readonly without?: FindingId;
  readonly also?: FindingId;
  /** The pin did not end. */
  readonly stillPinned?: boolean;
  readonly run?: Partial<StoryRun>;
}

/** The run of handed-over-mapped that agrees with its truth, but for what is spoilt. */
export function runOfHandedOver(spoilt: Spoilt = {}): StoryRun {
  const findings = [
    finding('blocked-operation', C, B),
    finding('holder-gone', A, B),
    finding('pin-outlives-lease', A),
    finding('handed-over-without-lease', B),
    ...(spoilt.also === undefined ? [] : [finding(spoilt.also, A)]),
  ]
    .filter((each) => each.id !== spoilt.without)
    .map((each) => ({ ...each, ...spoilt.finding }));
  const { ended_ns: _, ...pinned } = pinHolder;
  const file: WhoAnswer = {
    target: TARGET,
    holders: [
      { ...leaseHolder, ...spoilt.lease },
      { ...(spoilt.stillPinned === true ? pinned : pinHolder), ...spoilt.pin },
    ],
    operations: [{ ...truncate, ...spoilt.operation }],
    users: [],
    pin_balance: null,
    walked_ns: null,
    to_free: [],
    certainty: 'definite',
    reasons: [],
    loss: { rows: 0 },
    not_covered: [],
    at_ns: second(22),
    from_ns: second(1),
    ...spoilt.file,
  };
  const report: ReportAnswer = {
    findings,
    files: [file],
    rows: { seen: 120, lost: 0, late: 0, bad: 0 },
    losses: [],
    forgotten: 0,
    complete: true,
    certainty: 'definite',
    reasons: [],
    not_covered: [],
    kernel: '6.12.107+deb13-amd64',
    bpftrace: '0.23.2',
    at_ns: second(22),
    from_ns: second(1),
    ...spoilt.report,
  };
  return {
    kernel: '6.12',
    truth: truthOfHandedOver,
    exitCode: 0,
    report,
    who: () => file,
    whoText: () => '',
    recordingPath: 'unused.ndjson.gz',
    ...spoilt.run,
  };
}
