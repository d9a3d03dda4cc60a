/**
 * already-hung as its workload tells it, and the answers that agree with it: that of `who` at the late point, and the
 * report of what was recorded from there. The numbers are those of a run on 6.12. Each test spoils one thing.
 */
import type { LeaseHolder, Operation, PinHolder, WhoAnswer } from '../../src/model/answer.ts';
import type { StoryRun, TruthRow, Walked } from '../lab/story.ts';
import { runOfHandedOver, truthOfHandedOver } from './right-answers.ts';

const [A, B, C] = [405, 406, 404];
const comm = 'handed-over';
const second = (s: number): number => s * 1e9;
const FILE = { file: '/mnt/dax/handed-over', dev: '259:0', ino: 131 };
const row = (
  s: number,
  pid: number,
  did: string,
  facts: Readonly<Record<string, unknown>> = {},
): TruthRow => ({ t_ns: second(s), pid, comm, did, ...facts });

/** As in handed-over-mapped, but whopins came at 16 s, when C's truncate had hung for a second. */
export const truthOfAlreadyHung: readonly TruthRow[] = [
  ...truthOfHandedOver,
  row(14, B, 'mapped', { ...FILE, pages: 1 }),
  row(16, C, 'late-point'),
  row(18, C, 'gone-on'),
].sort((one, other) => one.t_ns - other.t_ns);

const alive = (pid: number) => ({ pid, comm, alive: true });
const PAGE = 'page 0xffd32ffec1000600';

export const walkedPin: PinHolder = {
  kind: 'pin',
  via: 'vmsplice',
  pages: 16,
  bytes: 65536,
  longterm: false,
  write: false,
  object: 'pipe',
  lease: null,
  taken_by: null,
  held_by: [
    { ...alive(B), fds: [3, 9], through: 'descriptor', how: 'unknown', from: null, since_ns: second(16.5) },
  ],
  hand_overs: [],
  in_flight: false,
  since_ns: second(16.5),
  origin: 'snapshot',
  evidence: ['pipe 0xff2cc69fc13b53c0', PAGE],
  certainty: 'definite',
  reasons: [],
  stops_truncate: 'yes',
};

const hung: Operation = {
  op: 'truncate',
  pid: C,
  comm,
  state: 'waiting',
  result: null,
  waited_ms: 1500,
  waits: [{ on: 'dax-page', ms: 1500, since_ns: second(15), blockers: [B] }],
  started_ns: second(15),
  detail: '',
  evidence: [PAGE, 'sleeps in xfs_break_dax_layouts'],
};

/** A lease on the same file, held by B, for the tests of leases. */
export const walkedLease: LeaseHolder = {
  kind: 'lease',
  lease: { type: 'write', class: 'lease', state: 'active', since_ns: second(16.5) },
  taken_by: { pid: A, comm, alive: false },
  held_by: walkedPin.held_by,
  hand_overs: [],
  in_flight: false,
  since_ns: second(16.5),
  origin: 'snapshot',
  evidence: ['lease 0xff39400ec2cbf948'],
  certainty: 'definite',
  reasons: [],
  stops_truncate: 'yes',
};

/** What a test spoils: each part replaces the right one's members. */
export interface SpoiltWalk {
  readonly answer?: Partial<WhoAnswer>;
  readonly pin?: Partial<PinHolder>;
  readonly waiting?: Partial<Operation>;
  readonly text?: string;
}

const TEXT = `/mnt/dax/handed-over   xfs 259:0 inode 131
  pinned    16 pages (64 KiB), pipe
  held by   handed-over[406] through pipe fds 3 and 9
  waits     truncate by handed-over[404], 1.5 s, for a busy DAX page, held by handed-over[406]
`;

/** The right answer of `who` at the late point, but for what is spoilt. */
export function walkedAlreadyHung(spoilt: SpoiltWalk = {}): Walked {
  const answer: WhoAnswer = {
    target: { dev: FILE.dev, ino: FILE.ino, path: FILE.file, fs: 'xfs' },
    holders: [{ ...walkedPin, ...spoilt.pin }],
    operations: [{ ...hung, ...spoilt.waiting }],
    users: [{ ...alive(B), fds: [], mapped_bytes: 4096 }],
    pin_balance: { counted: 0, explained: 0 },
    walked_ns: second(16.5),
    to_free: ['close fds 3 and 9 in handed-over[406], or end it'],
    certainty: 'definite',
    reasons: [],
    loss: { rows: 0 },
    not_covered: [],
    at_ns: second(17),
    from_ns: second(16.5),
    ...spoilt.answer,
  };
  return { answer, text: spoilt.text ?? TEXT, stderr: '' };
}

/** The run of already-hung that agrees with its truth, but for what is spoilt in the walk and in the late recording. */
export function runOfAlreadyHung(
  walk: SpoiltWalk = {},
  recorded: { readonly pin?: Partial<PinHolder>; readonly operation?: Partial<Operation> } = {},
): StoryRun {
  const ended: PinHolder = { ...walkedPin, ended_ns: second(20.009), ...recorded.pin };
  const done: Operation = {
    ...hung,
    state: 'done',
    result: 0,
    waited_ms: 5010,
    ended_ns: second(20.02),
    ...recorded.operation,
  };
  return {
    ...runOfHandedOver({
      file: { holders: [ended], operations: [done] },
      without: 'pin-outlives-lease',
    }),
    truth: truthOfAlreadyHung,
    late: true,
    walked: walkedAlreadyHung(walk),
  };
}
