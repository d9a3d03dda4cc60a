/** How much happens: counts for each second of the trace, for sparklines and for loss and lateness over time. */
import type { Event } from '../src/event/event.ts';

/** Seconds that are kept. */
const SECONDS = 240;

export const RATES = ['rows', 'leases', 'pins', 'calls', 'lost', 'late', 'bad'] as const;
export type Rate = (typeof RATES)[number];

export interface Rates {
  /** The counts of the `seconds` up to the one of `nowNs`, oldest first. */
  readonly lately: (rate: Rate, nowNs: number, seconds: number) => readonly number[];
}

export interface GrowingRates extends Rates {
  readonly add: (event: Event) => void;
  readonly copy: () => GrowingRates;
}

type Counts = Record<Rate, number>;

interface Second {
  at: number;
  readonly counts: Counts;
}

/** Counts nothing yet. */
export function createRates(): GrowingRates {
  return ratesOf([]);
}

function ratesOf(ring: (Second | undefined)[]): GrowingRates {
  function secondOf(ns: number): Second {
    const at = Math.floor(ns / 1e9);
    const known = ring[at % SECONDS];
    if (known?.at === at) return known;
    const second = { at, counts: { rows: 0, leases: 0, pins: 0, calls: 0, lost: 0, late: 0, bad: 0 } };
    ring[at % SECONDS] = second;
    return second;
  }

  return {
    add(event) {
      const { counts } = secondOf(event.ts);
      if ('cpu' in event) counts.rows += 1;
      const rate = rateOf(event.kind);
      if (rate !== null) counts[rate] += event.kind === 'stream.lost' ? event.rows : 1;
    },
    lately(rate, nowNs, seconds) {
      const last = Math.floor(nowNs / 1e9);
      return Array.from({ length: Math.max(0, seconds) }, (_, i) => {
        const at = last - seconds + 1 + i;
        const second = at < 0 ? undefined : ring[at % SECONDS];
        return second?.at === at ? second.counts[rate] : 0;
      });
    },
    copy: () => ratesOf(ring.map((second) => second && { at: second.at, counts: { ...second.counts } })),
  };
}

const RATE_OF_KIND: Map<Event['kind'], Rate | null> = new Map();

function rateOf(kind: Event['kind']): Rate | null {
  let rate = RATE_OF_KIND.get(kind);
  if (rate === undefined) {
    rate = findRate(kind);
    RATE_OF_KIND.set(kind, rate);
  }
  return rate;
}

function findRate(kind: Event['kind']): Rate | null {
  if (kind === 'stream.lost') return 'lost';
  if (kind === 'stream.late') return 'late';
  if (kind === 'stream.bad') return 'bad';
  if (/^(?:lease|break)\./.test(kind)) return 'leases';
  if (kind.startsWith('pin.')) return 'pins';
  return /^(?:truncate|hole|wait)\.began$/.test(kind) ? 'calls' : null;
}
