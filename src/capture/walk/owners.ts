/**
 * Owner objects and their pages, put together from what the programs printed. An object is printed at each descriptor
 * that leads to it, and a large one in several visits: here it is one.
 */
import { type Printed, withTag } from './printed.ts';

/** The `via` of walk.pinned: by what the pages came to be held. */
export type OwnerVia = 'vmsplice' | 'io_uring-buffer' | 'xdp-umem' | 'rdma-mr' | 'vfio';

/** One owner of pages, as one open file leads to it. */
export interface Owner {
  readonly via: OwnerVia;
  /** Kernel address of the owner, as text: the pipe, the buffer, the umem. */
  readonly object: string;
  /** What an open file must be, or have as private_data, to keep it alive. */
  readonly reach: string;
  readonly entries: number;
  /** In user space, where it began; 0 where the object does not tell. */
  readonly address: string;
  readonly bytes: number;
  readonly runs: readonly Printed<'pages'>[];
  /** All its entries were looked at. */
  readonly whole: boolean;
  /** Another ring has the same buffer: its pages are counted there. */
  readonly isShare?: boolean;
}

/** The open file that was looked into at a visit. */
export interface Place {
  readonly file: string;
  readonly object: string;
  /** What was meant inside the file, if it was not the file itself. */
  readonly inner?: string;
  /** The same for visits that go on where the one before stopped. */
  readonly group: string;
  readonly visits: number;
}

export type PlaceOf = (visit: { readonly pid: string; readonly fd: string }) => Place | null;

/** The owners that one program printed, each once for every `reach`: a whole one where there is one. */
export function readOwners(printed: readonly Printed[], via: OwnerVia, placeOf: PlaceOf): readonly Owner[] {
  const cut = cutGroups(printed, placeOf);
  const runs = groupRuns(printed, placeOf);
  const owners = new Map<string, Owner>();
  for (const header of withTag(printed, 'owner')) {
    const place = placeOf(header);
    if (place === null) continue;
    const reach = reachOf(via, place);
    const key = `${header.owner} ${reach}`;
    if (owners.get(key)?.whole === true) continue;
    owners.set(key, {
      via,
      object: header.owner,
      reach,
      entries: Number(header.entries),
      address: header.address,
      bytes: Number(header.bytes),
      runs: joinRuns(runs.get(`${place.group} ${header.owner}`) ?? []),
      whole: !cut.has(place.group),
    });
  }
  return [...owners.values()];
}

/** What of an open file keeps an owner alive that was found there. */
export function reachOf(via: OwnerVia, { file, object }: Pick<Place, 'file' | 'object'>): string {
  return via === 'rdma-mr' ? file : object;
}

/** Pages in all runs. */
export function pagesIn(runs: readonly Printed<'pages'>[]): number {
  return runs.reduce((sum, run) => sum + Number(run.pages), 0);
}

/** The visits, by their group, after whose last one something was left. */
export function cutGroups(printed: readonly Printed[], placeOf: PlaceOf): ReadonlySet<string> {
  const left = new Map<string, number>();
  const cut = new Set<string>();
  for (const rest of withTag(printed, 'rest')) {
    const place = placeOf(rest);
    if (place === null) continue;
    const times = (left.get(place.group) ?? 0) + 1;
    left.set(place.group, times);
    if (times >= place.visits) cut.add(place.group);
  }
  return cut;
}

function groupRuns(printed: readonly Printed[], placeOf: PlaceOf): Map<string, Printed<'pages'>[]> {
  const groups = new Map<string, Printed<'pages'>[]>();
  for (const run of withTag(printed, 'pages')) {
    const place = placeOf(run);
    if (place === null) continue;
    const key = `${place.group} ${run.owner}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [run]);
    else known.push(run);
  }
  return groups;
}

/** Runs that a visit's end cut apart are one again. */
function joinRuns(runs: readonly Printed<'pages'>[]): readonly Printed<'pages'>[] {
  const joined: Printed<'pages'>[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    const isNext =
      last !== undefined &&
      last.mapping === run.mapping &&
      Number(last.index) + Number(last.pages) === Number(run.index);
    if (!isNext) {
      joined.push(run);
      continue;
    }
    const pages = String(Number(last.pages) + Number(run.pages));
    const bytes = String(Number(last.bytes) + Number(run.bytes));
    joined[joined.length - 1] = { ...last, pages, bytes };
  }
  return joined;
}
