/** The lanes of one file: what lies in which, from when to when, and what it says when it is pointed at. */
import { cleanName, formatResult } from '../base/text.ts';
import { formatOffset } from '../base/time.ts';
import type { Holder } from '../model/answer.ts';
import type { Hand, Lasting, LastingHolder, LastingOperation } from '../model/select/lasting.ts';
import { arrivalText, fdsText, operationName, taskName, waitText } from '../model/wording.ts';
import { type Clock, periodText } from './clock.ts';
import { holderName } from './labels.ts';

export type BarKind = 'lease' | 'pin' | 'hand' | 'operation' | 'wait';

export interface Lane {
  readonly label: string;
  /** Under the lease or pin that it belongs to. */
  readonly isInner: boolean;
  readonly bars: Bar[];
}

export interface Bar {
  readonly kind: BarKind;
  readonly from: number;
  readonly to: number;
  /** It lasts beyond the end of the recording. */
  readonly isOpen: boolean;
  readonly tip: string;
}

/** A hand-over, from lane to lane. */
export interface Link {
  readonly at: number;
  readonly giver: number;
  readonly taker: number;
  readonly tip: string;
}

export interface Lanes {
  readonly lanes: readonly Lane[];
  readonly links: readonly Link[];
  readonly hidden: number;
}

const MOST_LANES = 48;
const MOST_BARS = 1500;

/** Lays out one file, oldest first. What follows something like it, without overlap, shares its lane. */
export function createLanes(all: readonly Lasting[], clock: Clock): Lanes {
  const lanes: Lane[] = [];
  const links: Link[] = [];
  /** The lanes of things that are alike, by what they are. */
  const shared = new Map<string, Lane[]>();
  let bars = 0;
  let hidden = 0;

  function put(label: string, items: readonly Bar[]): boolean {
    const from = Math.min(...items.map((bar) => bar.from));
    const alike = shared.get(label) ?? [];
    const free = alike.find((lane) => endOf(lane) <= from);
    if (free === undefined) {
      if (lanes.length >= MOST_LANES) return false;
      const lane = { label, isInner: false, bars: [...items] };
      lanes.push(lane);
      shared.set(label, [...alike, lane]);
    } else {
      free.bars.push(...items);
    }
    return true;
  }

  function putHolder(lasting: LastingHolder): boolean {
    const { holder, passages } = lasting;
    const label = `${holderName(holder)}${holder.taken_by === null ? '' : ` by ${taskName(holder.taken_by)}`}`;
    const bar = holderBar(lasting, clock);
    const hands = mergeHands(lasting.hands, holder, clock);
    const isInOneHand = hands.length === 0 || (hands.length === 1 && hands[0]?.pid === holder.taken_by?.pid);
    if (isInOneHand) return put(label, [bar]);
    if (lanes.length + 1 + hands.length > MOST_LANES) return false;
    lanes.push({ label, isInner: false, bars: [bar] });
    const laneOf = new Map<number, number>();
    for (const hand of hands) {
      laneOf.set(hand.pid, lanes.length);
      lanes.push({ label: hand.label, isInner: true, bars: [hand.bar] });
    }
    for (const { from, to, how, at_ns } of passages) {
      const [giver, taker] = [laneOf.get(from?.pid ?? -1), laneOf.get(to?.pid ?? -1)];
      if (from === null || to === null || giver === undefined || taker === undefined) continue;
      if (at_ns < bar.from || at_ns > bar.to) continue;
      const tip = `${taskName(to)}: ${arrivalText(how)} from ${taskName(from)}\n${formatOffset(at_ns, clock.from)}`;
      links.push({ at: at_ns, giver, taker, tip });
    }
    return true;
  }

  for (const lasting of all) {
    const isPut =
      bars < MOST_BARS &&
      (lasting.kind === 'holder'
        ? putHolder(lasting)
        : put(operationLabel(lasting), operationBars(lasting, clock)));
    if (isPut)
      bars += 1 + (lasting.kind === 'holder' ? lasting.hands.length : lasting.operation.waits.length);
    else hidden += 1;
  }
  return { lanes, links, hidden };
}

function endOf({ bars }: Lane): number {
  return bars.reduce((latest, { to }) => Math.max(latest, to), 0);
}

function holderBar({ holder }: LastingHolder, clock: Clock): Bar {
  const { kind, since_ns, ended_ns, taken_by, certainty, reasons, origin } = holder;
  const lines = [
    holder.kind === 'pin' ? `${holderName(holder)}, ${holder.object}` : holderName(holder),
    `${origin === 'snapshot' ? 'found by a walk; ' : ''}taken by ${taken_by === null ? 'a process that is not known' : taskName(taken_by)}`,
    periodText(since_ns, ended_ns, clock),
    ...endLines(holder, clock),
    ...(certainty === 'definite' ? [] : [`${certainty}: ${reasons.map(cleanName).join('; ')}`]),
  ];
  return bar(kind, since_ns, ended_ns, lines, clock);
}

function endLines(holder: Holder, clock: Clock): string[] {
  if (holder.kind === 'lease') {
    const { ended_by } = holder.lease;
    return ended_by === undefined ? [] : [`ended by ${ended_by}`];
  }
  if (holder.freed_by === undefined) return [];
  const { op, at_ns } = holder.freed_by;
  return [
    `its pages were freed by ${operationName(op)} by ${taskName(holder.freed_by)} at ${formatOffset(at_ns, clock.from)}`,
  ];
}

interface MergedHand {
  readonly pid: number;
  readonly label: string;
  readonly bar: Bar;
}

/** One for each process: the two ends of a pipe are in one hand. */
function mergeHands(hands: readonly Hand[], holder: Holder, clock: Clock): readonly MergedHand[] {
  const byPid = new Map<number, Hand>();
  for (const hand of hands) {
    const known = byPid.get(hand.pid);
    byPid.set(hand.pid, known === undefined ? hand : joinHands(known, hand));
  }
  return [...byPid.values()].map((hand) => {
    const { pid, fds, how, from, since_ns, until_ns } = hand;
    const through = fdsText(holder.kind === 'pin' ? holder.via : null, fds);
    const origin = from === null ? '' : ` from process ${from}`;
    const lines = [
      `${taskName(hand)} holds it through ${through}`,
      `${arrivalText(how)}${origin}`,
      periodText(since_ns, until_ns, clock),
    ];
    return {
      pid,
      label: `${taskName(hand)} ${through}`,
      bar: bar('hand', since_ns, until_ns ?? undefined, lines, clock),
    };
  });
}

function joinHands(one: Hand, other: Hand): Hand {
  const until =
    one.until_ns === null || other.until_ns === null ? null : Math.max(one.until_ns, other.until_ns);
  const fds = [...new Set([...one.fds, ...other.fds])].sort((a, b) => a - b);
  return { ...one, fds, since_ns: Math.min(one.since_ns, other.since_ns), until_ns: until };
}

function operationLabel({ operation, tid }: LastingOperation): string {
  const thread = tid === operation.pid ? '' : ` thread ${tid}`;
  return `${operationName(operation.op)} by ${taskName(operation)}${thread}`;
}

function operationBars({ operation }: LastingOperation, clock: Clock): Bar[] {
  const { op, detail, result, started_ns, ended_ns, waits } = operation;
  const outcome = result === null ? [] : [`returned ${formatResult(result)}`];
  const lines = [
    `${operationName(op)} by ${taskName(operation)}${detail === '' ? '' : `, ${cleanName(detail)}`}`,
    ...outcome,
    periodText(started_ns, ended_ns, clock),
  ];
  return [
    bar('operation', started_ns, ended_ns, lines, clock),
    ...waits.map((wait) => {
      const by = wait.blockers.length === 0 ? '' : ` held by ${wait.blockers.join(', ')}`;
      const told = [`waits for ${waitText(wait.on)}${by}`, periodText(wait.since_ns, wait.ended_ns, clock)];
      return bar('wait', wait.since_ns, wait.ended_ns, told, clock);
    }),
  ];
}

/** A bar within the recording, whatever its times are. */
function bar(
  kind: BarKind,
  from: number,
  to: number | undefined,
  lines: readonly string[],
  clock: Clock,
): Bar {
  const within = (ns: number) => Math.min(clock.to, Math.max(clock.from, ns));
  const begin = within(from);
  return {
    kind,
    from: begin,
    to: Math.max(begin, within(to ?? clock.to)),
    isOpen: to === undefined,
    tip: lines.join('\n'),
  };
}
