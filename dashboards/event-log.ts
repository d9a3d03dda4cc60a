/**
 * The latest events as they came, for the log and as evidence beside a timeline. Two rings: one of all events, which a
 * busy host turns over in less than a second, and one of those that a file's story is made of, which lasts longer.
 */
import type { Event, InodeKey } from '../src/event/event.ts';
import { inodeKey } from '../src/event/event.ts';
import { isHandedOver } from '../src/model/model.ts';

const MOST_EVENTS = 20_000;
const MOST_EVIDENCE = 40_000;
/** What a copy keeps: copies are many. */
const COPIED_EVENTS = 500;

/** What nobody reads in a log. */
const QUIET: ReadonlySet<Event['kind']> = new Set<Event['kind']>(['beat', 'inode.named', 'stream.fired']);
/** Of closed descriptors, of which there are most, only the latest are kept. */
const EVIDENCE =
  /^(?:lease|break|open|pin|truncate|hole|wait|walk)\.|^(?:fd\.sent|fd\.discarded|file\.finalClosed|task\.forked|task\.exited)$/;

export interface EventLog {
  /** Number of the first event that is kept; numbers count up from 0 and stay. */
  readonly first: number;
  /** Number that the next event will have. */
  readonly end: number;
  readonly at: (number: number) => Event | undefined;
  /** The rows of this very moment that are about the file, or that name no file; empty where they are not kept. */
  readonly evidence: (atNs: number, key: InodeKey) => readonly Event[];
}

export interface GrowingLog extends EventLog {
  readonly add: (event: Event) => void;
  /** A log of its own with the latest events of this one. */
  readonly copy: () => GrowingLog;
}

interface Ring {
  readonly items: Event[];
  /** The number of the first event that was ever put in. */
  readonly base: number;
  /** The number that the next event will have. */
  end: number;
  readonly limit: number;
}

/** An empty log. */
export function createEventLog(): GrowingLog {
  return logOf(emptyRing(0, MOST_EVENTS), emptyRing(0, MOST_EVIDENCE));
}

const isEvidenceByKind = new Map<Event['kind'], boolean>();

function isEvidence(event: Event): boolean {
  const { kind } = event;
  if (kind === 'fd.installed') return isHandedOver(event);
  let is = isEvidenceByKind.get(kind);
  if (is === undefined) {
    is = EVIDENCE.test(kind);
    isEvidenceByKind.set(kind, is);
  }
  return is;
}

function logOf(all: Ring, evidence: Ring): GrowingLog {
  return {
    get first() {
      return all.end - all.items.length;
    },
    get end() {
      return all.end;
    },
    at: (number) => itemAt(all, number),
    evidence(atNs, key) {
      const oldest = itemAt(all, all.end - all.items.length);
      const ring = oldest !== undefined && oldest.ts < atNs ? all : evidence;
      return rowsAt(ring, atNs).filter((event) => isAbout(event, key));
    },
    add(event) {
      if (QUIET.has(event.kind)) return;
      push(all, event);
      if (isEvidence(event)) push(evidence, event);
    },
    copy: () => logOf(copyOf(all), copyOf(evidence)),
  };
}

function emptyRing(base: number, limit: number): Ring {
  return { items: [], base, end: base, limit };
}

function push(ring: Ring, event: Event): void {
  ring.items[(ring.end - ring.base) % ring.limit] = event;
  ring.end += 1;
}

function itemAt({ items, base, end, limit }: Ring, number: number): Event | undefined {
  return number < end && number >= end - items.length ? items[(number - base) % limit] : undefined;
}

function copyOf(ring: Ring): Ring {
  const first = ring.end - Math.min(ring.items.length, COPIED_EVENTS);
  const copy = emptyRing(first, ring.limit);
  for (let number = first; number < ring.end; number += 1) {
    const event = itemAt(ring, number);
    if (event !== undefined) push(copy, event);
  }
  return copy;
}

/** Events come in order of time but for late rows: these are not found, which is said as "not kept". */
function rowsAt(ring: Ring, atNs: number): readonly Event[] {
  let low = ring.end - ring.items.length;
  let high = ring.end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((itemAt(ring, middle)?.ts ?? 0) < atNs) low = middle + 1;
    else high = middle;
  }
  const found: Event[] = [];
  for (let event = itemAt(ring, low); event?.ts === atNs; event = itemAt(ring, ++low)) found.push(event);
  return found;
}

function isAbout(event: Event, key: InodeKey): boolean {
  // These are about the object through which a file is held, which is a file of its own.
  if (!('dev' in event) || event.kind.startsWith('fd.') || event.kind === 'file.finalClosed') return true;
  return inodeKey(event.dev, event.ino) === key;
}
