/** Short ways to write the rows of a walk: what it finds lies between its beginning and its end, all of one moment. */
import type { Event, InodeKey } from '../../src/event/event.ts';
import type { Header } from '../../src/event/header.ts';
import type { PinHolder, WhoAnswer } from '../../src/model/answer.ts';
import { findings, whoAnswer } from '../../src/model/model.ts';
import { at, DAX, header, type Place, pipeEnd, play, row, uverbs, type Who, who } from './rows.ts';

export const KEY = '259:0:131' as InodeKey;
export const [B, C, D] = [who(209, 'prog'), who(222, 'prog'), who(172, 'other')];
const NOBODY = who(0, '');

type Columns = Readonly<Record<string, number | string>>;
/** Something that a walk finds, as of the moment at which it looks. */
export type Find = (s: number) => Event;

/** A whole walk at `s` seconds; `end` are the columns of its last row. */
export function walk(s: number, finds: readonly Find[], end: Columns = {}): Event[] {
  const found = finds.map((find) => find(s));
  const gaps = found.filter(({ kind }) => kind === 'walk.gap').length;
  return [
    row(s, NOBODY, 'walk.began'),
    ...found,
    row(s, NOBODY, 'walk.ended', { gaps, acquired: -1, released: -1, ...end }),
  ];
}

export const gap =
  (path: string, reason: string): Find =>
  (s) =>
    row(s, NOBODY, 'walk.gap', { path, reason });

export const named =
  (path: string, place = DAX): Find =>
  (s) =>
    row(s, B, 'walk.named', { ...at(place), path, fs: place.fs });

/** `by` has the open file with these columns under `fd`. */
export const held =
  (by: Who, fd: number, file: Columns, source = ''): Find =>
  (s) =>
    row(s, by, 'walk.held', { ...file, fd, source });

export const KEPT = { queue: 1, ring: 2, mapping: 3 } as const;
export const kept =
  (how: keyof typeof KEPT, file: Columns, keeper: number, by = NOBODY): Find =>
  (s) =>
    row(s, by, 'walk.kept', { ...file, keeper, how: KEPT[how] });

export const mapped =
  (by: Who, bytes: number, columns: Columns = {}, place = DAX): Find =>
  (s) =>
    row(s, by, 'walk.mapped', { ...at(place), bytes, ...columns });

/** A run of a pipe's pages, unless `columns` tell another owner. */
export const pinned =
  (columns: Columns = {}, place: Place = DAX, by = NOBODY): Find =>
  (s) =>
    row(s, by, 'walk.pinned', {
      object: PIPE,
      reach: PIPE,
      ...at(place),
      page: 700,
      pages: 16,
      bytes: 65536,
      via: 'vmsplice',
      ...columns,
    });

export const owner =
  (columns: Columns = {}): Find =>
  (s) =>
    row(s, NOBODY, 'walk.owner', {
      object: PIPE,
      reach: PIPE,
      pages: 16,
      seen: 16,
      via: 'vmsplice',
      ...columns,
    });

export const leased =
  (by: Who, columns: Columns = {}, place = DAX): Find =>
  (s) =>
    row(s, by, 'walk.leased', {
      lease: 800,
      file: 101,
      owner: 101,
      ...at(place),
      flags: 0x20,
      type: 1,
      recorded: by.pid,
      left: -1,
      ...columns,
    });

/** `by` has slept in a truncate for 3.2 s. */
export const sleeping =
  (by: Who, columns: Columns = {}, place = DAX): Find =>
  (s) =>
    row(s, by, 'walk.waiting', {
      ...at(place),
      op: 'truncate',
      on: 'dax-page',
      page: 700,
      index: 0,
      since: Math.round((s - 3.2) * 1e9),
      where: 'xfs_break_dax_layouts',
      ...columns,
    });

export const PIPE = 300;
export const [READ_END, WRITE_END] = [pipeEnd(301, PIPE), pipeEnd(302, PIPE)];
/** Both ends of the pipe in the hands of `by`. */
export const pipeOf = (by: Who, fds: readonly [number, number] = [4, 5]): Find[] => [
  held(by, fds[0], READ_END),
  held(by, fds[1], WRITE_END),
];
export const socket = (file: number, object: number): Columns => ({
  file,
  dev: '0:8',
  ino: 500 + file,
  mode: 0o140777,
  object,
});
export const ring = (file: number, object: number): Columns => ({
  file,
  dev: '0:15',
  ino: 41,
  mode: 0o600,
  object,
});
export const region = (columns: Columns = {}, by = NOBODY, place = DAX): Find[] => [
  pinned(
    {
      object: 900,
      reach: 60,
      pages: 256,
      bytes: 1_048_576,
      longterm: 1,
      write: 1,
      via: 'rdma-mr',
      device: 'rxe0',
      ...columns,
    },
    place,
    by,
  ),
  held(B, 3, uverbs(60)),
];

export const RAW: Header = { ...header, pointers: 'raw' };

export function answer(events: readonly Event[], key: InodeKey = KEY, withHeader = RAW): WhoAnswer {
  return whoAnswer(play(events, withHeader), key);
}

export function pinsIn(given: WhoAnswer): PinHolder[] {
  return given.holders.filter((holder) => holder.kind === 'pin');
}

/** Who holds now, by which descriptors, through what: "209 4,5 descriptor". */
export function handsIn(given: WhoAnswer): string[] {
  const live = given.holders.filter(({ ended_ns }) => ended_ns === undefined);
  return live.flatMap((holder) => holder.held_by.map(({ pid, fds, through }) => `${pid} ${fds} ${through}`));
}

export function idsIn(events: readonly Event[]): string[] {
  return findings(play(events, RAW)).map(({ id, certainty, pids }) => `${id} ${certainty} ${pids}`);
}
