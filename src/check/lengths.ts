/** What a `max` rule measures: how long each break, wait or hold of a model lasted, or has lasted so far. */
import { plural } from '../base/text.ts';
import type { BootNs } from '../event/event.ts';
import type { OperationName, Target } from '../model/answer.ts';
import { judgeSource } from '../model/certainty.ts';
import { waitedNs } from '../model/findings/blocked-operation.ts';
import { generationsOf, NO_INODE } from '../model/inodes.ts';
import { combine, type Judgement, likely } from '../model/judgement.ts';
import { judgeLoss } from '../model/loss.ts';
import { targetOf } from '../model/names.ts';
import type { Inode, Lease, Model, OperationRecord, Pin } from '../model/state.ts';
import { leaseText, operationText, pinText, takerName } from '../model/wording.ts';

/** One thing that took its time. */
export interface Length {
  readonly ns: number;
  /** It goes on: this is how long it has lasted so far. */
  readonly goesOn: boolean;
  readonly text: string;
  readonly target: Target;
  readonly since: BootNs;
  readonly judgement: Judgement;
}

/** The breaks of leases, each from its request to the lease's end or change; those that walks found, from then on. */
export function breakLengths(model: Model): readonly Length[] {
  return inodesOf(model).flatMap((inode) =>
    leasesOf(inode).flatMap((lease) => {
      const last = { since: lease.breaking, until: lease.ended };
      return [...lease.answered, last].flatMap(({ since, until }) =>
        since === null ? [] : [lengthOf(model, inode, lease, { since, until, what: 'break of the' })],
      );
    }),
  );
}

/** The waits of calls, all of one call together. */
export function waitLengths(model: Model, op: OperationName | null): readonly Length[] {
  return inodesOf(model).flatMap((inode) =>
    operationsOf(inode)
      .filter((operation) => operation.waits.length > 0 && (op === null || operation.op === op))
      .map((operation) => {
        const goesOn = operation.waits.some((wait) => wait.ended === null);
        const since = operation.waits[0]?.since ?? operation.started;
        return {
          ns: waitedNs(operation, model),
          goesOn,
          text: operationText(operation),
          target: targetOf(model, inode),
          since,
          judgement: combine(
            judgeSource(operation),
            judgeLoss(model, since, operation.ended ?? model.coverage.now),
          ),
        };
      }),
  );
}

/** How long leases or pins were held. */
export function holdLengths(model: Model, what: 'pin' | 'lease'): readonly Length[] {
  return inodesOf(model).flatMap((inode) =>
    heldOf(inode, what).map((held) =>
      lengthOf(model, inode, held, { since: held.since, until: held.ended, what: '' }),
    ),
  );
}

/** What is still held. */
export function heldNow(model: Model, what: 'pin' | 'lease'): readonly Length[] {
  return holdLengths(model, what).filter((length) => length.goesOn);
}

interface Span {
  readonly since: BootNs;
  readonly until: BootNs | null;
  /** Stands before the name of what is held. */
  readonly what: string;
}

function lengthOf(model: Model, inode: Inode, held: Lease | Pin, { since, until, what }: Span): Length {
  const end = until ?? model.coverage.now;
  const name = held.kind === 'lease' ? leaseText(held) : pinText(held);
  const text = `${what} ${name} of ${takerName(held)}`.trim();
  const presumed = held.presumed ? likely('its end was not seen: it follows from what was') : combine();
  return {
    ns: Math.max(0, end - since),
    goesOn: until === null,
    text,
    target: targetOf(model, inode),
    since,
    judgement: combine(judgeSource(held), presumed, judgeLoss(model, since, end)),
  };
}

/** That the oldest of what has ended is forgotten, if it is: it may have lasted longer than what is remembered. */
export function forgottenReasons(model: Model): readonly string[] {
  const { evicted } = model.coverage;
  return evicted === 0 ? [] : [`${plural(evicted, 'ended thing')} forgotten to stay within memory`];
}

function inodesOf(model: Model): Inode[] {
  return [...model.inodes.values()].flatMap(generationsOf).filter((inode) => inode.key !== NO_INODE);
}

function leasesOf(inode: Inode): Lease[] {
  const ended = [...inode.past].filter((each) => each.kind === 'lease');
  return [...ended, ...inode.leases];
}

function heldOf(inode: Inode, what: 'pin' | 'lease'): (Lease | Pin)[] {
  if (what === 'lease') return leasesOf(inode);
  return [...[...inode.past].filter((each) => each.kind === 'pin'), ...inode.pins];
}

function operationsOf(inode: Inode): OperationRecord[] {
  return [...[...inode.past].filter((each) => each.kind === 'operation'), ...inode.operations];
}
