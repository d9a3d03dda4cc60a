/**
 * What a report draws of a file: each lease and pin, with the other processes through which it is held; each call with
 * its waits. What one process did over and over is one lane.
 */
import type { Bar } from '../base/lanes.ts';
import type { HeldBy, Holder, Operation, TaskRef, TimelineEntry, WhoAnswer } from '../model/answer.ts';
import { operationName } from '../model/wording.ts';

/** A moment within a bar, and the character that stands for it. */
export interface Mark {
  readonly atNs: number;
  readonly mark: string;
}

export interface Lane {
  /** What it is, and whose: "pin", rdma[265]. */
  readonly what: string;
  readonly task: Pick<TaskRef, 'pid' | 'comm'> | null;
  readonly isWait: boolean;
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
}

/** A lane, and those that belong below it. */
export interface Group extends Lane {
  readonly inner: readonly Lane[];
}

/** A lease is being broken; the pages under a pin are taken from the file. */
export const BROKEN = '!';
export const FREED = 'x';
/** A walk found it there. */
export const BEFORE = '<';

const THROUGH: Readonly<Record<HeldBy['through'], string>> = {
  descriptor: 'in',
  'socket-queue': 'queued at',
  'io_uring-file': 'in a ring of',
  mapping: 'mapped by',
};

/** By start. Calls that did not wait are told in the story alone. */
export function groupsOf(file: WhoAnswer, story: readonly TimelineEntry[]): readonly Group[] {
  const held = file.holders.map((holder) => holderGroup(holder, story));
  const waits = file.operations.filter(({ waits }) => waits.length > 0).map(waitGroup);
  return mergeAlike([...held, ...waits].sort((one, other) => startOf(one) - startOf(other)));
}

function holderGroup(holder: Holder, story: readonly TimelineEntry[]): Group {
  const { taken_by: task, held_by, since_ns, ended_ns = null } = holder;
  const hands = held_by
    .filter(({ pid, through }) => pid !== task?.pid || through !== 'descriptor')
    .map((hand) => handLane(hand, holder));
  return {
    what: holder.kind === 'lease' ? holder.lease.class : 'pin',
    task,
    isWait: false,
    bars: [{ fromNs: since_ns, toNs: ended_ns }],
    marks: [
      ...foundMarks(holder, since_ns),
      ...(holder.kind === 'lease' ? breaksOf(holder, story) : freeingOf(holder)),
    ],
    inner: [...hands, ...queueLanes(holder)],
  };
}

function handLane(hand: HeldBy, holder: Holder): Lane {
  const { since_ns, ended_ns = null } = holder;
  const fromNs = Math.max(since_ns, hand.since_ns);
  const toNs = hand.until_ns ?? ended_ns;
  return {
    what: THROUGH[hand.through],
    task: hand,
    isWait: false,
    bars: [{ fromNs, toNs }],
    marks: foundMarks(holder, fromNs),
  };
}

function foundMarks({ origin, since_ns }: Holder, atNs: number): Mark[] {
  return origin === 'snapshot' && atNs === since_ns ? [{ atNs, mark: BEFORE }] : [];
}

/** It lies in a queue of which no process is known. */
function queueLanes({ in_flight, held_by, hand_overs, since_ns }: Holder): Lane[] {
  if (!in_flight || held_by.some(({ through }) => through === 'socket-queue')) return [];
  const sent = hand_overs.filter((step) => step.in_flight).map(({ at_ns }) => at_ns);
  const fromNs = Math.max(since_ns, Math.min(...sent, Number.MAX_SAFE_INTEGER));
  return sent.length === 0
    ? []
    : [{ what: "in a socket's queue", task: null, isWait: false, bars: [{ fromNs, toNs: null }], marks: [] }];
}

function breaksOf({ taken_by, since_ns, ended_ns }: Holder, story: readonly TimelineEntry[]): Mark[] {
  const isIts = ({ what, pid, at_ns }: TimelineEntry) =>
    what === 'break' && pid === taken_by?.pid && at_ns >= since_ns && at_ns <= (ended_ns ?? at_ns);
  return story.filter(isIts).map(({ at_ns }) => ({ atNs: at_ns, mark: BROKEN }));
}

function freeingOf(holder: Holder): Mark[] {
  if (holder.kind !== 'pin' || holder.freed_by === undefined) return [];
  return [{ atNs: holder.freed_by.at_ns, mark: FREED }];
}

function waitGroup({ op, pid, comm, waits }: Operation): Group {
  return {
    what: operationName(op),
    task: { pid, comm },
    isWait: true,
    bars: waits.map(({ since_ns, ended_ns }) => ({ fromNs: since_ns, toNs: ended_ns ?? null })),
    marks: [],
    inner: [],
  };
}

function mergeAlike(groups: readonly Group[]): readonly Group[] {
  const merged = new Map<string, Group>();
  for (const group of groups) {
    const name = [group, ...group.inner].map(nameOf).join(', ');
    const known = merged.get(name);
    merged.set(name, known === undefined ? group : joinGroups(known, group));
  }
  return [...merged.values()];
}

function joinGroups(one: Group, other: Group): Group {
  const inner = one.inner.map((lane, i) => joinLanes(lane, other.inner[i] ?? lane));
  return { ...joinLanes(one, other), inner };
}

function joinLanes<Kind extends Lane>(one: Kind, other: Lane): Kind {
  return { ...one, bars: [...one.bars, ...other.bars], marks: [...one.marks, ...other.marks] };
}

function nameOf({ what, task }: Lane): string {
  return `${what} ${task?.pid} ${task?.comm}`;
}

function startOf({ bars }: Lane): number {
  return bars[0]?.fromNs ?? 0;
}
