/** The checkpoints of a recording: those in the file, and those made while it was read. */
import type { FileHandle } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openFile, readUpTo } from './bytes.ts';
import { type Checkpoint, isOurVersion, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { LABEL_BYTES, readLabel } from './member.ts';
import { type FoundMember, findMembers, readBeginning, readMember } from './member-reader.ts';
import { hasLabel } from './reader.ts';
import type { Tracker } from './tracker.ts';

/** A place from which reading can go on. */
export interface Mark {
  /** Events before it, and the time of the last of them. */
  readonly events: number;
  readonly ts: number;
  /** Where in the file the rows after it begin. */
  readonly offset: number;
  /** null where another version of the model made it, or where it is damaged. */
  readonly load: () => Promise<Checkpoint | null>;
}

export interface Marks {
  /** The last row's time as the recording's index tells it; null where it has none. */
  readonly to: number | null;
  /** Those that lie before the goal, nearest first. */
  readonly before: (goal: { readonly events: number; readonly ns: number }) => readonly Mark[];
  readonly first: () => Mark | null;
  readonly last: () => Mark | null;
  /** Keeps the state at a place that was reached, where none is kept nearby. `offset`: where its next rows begin. */
  readonly keep: (tracker: Tracker, offset: number) => void;
  /** A checkpoint could not be used. */
  readonly drop: (mark: Mark) => void;
}

/** Events between two marks in memory, and how many there may be: when there are more, every second one goes. */
const EVENTS_APART = 200_000;
const MOST_KEPT = 32;
/** An ending is a short line. */
const LONGEST_END_BYTES = 64 << 10;

/** Finds the checkpoints of a recording without reading its rows. */
export async function findMarks(path: string): Promise<Marks> {
  const opened = await openFile(path);
  if (!opened.ok) return createMarks([], null);
  const { file } = opened.value;
  try {
    if (!(await hasLabel(file))) return createMarks([], null);
    const index = await readIndex(file);
    const members = index?.members ?? (await findCheckpoints(file));
    return createMarks(
      members.map((member) => toMark(path, member)),
      index?.to ?? null,
    );
  } finally {
    await file.close();
  }
}

function toMark(path: string, member: FoundMember): Mark {
  const { label, offset } = member;
  const [, events, ts] = label.numbers;
  async function load(): Promise<Checkpoint | null> {
    const opened = await openFile(path);
    if (!opened.ok) return null;
    try {
      const isOfUse = isOurVersion(await readBeginning(opened.value.file, member));
      return isOfUse ? readCheckpoint(await readMember(opened.value.file, member)) : null;
    } catch {
      return null;
    } finally {
      await opened.value.file.close();
    }
  }
  return { events, ts, offset: offset + label.bytes, load };
}

/** Up to the first ending: behind it another recording may begin, whose checkpoints do not know this one. */
async function findCheckpoints(file: FileHandle): Promise<readonly FoundMember[]> {
  const found: FoundMember[] = [];
  for await (const member of findMembers(file, 0)) {
    if (member.label.kind === 'end') break;
    if (member.label.kind === 'checkpoint') found.push(member);
  }
  return found;
}

interface Index {
  readonly to: number;
  readonly members: readonly FoundMember[];
}

/** The index, found by the label of the last member; null where that is not an ending of this one recording. */
async function readIndex(file: FileHandle): Promise<Index | null> {
  const { size } = await file.stat();
  const length = Math.min(size, LONGEST_END_BYTES);
  const tail = await readUpTo(file, length, size - length);
  for (let at = tail.length - LABEL_BYTES; at >= 0; at--) {
    const label = tail[at] === 0x1f ? readLabel(tail, at) : null;
    if (label === null) continue;
    const [indexAt, endAt] = label.numbers;
    const isLast =
      label.kind === 'end' && endAt === size - tail.length + at && at + label.bytes === tail.length;
    return isLast ? parseIndex(file, indexAt) : null;
  }
  return null;
}

async function parseIndex(file: FileHandle, offset: number): Promise<Index | null> {
  try {
    const member = await memberAt(file, offset);
    if (member?.label.kind !== 'index') return null;
    const fields: unknown = JSON.parse((await readMember(file, member)).toString());
    if (typeof fields !== 'object' || fields === null || !('to' in fields) || !('checkpoints' in fields))
      return null;
    if (typeof fields.to !== 'number' || !Array.isArray(fields.checkpoints)) return null;
    const offsets = fields.checkpoints.map((each: { readonly offset?: unknown }) => Number(each.offset));
    const members = await Promise.all(offsets.map((each) => memberAt(file, each)));
    return {
      to: fields.to,
      members: members.filter((each) => each?.label.kind === 'checkpoint') as FoundMember[],
    };
  } catch {
    return null;
  }
}

async function memberAt(file: FileHandle, offset: number): Promise<FoundMember | null> {
  const label = readLabel(await readUpTo(file, LABEL_BYTES, offset));
  return label === null ? null : { label, offset };
}

function createMarks(inFile: readonly Mark[], to: number | null): Marks {
  /** In order of events. */
  let marks: Mark[] = [...inFile];
  let kept = 0;

  function before(goal: { readonly events: number; readonly ns: number }): readonly Mark[] {
    return marks.filter((mark) => mark.events <= goal.events && mark.ts <= goal.ns).reverse();
  }

  function keep(tracker: Tracker, offset: number): void {
    const { events, ts, rows } = tracker.place();
    const at = marks.findLastIndex((mark) => mark.events <= events);
    const isNear = (mark: Mark | undefined) =>
      mark !== undefined && Math.abs(mark.events - events) < EVENTS_APART;
    if (events < EVENTS_APART || isNear(marks[at]) || isNear(marks[at + 1])) return;
    const packed = gzipSync(writeCheckpoint({ rows, events, ts }, tracker.state()), { level: 1 });
    const load = async () => readCheckpoint(gunzipSync(packed));
    marks.splice(at + 1, 0, { events, ts, offset, load });
    kept += 1;
    if (kept <= MOST_KEPT) return;
    marks = marks.filter((mark, index) => inFile.includes(mark) || index % 2 === 0);
    kept = marks.length - inFile.length;
  }

  return {
    to,
    before,
    first: () => marks[0] ?? null,
    last: () => marks.at(-1) ?? null,
    keep,
    drop(mark) {
      marks = marks.filter((each) => each !== mark);
    },
  };
}
