/** Open files that no descriptor leads to: in sockets' queues, in rings' tables, behind mappings alone. */
import { type Hideout, KEPT_HOW, type Kept, planVisits, type Visits } from './hiding.ts';
import type { Grounds } from './look-inside.ts';
import { cutGroups } from './owners.ts';
import { type Printed, withTag } from './printed.ts';

/** S_IFMT's values of struct inode's i_mode (include/uapi/linux/stat.h). */
export const MODE = { pipe: 0x1000, device: 0x2000, regular: 0x8000, socket: 0xc000 } as const;
/** AF_UNIX and AF_XDP (include/linux/socket.h). */
const AF_UNIX = 1;
export const AF_XDP = 44;

/** A socket may be in another's queue, and so on: deeper ones are not followed. */
const DEEPEST = 5;
/** Files in a ring's table at most, when it turns out to be too large for one visit. */
const LARGE_TABLE = 16_384;

/** What a kept file is, beside where it is kept. */
export type KeptFile = Kept & { readonly extra: string };

/** Files in the queues of sockets, those of sockets that are themselves in a queue included. */
export async function lookIntoSockets({
  programs,
  placeholders,
  opened,
}: Grounds): Promise<readonly KeptFile[]> {
  const { say } = programs;
  const all: KeptFile[] = [];
  const seen = new Set<string>();
  let hideouts: Hideout[] = [];
  for (let depth = 0; depth < DEEPEST; depth++) {
    const visits = planVisits(depth === 0 ? opened : new Map(), hideouts, placeholders);
    const printed = await programs.run('sockets', 'fd-passing', { hidden: visits.hidden });
    const kept = keptIn(printed, visits, KEPT_HOW.queue);
    all.push(...kept);
    noteMissing(
      withTag(printed, 'queue').filter((row) => visits.placeOf(row) !== null),
      kept,
      say,
    );
    hideouts = [...socketsIn(kept), ...embryosIn(printed, visits)].filter(({ file, inner }) => {
      const key = inner ?? file;
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
    if (hideouts.length === 0) return all;
  }
  say('fd-passing', `sockets in queues of sockets were followed ${DEEPEST} deep, and there are more`);
  return all;
}

/** Files that rings have in their tables. */
export async function lookIntoRingTables(
  { programs, placeholders, opened }: Grounds,
  hideouts: readonly Hideout[],
): Promise<readonly KeptFile[]> {
  const first = planVisits(opened, hideouts, placeholders);
  const printed = await programs.run('ring-files', 'io_uring-files', { hidden: first.hidden });
  const cut = cutGroups(printed, first.placeOf);
  const kept = keptIn(printed, first, KEPT_HOW.ring);
  if (cut.size === 0) return kept;
  const large = withTag(printed, 'rest').flatMap((rest) => first.placeOf(rest) ?? []);
  const second = planVisits(
    new Map(),
    [...new Map(large.map(({ file, object }) => [file, { file, object, entries: LARGE_TABLE }])).values()],
    placeholders,
  );
  const rest = await programs.run('ring-files', 'io_uring-files', { hidden: second.hidden });
  const tables = new Set(large.map(({ object }) => object));
  return [...kept.filter(({ keeper }) => !tables.has(keeper)), ...keptIn(rest, second, KEPT_HOW.ring)];
}

/** Rings that are mapped by a process which has no descriptor of them. */
export function ringsBehindMappings(
  printed: readonly Printed[],
  opened: ReadonlyMap<string, Printed<'open'>>,
): readonly KeptFile[] {
  const held = new Set([...opened.values()].map(({ pid, file }) => `${pid} ${file}`));
  const found = new Map<string, KeptFile>();
  for (const ring of withTag(printed, 'ring')) {
    const key = `${ring.pid} ${ring.file}`;
    if (held.has(key)) continue;
    const { pid, file, object, dev, ino, mode } = ring;
    found.set(key, { pid, keeper: '0', how: KEPT_HOW.mapping, file, object, dev, ino, mode, extra: '0' });
  }
  return [...found.values()];
}

/** Each slot once, also where several descriptors lead to its keeper: the first visit of a queue or table counts. */
function keptIn(printed: readonly Printed[], { placeOf }: Visits, how: Kept['how']): readonly KeptFile[] {
  const firstVisit = new Map<string, string>();
  return withTag(printed, 'kept').flatMap((row): KeptFile[] => {
    const place = placeOf(row);
    if (place === null) return [];
    // Connections that nobody accepted share their listener's file: each has a queue of its own.
    const queue = `${row.keeper} ${place.inner ?? ''}`;
    if (!firstVisit.has(queue)) firstVisit.set(queue, place.group);
    if (firstVisit.get(queue) !== place.group) return [];
    const { keeper, file, object, dev, ino, mode, extra } = row;
    return [{ pid: '0', keeper, how, file, object, dev, ino, mode, extra }];
  });
}

function socketsIn(kept: readonly KeptFile[]): Hideout[] {
  return kept
    .filter(({ mode, extra }) => Number(mode) === MODE.socket && Number(extra) === AF_UNIX)
    .map(({ file, object }) => ({ file, object, entries: 1 }));
}

function embryosIn(printed: readonly Printed[], { placeOf }: Visits): Hideout[] {
  return withTag(printed, 'embryo').flatMap((embryo) => {
    const place = placeOf(embryo);
    if (place === null) return [];
    const { file, object } = place;
    return [{ file, object, inner: embryo.sk, entries: 1 }];
  });
}

/** The socket's own count of files in its queue tells whether all were found. */
function noteMissing(
  queues: readonly Printed<'queue'>[],
  kept: readonly KeptFile[],
  say: (path: string, reason: string) => void,
): void {
  const counted = new Map<string, number>();
  for (const { keeper, inflight, listening } of queues) {
    if (listening === '0') counted.set(keeper, Number(inflight));
  }
  for (const [keeper, count] of counted) {
    const found = kept.filter((each) => each.keeper === keeper).length;
    if (found < count)
      say('fd-passing', `${count} descriptors are in flight in one socket, ${found} were looked at`);
  }
}
