/**
 * A file's story in order, with a lane for each lease, pin and wait. It is put together from what is remembered of the
 * file, so it is the same live and in a replay.
 */
import type { InodeKey } from '../../event/event.ts';
import type { TimelineEntry } from '../answer.ts';
import { generationsOf } from '../inodes.ts';
import type { Inode, Model } from '../state.ts';
import type { Moment } from './moment.ts';
import { filesWorthTelling } from './report.ts';
import { storyOf } from './story.ts';

/** The story of the file with this key, oldest first; empty where nothing is known. */
export function timeline(model: Model, key: InodeKey): readonly TimelineEntry[] {
  const inode = model.inodes.get(key);
  return inode === undefined ? [] : timelineOf(model, generationsOf(inode));
}

/** The stories of the files of a report, in the order of its `files`: of the first `most` of them. */
export function timelines(
  model: Model,
  most: number = Number.POSITIVE_INFINITY,
): readonly (readonly TimelineEntry[])[] {
  return filesWorthTelling(model)
    .slice(0, most)
    .map((inode) => timelineOf(model, [inode]));
}

function timelineOf(model: Model, inodes: readonly Inode[]): readonly TimelineEntry[] {
  const moments = inodes.flatMap((inode) => storyOf(model, inode)).sort((one, other) => one.at - other.at);
  const lanes = createLanes();
  return moments.map((moment) => {
    const { at, task, what, text } = moment;
    const span = lanes.place(moment);
    const entry = { at_ns: at, pid: task?.pid ?? 0, what, text };
    return span === null ? entry : { ...entry, span };
  });
}

type Span = NonNullable<TimelineEntry['span']>;

/** Gives each span the lowest lane that is free when it starts. */
function createLanes(): { readonly place: (moment: Moment) => Span | null } {
  const taken: (object | null)[] = [];
  function place({ starts, ends }: Moment): Span | null {
    if (starts !== undefined) {
      const free = taken.indexOf(null);
      const lane = free < 0 ? taken.length : free;
      taken[lane] = starts;
      return { lane, edge: 'start' };
    }
    const lane = ends === undefined ? -1 : taken.indexOf(ends);
    if (lane < 0) return null;
    taken[lane] = null;
    return { lane, edge: 'end' };
  }
  return { place };
}
