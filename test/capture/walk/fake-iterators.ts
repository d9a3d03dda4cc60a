/**
 * A stand-in for bpftrace that runs the walk's programs: it prints what is canned for the program that it is given, at
 * the descriptors which the program's text says. Real processes and pipes; only the kernel is made up.
 *
 *   node --import tsx fake-iterators.ts SCENARIO.json -e PROGRAM
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HiddenFile } from '../../../src/capture/walk/compose.ts';
import { temporaryDirectory } from '../../fixtures/temporary.ts';
import { type Canned, fillIn, type ProgramName } from './canned.ts';

export interface Scenario {
  readonly canned: Canned;
  /** These end with such words on standard error. */
  readonly fails?: Readonly<Partial<Record<ProgramName, string>>>;
  /** These never end by themselves. */
  readonly hangs?: readonly ProgramName[];
}

/** Puts the stand-in in bpftrace's place. `ran` tells which programs it was given so far, each with its process. */
export async function fakeIterators(context: TestContext, scenario: Scenario) {
  const directory = await temporaryDirectory(context);
  const scenarioPath = join(directory, 'scenario.json');
  await writeFile(scenarioPath, JSON.stringify(scenario));
  await writeFile(`${scenarioPath}.ran`, '');
  const command = [process.execPath, '--import', import.meta.resolve('tsx'), fileURLToPath(import.meta.url)];
  const path = join(directory, 'bpftrace');
  const words = [...command, scenarioPath].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  await writeFile(path, `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(path, 0o755);
  process.env.WHOPINS_BPFTRACE = path;
  return {
    ran: () =>
      readFileSync(`${scenarioPath}.ran`, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [name = '', pid = ''] = line.split(' ');
          return { name, pid: Number(pid) };
        }),
  };
}

/** What only this program, or none before it in the list, has in its text. */
const MARKS: readonly (readonly [ProgramName, string])[] = [
  ['open-files', '[\\"open\\"'],
  ['names', '[\\"name\\"'],
  ['leases', '[\\"lease\\"'],
  ['waiters', '[\\"waiter\\"'],
  ['sockets', '[\\"queue\\"'],
  ['ring-mappings', '[\\"ring\\"'],
  ['ring-files', '[\\"kept\\"'],
  ['regions', '[\\"region\\"'],
  ['region-pages', '@left'],
  ['rings', '@vecs'],
  ['umems', ' == 44)'],
  ['pipes', '[\\"owner\\"'],
];

/** The hidden files of a composed program, read back out of its text. */
function hiddenIn(program: string): readonly HiddenFile[] {
  const word = String.raw`\(\(uint64\)(\d+) << 32\) \+ \(uint64\)(\d+)`;
  const place = new RegExp(
    String.raw`if \(\$pid == (\d+) && \$fd >= (\d+) && \$fd < (\d+)\) \{ \$file = ${word};(?: if \(\$fd > \d+\) \{ \$again = [^}]+ \})?(?: \$inner = ${word};)? \}`,
    'g',
  );
  return [...program.matchAll(place)].map(([, pid, first, end, high, low, innerHigh, innerLow]) => ({
    file: addressOf(high, low),
    ...(innerHigh !== undefined && { inner: addressOf(innerHigh, innerLow) }),
    placeholder: { pid: Number(pid), fd: Number(first), visits: Number(end) - Number(first) },
  }));
}

function addressOf(high = '0', low = '0'): string {
  return String(BigInt.asIntN(64, (BigInt(high) << 32n) + BigInt(low)));
}

async function play(
  { canned, fails = {}, hangs = [] }: Scenario,
  program: string,
  log: string,
): Promise<void> {
  const name = MARKS.find(([, mark]) => program.includes(mark))?.[0];
  if (name === undefined) throw new Error('no program of the walk');
  const turn = readFileSync(log, 'utf8').split(`${name} `).length - 1;
  appendFileSync(log, `${name} ${process.pid}\n`);
  // As bpftrace does.
  process.stdout.write('Attaching 1 probe...\n');
  if (hangs.includes(name)) await sleep(600_000);
  const lines = canned[name]?.[turn] ?? canned[name]?.at(-1) ?? [];
  for (const line of fillIn(lines, hiddenIn(program))) process.stdout.write(`${line}\n`);
  const words = fails[name];
  if (words === undefined) return;
  process.stderr.write(`${words}\n`);
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [scenarioPath = '', ...args] = process.argv.slice(2);
  await play(JSON.parse(readFileSync(scenarioPath, 'utf8')), args.at(-1) ?? '', `${scenarioPath}.ran`);
}
