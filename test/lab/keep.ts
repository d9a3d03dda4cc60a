/** What is left of a played story for a person to read: `played/` of the cache, and the directory of `--keep`. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './paths.ts';
import type { Traced } from './trace.ts';

/**
 * Writes what was told, said and answered as NAME.KERNEL[.late].*, and copies the recording there and to `dir`. Returns
 * the recording's path in `played/`; undefined when there is none.
 */
export function keepPlayed(
  traced: Traced,
  { name, kernel, late }: { readonly name: string; readonly kernel: string; readonly late: boolean },
  dir: string | undefined,
): string | undefined {
  const played = join(CACHE, 'played');
  mkdirSync(played, { recursive: true });
  const stem = `${name}.${kernel}${late ? '.late' : ''}`;
  const texts = {
    'truth.ndjson': traced.stdout,
    stderr: traced.stderr,
    ...(late
      ? { json: traced.asked?.json, txt: traced.asked?.text, 'who.stderr': traced.asked?.stderr }
      : {}),
  };
  for (const [extension, text] of Object.entries(texts)) {
    const path = join(played, `${stem}.${extension}`);
    // not an older run's
    if (text === undefined) rmSync(path, { force: true });
    else writeFileSync(path, text);
  }
  const file = `${stem}.ndjson.gz`;
  rmSync(join(played, file), { force: true });
  if (traced.recording === undefined) return undefined;
  copyFileSync(traced.recording, join(played, file));
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true });
    copyFileSync(traced.recording, join(dir, file));
  }
  return join(played, file);
}
