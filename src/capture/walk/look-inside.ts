/**
 * Looks into one kind of object: at every descriptor that leads to one, at those that are hidden, and again, in as many
 * visits as it takes, at those that are too large for one.
 */
import { type Hideout, planVisits } from './hiding.ts';
import { cutGroups, type Owner, type OwnerVia, readOwners } from './owners.ts';
import type { Placeholders } from './placeholders.ts';
import { type Printed, withTag } from './printed.ts';
import type { Programs } from './programs.ts';

export interface Grounds {
  readonly programs: Programs;
  readonly placeholders: Placeholders;
  /** By `pid:fd`. */
  readonly opened: ReadonlyMap<string, Printed<'open'>>;
}

/** Entries of a table whose size is not known before it was looked at. */
const SOME_ENTRIES = 1_000;

/** The owners of pages behind all descriptors and in `hideouts`. */
export async function lookForOwners(
  { programs, placeholders, opened }: Grounds,
  { program, via }: { readonly program: string; readonly via: OwnerVia },
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

/** The later look at the same owner counts, unless it saw less. */
function preferWhole(earlier: readonly Owner[], later: readonly Owner[]): readonly Owner[] {
  const byKey = new Map(earlier.map((owner) => [`${owner.object} ${owner.reach}`, owner]));
  for (const owner of later) {
    const key = `${owner.object} ${owner.reach}`;
    if (byKey.get(key)?.whole !== true) byKey.set(key, owner);
  }
  return [...byKey.values()];
}
