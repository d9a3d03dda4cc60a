/** Where a recording's events come from: from its start, or from any moment with the story as it was then. */
import type { BootNs, Event } from '../src/event/event.ts';
import type { Model } from '../src/model/model.ts';
import type { SeekableTrace } from '../src/model/seekable.ts';
import type { Story } from './feed.ts';
import type { Extent } from './scene.ts';

/** A story up to some event, and the events from there on. */
export interface Entry {
  readonly story: Story;
  /** Number of the first event of `batches`. */
  readonly next: number;
  /** When the last event of the story happened; null before the first. */
  readonly headNs: number | null;
  readonly batches: AsyncIterable<readonly Event[]>;
}

export type Destination = { readonly events: number } | { readonly ns: number };

export interface Source {
  readonly start: () => Entry;
  /** Enters at the destination, or somewhere before it. Null where what was read once can not be read again. */
  readonly enter: ((destination: Destination) => Promise<Entry>) | null;
  /** Whether entering far away is quicker than playing up to there. */
  readonly isIndexed: boolean;
  readonly extent: Extent | null;
}

/** Events that are read from the start, again and again unless they are a generator's. */
export function sourceOfBatches(batches: AsyncIterable<readonly Event[]>, newStory: () => Story): Source {
  const start = (): Entry => ({ story: newStory(), next: 0, headNs: null, batches });
  // A generator object is its own iterator: a second reading would find it empty.
  const isReadOnce = Object.is(batches[Symbol.asyncIterator](), batches);
  return { start, enter: isReadOnce ? null : async () => start(), isIndexed: false, extent: null };
}

/** A recording that can be entered at any moment. */
export function sourceOfTrace(trace: SeekableTrace, storyOf: (model: Model | null) => Story): Source {
  async function* fromStart(): AsyncGenerator<readonly Event[]> {
    const { batches } = await trace.seek({ events: 0 });
    yield* batches;
  }
  return {
    start: () => ({ story: storyOf(null), next: 0, headNs: null, batches: fromStart() }),
    async enter(destination) {
      const goal = 'ns' in destination ? { ns: destination.ns as BootNs } : destination;
      const { position, model, batches } = await trace.seek(goal);
      const headNs = position.events === 0 ? null : position.ts;
      return { story: storyOf(model), next: position.events, headNs, batches };
    },
    isIndexed: true,
    extent: { fromNs: trace.from, toNs: trace.to },
  };
}
