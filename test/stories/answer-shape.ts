/**
 * Narrows `report --json` and `who --json`, which come from outside as unknown, to the shapes of src/model/answer.ts. Only what the
 * conclusions read is looked at; a wrong shape is named by its place, because the shape is a contract.
 */
import { err, ok, type Result } from '../../src/base/result.ts';
import type { ReportAnswer, WhoAnswer } from '../../src/model/answer.ts';

type Check = (value: unknown, place: string) => string | null;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Check = (value, place) => (typeof value === 'string' ? null : `${place} is no text`);
const number: Check = (value, place) => (typeof value === 'number' ? null : `${place} is no number`);
const flag: Check = (value, place) => (typeof value === 'boolean' ? null : `${place} is not true or false`);
const inode: Check = (value, place) =>
  typeof value === 'number' || typeof value === 'string' ? null : `${place} is no inode number`;

const orNull =
  (check: Check): Check =>
  (value, place) =>
    value === null ? null : check(value, place);

const optional =
  (check: Check): Check =>
  (value, place) =>
    value === undefined ? null : check(value, place);

const oneOf =
  (...names: readonly string[]): Check =>
  (value, place) =>
    typeof value === 'string' && names.includes(value) ? null : `${place} is none of ${names.join(', ')}`;

const list =
  (check: Check): Check =>
  (value, place) =>
    Array.isArray(value)
      ? (value.map((item, i) => check(item, `${place}[${i}]`)).find((wrong) => wrong !== null) ?? null)
      : `${place} is no list`;

const shape =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, place) => {
    if (!isRecord(value)) return `${place} is no object`;
    for (const [name, check] of Object.entries(members)) {
      const wrong = check(value[name], `${place}.${name}`);
      if (wrong !== null) return wrong;
    }
    return null;
  };

const certainty = oneOf('definite', 'likely', 'unknown');
const task = { pid: number, comm: text, alive: flag };
const lease = shape({
  type: oneOf('read', 'write', 'none'),
  class: oneOf('lease', 'delegation', 'layout'),
  state: oneOf('active', 'breaking', 'ended'),
  ended_by: optional(oneOf('unlock', 'close', 'timeout', 'manager', 'unknown')),
});
const holder = {
  taken_by: orNull(shape(task)),
  held_by: list(
    shape({
      ...task,
      fds: list(number),
      through: oneOf('descriptor', 'socket-queue', 'io_uring-file', 'mapping'),
      how: text,
      from: orNull(number),
    }),
  ),
  hand_overs: list(shape({ how: text, from: orNull(shape(task)), to: orNull(shape(task)), in_flight: flag })),
  in_flight: flag,
  since_ns: number,
  ended_ns: optional(number),
  origin: oneOf('observed', 'snapshot'),
  evidence: list(text),
  certainty,
  reasons: list(text),
};
const leaseHolder = shape({ ...holder, lease });
const pinHolder = shape({
  ...holder,
  via: text,
  pages: number,
  bytes: number,
  longterm: flag,
  object: text,
  lease: orNull(lease),
  freed_by: optional(shape({ op: text, pid: number, comm: text, at_ns: number })),
  orphan: optional(flag),
});
const anyHolder: Check = (value, place) => {
  const kind = isRecord(value) ? value.kind : undefined;
  if (kind === 'lease') return leaseHolder(value, place);
  if (kind === 'pin') return pinHolder(value, place);
  return `${place}.kind is neither lease nor pin`;
};
const operation = shape({
  op: oneOf('open', 'truncate', 'hole-punch', 'close', 'unlink', 'other'),
  pid: number,
  comm: text,
  state: oneOf('waiting', 'running', 'done', 'unknown'),
  result: orNull(number),
  waited_ms: number,
  waits: list(
    shape({
      on: oneOf('lease-break', 'layout-recall', 'dax-page'),
      ms: number,
      blockers: list(number),
      idle: optional(flag),
    }),
  ),
  started_ns: number,
  evidence: list(text),
});
const file = shape({
  target: shape({ dev: text, ino: inode, path: orNull(text), fs: orNull(text) }),
  holders: list(anyHolder),
  operations: list(operation),
  users: list(shape({ ...task, fds: list(number), mapped_bytes: number })),
  pin_balance: orNull(shape({ counted: number, explained: number })),
  walked_ns: orNull(number),
  to_free: list(text),
  certainty,
  reasons: list(text),
  not_covered: list(shape({ path: text, reason: text })),
  loss: shape({ rows: number }),
});
const finding = shape({
  id: text,
  certainty,
  file: shape({ dev: text, ino: inode, path: orNull(text) }),
  pids: list(number),
  start_ns: number,
  end_ns: orNull(number),
  text,
});
const report = shape({
  findings: list(finding),
  files: list(file),
  rows: shape({ seen: number, lost: number, late: number, bad: number }),
  losses: list(shape({ from_ns: number, to_ns: number, rows: number, kind: orNull(text) })),
  complete: flag,
  certainty,
});

/** The report, or the first place where it does not have the contract's shape ("report.files[0].loss is no object"). */
export function readReport(value: unknown): Result<ReportAnswer> {
  return isReport(value) ? ok(value) : err(report(value, 'report') ?? 'report has an unknown shape');
}

/** One file's answer, or the first place where it does not have the contract's shape. */
export function readWho(value: unknown): Result<WhoAnswer> {
  return isWho(value) ? ok(value) : err(file(value, 'answer') ?? 'answer has an unknown shape');
}

function isWho(value: unknown): value is WhoAnswer {
  return file(value, 'answer') === null;
}

function isReport(value: unknown): value is ReportAnswer {
  return report(value, 'report') === null;
}
