/**
 * What rows that were lost, came twice or came too late mean for an answer: only those that bear on it lower it.
 */
import { cleanName, plural } from '../base/text.ts';
import type { BootNs, InodeKey } from '../event/event.ts';
import type { RowKind } from '../event/schema.ts';
import { WALK_ROWS } from './coverage.ts';
import { filesOf } from './holding.ts';
import { DEFINITE, type Judgement } from './judgement.ts';
import type { LateRow, Lease, Loss, Model, Pin, Task } from './state.ts';
import { offset } from './wording.ts';

type Kinds = ReadonlySet<string>;

function kinds(...list: readonly RowKind[]): Kinds {
  return new Set(list);
}

/** Rows that tell who holds something. */
export const HOLDER_KINDS = kinds(
  'task.forked',
  'task.executed',
  'task.exited',
  'fd.installed',
  'fd.closed',
  'fd.sent',
  'fd.discarded',
  'file.finalClosed',
  'inode.evicted',
  'lease.added',
  'lease.changed',
  'lease.released',
  'pin.taken',
  'pin.dropped',
);

/**
 * Rows that bear on whatever comes later: which processes share a table or inherited it, and whether a file that shows
 * up was opened then or had been there before.
 */
export const ORIGIN_KINDS = kinds(
  'task.forked',
  'task.executed',
  'task.exited',
  'fd.installed',
  'fd.sent',
  'fd.discarded',
);

/** Rows that tell which leases there are. */
export const LEASE_KINDS = kinds('lease.added', 'lease.changed', 'lease.released');

/** Rows that tell whether a lease is being broken. */
export const BREAK_KINDS = kinds('break.requested', 'break.blocked', 'break.ended');

/** Rows that tell whose pages a call took from their file. */
export const FREEING_KINDS = kinds(
  'truncate.began',
  'truncate.ended',
  'hole.began',
  'hole.ended',
  'open.ended',
  'wait.began',
  'wait.ended',
);

/** Rows without which an answer about a file still holds: names and refusals. */
const HARMLESS_KINDS = kinds(
  'hello',
  'beat',
  'bye',
  'inode.named',
  'lease.client',
  'lease.refused',
  'pin.refused',
  'pin.counted',
  'lease.signalled',
);

/**
 * Loss between two moments of rows that matter: any kind but the harmless ones, or those of `relevant`. A late row is
 * there, and matters only to what it is about: to `held`, or to the call that is judged.
 */
export function judgeLoss(
  model: Model,
  from: BootNs,
  to: BootNs,
  relevant: Kinds | null = null,
  subject: Lease | Pin | 'trace' | null = null,
): Judgement {
  const { coverage } = model;
  const isOfKind = ({ kind }: Loss) =>
    kind === null ||
    kind === WALK_ROWS ||
    (relevant === null ? !HARMLESS_KINDS.has(kind) : relevant.has(kind));
  const isAbout = ({ what, about }: Loss) => {
    if (what === 'late' && subject === 'trace') return false;
    return about === undefined || subject === null || subject === 'trace' || isAboutHeld(subject, about);
  };
  const matters = (loss: Loss) => loss.from <= to && loss.to >= from && isOfKind(loss) && isAbout(loss);
  const losses = coverage.losses.filter(matters);
  const reasons = losses.slice(0, 3).map((loss) => lossText(model, loss));
  if (losses.length > 3) reasons.push(`rows were lost at ${losses.length - 3} other times`);
  if (coverage.forgotten > 0) {
    reasons.push(`${plural(coverage.forgotten, 'live object')} forgotten to stay within memory`);
  }
  return reasons.length === 0 ? DEFINITE : { certainty: 'likely', reasons };
}

/** Rows about a file, or about calls of these processes, that came too late to be put in order. */
export function judgeLate(model: Model, key: InodeKey, pids: readonly number[]): Judgement {
  const isAbout = ({ kind, about }: Loss) => {
    if (about === undefined || (kind !== null && HARMLESS_KINDS.has(kind))) return false;
    return about.inode === key || (about.inode === null && pids.includes(about.pid));
  };
  const reasons = model.coverage.losses.filter(isAbout).map((loss) => lossText(model, loss));
  return reasons.length === 0 ? DEFINITE : { certainty: 'likely', reasons: reasons.slice(0, 3) };
}

function isAboutHeld(held: Lease | Pin, { pid, file, object, inode }: LateRow): boolean {
  const isNamed = (task: Task) => task.pid === pid;
  if (inode === held.inode.key || (held.taker !== null && isNamed(held.taker))) return true;
  if (held.kind === 'pin' && object !== 0 && object === held.object) return true;
  return filesOf(held).some(
    (each) =>
      each.ptr === file ||
      [...each.held, ...each.past].some(({ task, table }) => isNamed(task) || [...table.users].some(isNamed)),
  );
}

const FATES: Readonly<Record<Loss['what'], string>> = {
  lost: 'lost',
  extra: 'too many',
  late: 'out of order',
  skipped: 'skipped by the kernel',
};

function lossText(model: Model, loss: Loss): string {
  const things = loss.what === 'skipped' ? hitsText(loss) : rowsText(loss);
  return `${things} ${FATES[loss.what]} between ${offset(model, loss.from)} and ${offset(model, loss.to)}`;
}

function rowsText({ rows, kind }: Loss): string {
  const what = kind === null ? 'of unknown kind' : kind === WALK_ROWS ? 'of a walk' : `'${cleanName(kind)}'`;
  return `${plural(rows, 'row')} ${what}`;
}

function hitsText({ rows, kind }: Loss): string {
  return `${plural(rows, 'hit')} of a probe${kind === null ? '' : ` for '${cleanName(kind)}'`}`;
}
