/** Memory that programs gave to devices by VFIO: who gave it, and its pages where the IOMMU's tables can be read. */
import { type Hideout, planVisits } from './hiding.ts';
import { type Grounds, lookAtParts, type Part } from './look-inside.ts';
import { cutGroups, type PlaceOf } from './owners.ts';
import { readText, withTag } from './printed.ts';
import type { OwnerTold } from './rows.ts';

/** Pieces of memory in one container that are looked for, at most: type 1 itself allows 65,535 (dma_entry_limit). */
const MANY_PIECES = 5_000;
/** Steps through the tree for each piece: down to it and up again. */
const STEPS = 2;

/** All pieces behind descriptors and in `hideouts`; those whose pages could not be looked at have none. */
export async function lookForGivenMemory(
  grounds: Grounds,
  hideouts: readonly Hideout[],
): Promise<readonly OwnerTold[]> {
  const { programs, placeholders, opened } = grounds;
  const once = planVisits(opened, hideouts, placeholders);
  const seen = await programs.run('vfio', 'vfio', { hidden: once.hidden });
  const cut = withTag(seen, 'rest').flatMap((rest) => once.placeOf(rest) ?? []);
  const entries = MANY_PIECES * STEPS;
  const large = [...new Map(cut.map(({ file, object }) => [object, { file, object, entries }])).values()];
  const again = planVisits(new Map(), large, placeholders);
  const rest = large.length === 0 ? [] : await programs.run('vfio', 'vfio', { hidden: again.hidden });
  if (cutGroups(rest, again.placeOf).size > 0) {
    programs.say(
      'vfio',
      `one container has more than ${MANY_PIECES} pieces of memory: not all were looked at`,
    );
  }
  const placeOf: PlaceOf = (visit) => once.placeOf(visit) ?? again.placeOf(visit);
  const found = new Map<string, { readonly part: Part; readonly told: Omit<OwnerTold, 'owner'> }>();
  for (const row of withTag([...seen, ...rest], 'mapping')) {
    const place = placeOf(row);
    if (place === null) continue;
    const { file, object } = place;
    const { dma: inner, address, taker, gone, comm1, comm2, write } = row;
    found.set(inner, {
      part: { file, object, inner, address, bytes: Number(row.bytes) },
      told: {
        device: '',
        taker: { pid: Number(taker), comm: readText(comm1, comm2), gone: gone !== '0' },
        write: write === '1',
      },
    });
  }
  const parts = [...found.values()].map(({ part }) => part);
  const owners = await lookAtParts(grounds, { program: 'vfio-pages', via: 'vfio' }, parts);
  return [...found.values()].flatMap(({ part, told }) => {
    const owner = owners.get(part);
    return owner === undefined ? [] : [{ owner, ...told }];
  });
}
