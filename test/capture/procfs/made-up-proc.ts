/** A made-up /proc: the few files of it that a test is about. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryDirectory } from '../../fixtures/temporary.ts';

/** Path → text; a text that begins with `-> ` makes a symbolic link. */
export type Tree = Readonly<Record<string, string>>;

/** Puts the tree up in a directory of its own that goes away with the test; returns its root. */
export async function makeTree(t: TestContext, tree: Tree): Promise<string> {
  const root = await temporaryDirectory(t);
  for (const [path, text] of Object.entries(tree)) {
    const place = join(root, path);
    await mkdir(dirname(place), { recursive: true });
    if (text.startsWith('-> ')) await symlink(text.slice(3), place);
    else await writeFile(place, text);
  }
  return root;
}

/** The files of a process with one thread that sleeps in `wchan`, beside what the test itself puts there. */
export function sleepingProcess(pid: number, comm: string, wchan = '0', state = 'S'): Tree {
  const stat = statLine(pid, comm, { state });
  return {
    [`${pid}/comm`]: `${comm}\n`,
    [`${pid}/stat`]: stat,
    [`${pid}/task/${pid}/stat`]: stat,
    [`${pid}/task/${pid}/wchan`]: wchan,
  };
}

/** /proc/PID/stat as 6.18 printed it, with these facts put in. */
export function statLine(pid: number, comm: string, facts: { state?: string; flags?: number } = {}): string {
  const { state = 'S', flags = 4194304 } = facts;
  return `${pid} (${comm}) ${state} 18753 18753 15867 0 -1 ${flags} 2932 6555 8 0 3 1 3 1 20 0 1 0 1347841 17002496 3368 18446744073709551615 94301644333056 94301644333397 140731414822224 0 0 0 0 16781318 268435456 1 0 0 17 1 0 0 0 0 0 94301644344752 94301644345368 94302567759872 140731414825206 140731414825252 140731414825252 140731414826959 0\n`;
}
