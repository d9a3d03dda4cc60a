/** RDMA's memory regions: who registered them, on which device, and their pages. */
import { type Hideout, planVisits } from './hiding.ts';
import type { Grounds } from './look-inside.ts';
import { cutGroups, type Owner, type PlaceOf, readOwners } from './owners.ts';
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

const PAGE_BYTES = 4096;
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
  const found = new Map<string, { readonly row: Printed<'region'>; readonly hideout: Hideout }>();
  const dark = new Map<string, DarkRegion>();
  for (const row of withTag(printed, 'region')) {
    const place = placeOf(row);
    if (place === null) continue;
    if (row.owner === '0') {
      const device = names.get(row.mr) ?? '';
      dark.set(row.mr, { device, driver: Number(row.driver), taker: takerOf(row) });
      continue;
    }
    const entries = Math.ceil(Number(row.bytes) / PAGE_BYTES) + 1;
    const { file, object } = place;
    found.set(`${row.owner} ${file}`, { row, hideout: { file, object, inner: row.owner, entries } });
  }
  if (found.size === 0) return { regions: [], dark: [...dark.values()] };
  const second = planVisits(
    new Map(),
    [...found.values()].map(({ hideout }) => hideout),
    placeholders,
  );
  const owners = readOwners(
    await programs.run('region-pages', 'rdma-mr', { hidden: second.hidden }),
    'rdma-mr',
    second.placeOf,
  );
  const regions = [...found.values()].flatMap(({ row, hideout }): Region[] => {
    const found = owners.find(({ object, reach }) => object === row.owner && reach === hideout.file);
    // Where its memory is another one's by now, what was printed of it is not this region's.
    const isSame = found?.address === row.address && found.bytes === Number(row.bytes);
    const owner = isSame && found !== undefined ? found : unseen(row, hideout);
    return [{ owner, device: names.get(row.mr) ?? '', taker: takerOf(row), write: row.write === '1' }];
  });
  return { regions, dark: [...dark.values()] };
}

function unseen(row: Printed<'region'>, { file, entries }: Hideout): Owner {
  return {
    via: 'rdma-mr',
    object: row.owner,
    reach: file,
    entries,
    address: row.address,
    bytes: Number(row.bytes),
    runs: [],
    whole: false,
  };
}

function takerOf({ taker, gone, comm1, comm2 }: Printed<'region'>): Region['taker'] {
  return { pid: Number(taker), comm: readText(comm1, comm2), gone: gone !== '0' };
}
