/**
 * Looks into one kind of object: at every descriptor that leads to one, at those that are hidden, and again, in as many
 * visits as it takes, at those that are too large for one.
 */
import { type Hideout, planVisits } from './hiding.ts';
import { cutGroups, type Owner, type OwnerVia, reachOf, readOwners } from './owners.ts';
import type { Placeholders } from './placeholders.ts';
import { type Printed, withTag } from './printed.ts';
import type { Programs } from './programs.ts';

export interface Grounds {
  readonly programs: Programs;
  readonly placeholders: Placeholders;
  /** By `pid:fd`. */
  readonly opened: ReadonlyMap<string, Printed<'open'>>;
}

/** What to run, and how answers call what it finds. */
export interface Look {
  readonly program: string;
  readonly via: OwnerVia;
}

/** An owner inside an open file that has a visit of its own: a memory region, a piece of memory given to a device. */
export interface Part {
  /** The open file through which it was found. */
  readonly file: string;
  /** That file's private_data. */
  readonly object: string;
  /** Its own address. */
  readonly inner: string;
  /** In user space, where it began. */
  readonly address: string;
  readonly bytes: number;
}

const PAGE_BYTES = 4096;

/** Entries of a table whose size is not known before it was looked at. */
const SOME_ENTRIES = 1_000;

/** The owners of pages behind all descriptors and in `hideouts`. */
export async function lookForOwners(
  { programs, placeholders, opened }: Grounds,
  { program, via }: Look,
  hideouts: readonly Hideout[],
): Promise<readonly Owner[]> {
  const first = planVisits(opened, hideouts, placeholders);
  const printed = await programs.run(program, via, { hidden: first.hidden });
  const owners = readOwners(printed, via, first.placeOf);
  const cut = cutGroups(printed, first.placeOf);
  if (cut.size === 0) return owners;
  const large = new Map<string, Hideout>();
  for (const rest of withTag(printed, 'rest')) {
    const place = first.placeOf(rest);
    if (place === null || !cut.has(place.group)) continue;
    const { file, object, group } = place;
    const inside = withTag(printed, 'owner').filter((owner) => first.placeOf(owner)?.group === group);
    const entries = inside.reduce((sum, owner) => sum + Number(owner.entries), SOME_ENTRIES);
    large.set(file, { file, object, entries });
  }
  const second = planVisits(new Map(), [...large.values()], placeholders);
  const rest = await programs.run(program, via, { hidden: second.hidden });
  if (cutGroups(rest, second.placeOf).size > 0)
    programs.say(via, 'an object was too large to be looked at whole');
  return preferWhole(owners, readOwners(rest, via, second.placeOf));
}

/** The owners that these parts are, each with the pages that were found; without any where it is another one's by now. */
export async function lookAtParts(
  { programs, placeholders }: Grounds,
  { program, via }: Look,
  parts: readonly Part[],
): Promise<ReadonlyMap<Part, Owner>> {
  if (parts.length === 0) return new Map();
  const hideouts = parts.map((part) => ({ ...part, entries: entriesOf(part) }));
  const visits = planVisits(new Map(), hideouts, placeholders);
  const owners = readOwners(await programs.run(program, via, { hidden: visits.hidden }), via, visits.placeOf);
  return new Map(
    parts.map((part) => {
      const reach = reachOf(via, part);
      const found = owners.find((owner) => owner.object === part.inner && owner.reach === reach);
      const isSame = found?.address === part.address && found.bytes === part.bytes;
      return [part, isSame && found !== undefined ? found : unseen(via, part)];
    }),
  );
}

function unseen(via: OwnerVia, part: Part): Owner {
  const { inner, address, bytes } = part;
  const entries = entriesOf(part);
  return { via, object: inner, reach: reachOf(via, part), entries, address, bytes, runs: [], whole: false };
}

function entriesOf({ bytes }: Part): number {
  return Math.ceil(bytes / PAGE_BYTES) + 1;
}

/** The later look at the same owner counts, unless it saw less. */
function preferWhole(earlier: readonly Owner[], later: readonly Owner[]): readonly Owner[] {
  const byKey = new Map(earlier.map((owner) => [`${owner.object} ${owner.reach}`, owner]));
  for (const owner of later) {
    const key = `${owner.object} ${owner.reach}`;
    if (byKey.get(key)?.whole !== true) byKey.set(key, owner);
  }
  return [...byKey.values()];
}
