/** What is left of a played story for a person to read: `played/` of the cache, and the directory of `--keep`. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './paths.ts';
import type { Traced } from './trace.ts';

/** Where plays are kept. */
export const PLAYED = join(CACHE, 'played');

interface Play {
  readonly name: string;
  readonly kernel: string;
  readonly late: boolean;
}

/** How the files of a play begin. */
export function stemOf({ name, kernel, late }: Play): string {
  return `${name}.${kernel}${late ? '.late' : ''}`;
}

/**
 * Writes what was told, said and answered as NAME.KERNEL[.late].*, and copies the recording there and to `dir`. Returns
 * the recording's path in `played/`; undefined when there is none.
 */
export function keepPlayed(traced: Traced, play: Play, dir: string | undefined): string | undefined {
  mkdirSync(PLAYED, { recursive: true });
  const stem = stemOf(play);
  const { exitCode, timedOut } = traced;
  const texts = {
    'ended.json': `${JSON.stringify({ exitCode, timedOut })}\n`,
    'truth.ndjson': traced.stdout,
    stderr: traced.stderr,
    ...(play.late
      ? { json: traced.asked?.json, txt: traced.asked?.text, 'who.stderr': traced.asked?.stderr }
      : {}),
  };
  for (const [extension, text] of Object.entries(texts)) {
    const path = join(PLAYED, `${stem}.${extension}`);
    // not an older run's
    if (text === undefined) rmSync(path, { force: true });
    else writeFileSync(path, text);
  }
  const file = `${stem}.ndjson.gz`;
  rmSync(join(PLAYED, file), { force: true });
  if (traced.recording === undefined) return undefined;
  copyFileSync(traced.recording, join(PLAYED, file));
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true });
    copyFileSync(traced.recording, join(dir, file));
  }
  return join(PLAYED, file);
}
