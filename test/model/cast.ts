/** Three processes, a file that they pin, and the calls that they make, for the tests of operations and waits. */
import type { Event, InodeKey } from '../../src/event/event.ts';
import { findings, whoAnswer } from '../../src/model/model.ts';
import { at, DAX, hello, pipeEnd, play, row, who } from './rows.ts';

export const [a, b, c] = [who(10, 'a'), who(11, 'b'), who(12, 'c')];
export const init = who(1, 'init');
export const KEY = '259:0:131' as InodeKey;

const born = [a, b, c].flatMap((each) => [
  row(0.1, init, 'task.forked', { child: each.pid }),
  row(0.2, each, 'task.executed'),
]);
export const begin: readonly Event[] = [hello(), ...born];

export function pinBy(by: typeof a, s: number, pipe: number, place = DAX): Event[] {
  return [
    row(s, by, 'fd.installed', { ...pipeEnd(pipe + 1, pipe), fd: 3 }),
    row(s, by, 'pin.taken', {
      object: pipe,
      reach: pipe,
      ...at(place),
      page: pipe,
      pages: 2,
      via: 'vmsplice',
    }),
  ];
}

export const began = (s: number, by = c, place = DAX) =>
  row(s, by, 'truncate.began', { ...at(place), from: 65536, to: 0, how: 1, name: place.name });
export const ended = (s: number, result = 0, by = c, place = DAX) =>
  row(s, by, 'truncate.ended', { ...at(place), result });
export const waits = (s: number, page: number, by = c, place = DAX) =>
  row(s, by, 'wait.began', { ...at(place), page, on: 'dax-page' });
export const goesOn = (s: number, by = c, place = DAX) => row(s, by, 'wait.ended', at(place));

export function operationsIn(events: readonly Event[], key = KEY) {
  return whoAnswer(play([...begin, ...events]), key).operations;
}

export function idsIn(events: readonly Event[]): string[] {
  return findings(play([...begin, ...events])).map(({ id, certainty, pids }) => `${id} ${certainty} ${pids}`);
}
