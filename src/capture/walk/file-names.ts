/** Names for files that nobody has open: from the kernel's cache of names, by way of their pages. */
import { deviceName } from '../../event/column.ts';
import type { RawRow } from '../../event/encode.ts';
import type { Mount } from '../../event/header.ts';
import { pathsThroughMounts } from '../../event/mounted-path.ts';
import { commonColumns, type RowContext } from '../procfs/walk-row.ts';
import { planVisits } from './hiding.ts';
import type { Grounds } from './look-inside.ts';
import { type Printed, readText, withTag } from './printed.ts';

const MOST_FILES = 200;
/** Of a name, in each line that names.bt prints. */
const PIECE_BYTES = 32;

/** Rows that name the files of these pages. */
export async function nameFiles(
  context: RowContext,
  { programs, placeholders }: Grounds,
  pages: readonly Printed<'pages'>[],
  mounts: readonly Mount[],
): Promise<readonly RawRow[]> {
  const byFile = new Map(pages.map((run) => [`${run.dev}:${run.ino}`, run]));
  if (byFile.size === 0) return [];
  const hideouts = [...byFile.values()]
    .slice(0, MOST_FILES)
    .map(({ mapping }) => ({ file: mapping, object: '0', inner: mapping, entries: 1 }));
  const { hidden } = planVisits(new Map(), hideouts, placeholders);
  const printed = withTag(await programs.run('names', 'names', { hidden }), 'name');
  return [...byFile.values()].flatMap(({ dev, ino }): RawRow[] => {
    const parts = partsOf(printed.filter((part) => part.dev === dev && part.ino === ino));
    const device = deviceName(Number(dev));
    const path = parts.at(-1) === '/' ? mountedPath(mounts, device, parts) : parts[0];
    if (path === undefined || path === '') return [];
    const fs = mounts.find((mount) => mount.dev === device)?.fs ?? '';
    return [{ kind: 'walk.named', ...commonColumns(context, 0), dev, ino, path, fs }];
  });
}

function mountedPath(mounts: readonly Mount[], device: string, parts: readonly string[]): string {
  const inside = `/${parts.slice(0, -1).reverse().join('/')}`;
  return pathsThroughMounts(mounts, device, inside)[0] ?? `[${device}]${inside}`;
}

/** From the file up to its file system's root: whole names from their pieces. */
function partsOf(pieces: readonly Printed<'name'>[]): readonly string[] {
  const names = new Map<number, (readonly string[])[]>();
  for (const { depth, at, text1, text2, text3, text4 } of pieces) {
    const name = names.get(Number(depth)) ?? [];
    name[Number(at) / PIECE_BYTES] = [text1, text2, text3, text4];
    names.set(Number(depth), name);
  }
  return [...names.entries()]
    .sort(([one], [other]) => one - other)
    .map(([, texts]) => readText(...texts.flat()));
}
