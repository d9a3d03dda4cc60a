/**
 * The version of the model is the text of its code, and of that which writes it down: a checkpoint is used only by the
 * very code that made it, and one of any other version is dropped and its rows are replayed. Nobody has to remember to
 * count a number up.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a checkpoint holds is made by these rooms. */
const ROOMS = ['base', 'event', 'model'];
/** How it is written down. */
const GRAPH = ['graph', 'shapes'];

let known: string | null = null;

/** A short hash of all that decides what a checkpoint of these rows looks like. */
export function modelVersion(): string {
  known ??= hashRooms();
  return known;
}

function hashRooms(): string {
  const here = fileURLToPath(import.meta.url);
  const source = join(here, '..', '..');
  const hash = createHash('sha256');
  for (const room of ROOMS) {
    const paths = readdirSync(join(source, room), { recursive: true, encoding: 'utf8' })
      .filter((path) => extname(path) === extname(here) && !path.endsWith('.d.ts'))
      .sort();
    for (const path of paths) hash.update(path).update(readFileSync(join(source, room, path)));
  }
  for (const name of GRAPH) hash.update(readFileSync(join(here, '..', `${name}${extname(here)}`)));
  return hash.digest('hex').slice(0, 16);
}
