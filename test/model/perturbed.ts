/** What can go wrong with rows on their way: they are lost, come twice, or come too late to be put in order. */
import type { BootNs, Event, RowEvent } from '../../src/event/event.ts';
import { bye, settled } from './rows.ts';
import type { World } from './world.ts';

const BEAT_NS = 1e8;

/** A whole trace: `seen` are the rows that came, `fired` those that the kernel counted, and told ten times a second. */
export function traced(world: World, seen: readonly Event[], fired: readonly Event[] = seen): Event[] {
  const end = bye(world.endS);
  const all: Event[] = [];
  let beatNs = BEAT_NS;
  for (const event of seen) {
    for (; event.ts > beatNs; beatNs += BEAT_NS) all.push(beat(beatNs, fired));
    all.push(event);
  }
  return [...all, end, settled(world.endS, [...fired, end])];
}

function beat(ns: number, rows: readonly Event[]): Event {
  const counts = new Map<string, number>();
  for (const { kind, ts } of rows) {
    if (ts <= ns && !kind.startsWith('walk.')) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return { kind: 'stream.fired', ts: ns as BootNs, counts, final: false };
}

type Rows = readonly RowEvent[];

/** Without the rows of these numbers. */
export function lose(rows: Rows, lost: readonly number[]): Event[] {
  const gone = new Set(lost.map((each) => each % rows.length));
  return rows.filter((_, i) => !gone.has(i));
}

/** Rows come again, so many rows after themselves, and late. */
export function double(rows: Rows, copies: readonly (readonly [which: number, after: number])[]): Event[] {
  const seen = [...rows];
  for (const [which, after] of copies) {
    const at = which % rows.length;
    const copy = rows[at];
    if (copy !== undefined) seen.splice(at + 1 + after, 0, copy);
  }
  return markLate(seen);
}

/** Rows come so many rows after their place, marked as late. */
export function delay(rows: Rows, delayed: readonly (readonly [which: number, by: number])[]): Event[] {
  const order = [...rows];
  for (const [which, by] of delayed) {
    const at = which % order.length;
    order.splice(at + by, 0, ...order.splice(at, 1));
  }
  return markLate(order);
}

/** As a reorder buffer does that has given out what is later already. */
function markLate(order: Rows): Event[] {
  let newest = 0;
  return order.flatMap((row): Event[] => {
    const behindNs = newest - row.ts;
    newest = Math.max(newest, row.ts);
    return behindNs > 0 ? [{ kind: 'stream.late', ts: row.ts, behindNs }, row] : [row];
  });
}
