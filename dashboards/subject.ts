/** What a key is about: the file, process or moment that the user looks at. */
import type { Event, InodeKey } from '../src/event/event.ts';
import { inodeKey } from '../src/event/event.ts';
import type { TimelineEntry } from '../src/model/answer.ts';
import { chosen } from './rows.ts';
import type { Lens, Place, Scene } from './scene.ts';

/** The file whose release plan is asked for; null where none is meant. */
export function planKey(scene: Scene): InodeKey | null {
  const { place } = scene.gaze;
  if (place.at === 'file') return place.key;
  const row = chosen(scene);
  switch (row?.kind) {
    case 'file':
      return row.id;
    case 'wait':
      return row.wait.kind === 'blocker'
        ? row.wait.first.key
        : row.wait.kind === 'wait'
          ? row.wait.edge.key
          : null;
    case 'process':
      return scene.reading.process(row.id)?.holds[0]?.key ?? null;
    case 'event':
      return 'dev' in row.event ? inodeKey(row.event.dev, row.event.ino) : null;
    default:
      return null;
  }
}

/** Where Enter leads; null where it leads nowhere. */
export function placeBehind(scene: Scene): Place | null {
  const { place, lens } = scene.gaze;
  if (place.at === 'file') return processBehind(scene, place.key, lens);
  const row = chosen(scene);
  switch (row?.kind) {
    case 'file':
      return { at: 'file', key: row.id };
    case 'process':
      return { at: 'process', pid: row.id };
    case 'wait':
      return row.wait.kind === 'wait'
        ? { at: 'file', key: row.wait.edge.key }
        : row.wait.kind === 'nobody'
          ? null
          : { at: 'process', pid: row.wait.task.pid };
    case 'event':
      return placeOfEvent(scene, row.event);
    default:
      return null;
  }
}

function placeOfEvent(scene: Scene, event: Event): Place | null {
  if ('dev' in event && 'ino' in event) {
    const file = scene.reading.file(inodeKey(event.dev, event.ino));
    if (file !== null) return { at: 'file', key: file.key };
  }
  return 'pid' in event && event.pid > 0 ? { at: 'process', pid: event.pid } : null;
}

/** From a file to the process of the moment under the cursor, or to its first holder. */
function processBehind({ reading }: Scene, key: InodeKey, lens: Lens): Place | null {
  const entries = reading.timeline(key);
  const moment = entries[cursorRow(entries, lens)];
  const [holder] = reading.who(key).holders;
  const pid = moment?.pid || holder?.held_by[0]?.pid || holder?.taken_by?.pid;
  return pid === undefined || pid === 0 ? null : { at: 'process', pid };
}

/** The place of the moment under the cursor among a file's moments: the last one where none was chosen. */
export function cursorRow(entries: readonly TimelineEntry[], { cursor }: Lens): number {
  if (cursor === null) return Math.max(0, entries.length - 1);
  const first = entries.findIndex(({ at_ns }) => at_ns >= cursor.at_ns);
  if (first < 0) return Math.max(0, entries.length - 1);
  const isThere = entries[first + cursor.nth]?.at_ns === cursor.at_ns;
  return isThere ? first + cursor.nth : first;
}
