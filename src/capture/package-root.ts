/** Where the package lies: the same files are found from the TypeScript sources and from the built dist/. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the folder that holds package.json. */
export function packageRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir);
  return dir;
}

/** The version in package.json. */
export function packageVersion(): string {
  const fields: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const version =
    typeof fields === 'object' && fields !== null && 'version' in fields ? fields.version : null;
  return typeof version === 'string' ? version : 'unknown';
}

/** The text of a file of the package, by its path from package.json. */
export function readPackageText(path: string): string {
  return readFileSync(join(packageRoot(), path), 'utf8');
}
