/** RDMA's memory regions: who registered them, on which device, and their pages. */
import { type Hideout, planVisits } from './hiding.ts';
import { type Grounds, lookAtParts, type Part } from './look-inside.ts';
import { cutGroups, type Owner, type PlaceOf } from './owners.ts';
import { type Printed, readText, withTag } from './printed.ts';

export interface Region {
  readonly owner: Owner;
  readonly device: string;
  /** Who registered it; the kernel keeps the name of one that is gone. */
  readonly taker: { readonly pid: number; readonly comm: string; readonly gone: boolean };
  readonly write: boolean;
}

/** A region whose driver's own structure is not known: it pins pages that were not found. */
export interface DarkRegion {
  readonly device: string;
  readonly driver: number;
  readonly taker: Region['taker'];
}

/** Objects of one uverbs file that are looked at, at most. */
const MANY_OBJECTS = 10_000;

/** All regions behind uverbs files. `dark` are those whose pages cannot be found here. */
export async function lookForRegions(
  { programs, placeholders, opened }: Grounds,
  hideouts: readonly Hideout[],
): Promise<{ readonly regions: readonly Region[]; readonly dark: readonly DarkRegion[] }> {
  const once = planVisits(opened, hideouts, placeholders);
  const seen = await programs.run('regions', 'rdma-mr', { hidden: once.hidden });
  const cut = withTag(seen, 'rest').flatMap((rest) => once.placeOf(rest) ?? []);
  const large = [
    ...new Map(cut.map(({ file, object }) => [file, { file, object, entries: MANY_OBJECTS }])).values(),
  ];
  const again = planVisits(new Map(), large, placeholders);
  const rest = large.length === 0 ? [] : await programs.run('regions', 'rdma-mr', { hidden: again.hidden });
  if (cutGroups(rest, again.placeOf).size > 0) {
    programs.say('rdma-mr', `one process has more than ${MANY_OBJECTS} RDMA objects: not all were looked at`);
  }
  const printed = [...seen, ...rest];
  const placeOf: PlaceOf = (visit) => once.placeOf(visit) ?? again.placeOf(visit);
  const names = new Map(
    withTag(printed, 'device').map(({ mr, name1, name2, name3 }) => [mr, readText(name1, name2, name3)]),
  );
  const found = new Map<string, { readonly row: Printed<'region'>; readonly part: Part }>();
  const dark = new Map<string, DarkRegion>();
  for (const row of withTag(printed, 'region')) {
    const place = placeOf(row);
    if (place === null) continue;
    if (row.owner === '0') {
      const device = names.get(row.mr) ?? '';
      dark.set(row.mr, { device, driver: Number(row.driver), taker: takerOf(row) });
      continue;
    }
    const { file, object } = place;
    const { owner: inner, address } = row;
    found.set(`${inner} ${file}`, { row, part: { file, object, inner, address, bytes: Number(row.bytes) } });
  }
  const owners = await lookAtParts(
    { programs, placeholders, opened },
    { program: 'region-pages', via: 'rdma-mr' },
    [...found.values()].map(({ part }) => part),
  );
  const regions = [...found.values()].flatMap(({ row, part }): Region[] => {
    const owner = owners.get(part);
    if (owner === undefined) return [];
    return [{ owner, device: names.get(row.mr) ?? '', taker: takerOf(row), write: row.write === '1' }];
  });
  return { regions, dark: [...dark.values()] };
}

function takerOf({ taker, gone, comm1, comm2 }: Printed<'region'>): Region['taker'] {
  return { pid: Number(taker), comm: readText(comm1, comm2), gone: gone !== '0' };
}
