/** Programs of the host: running them with a useful error, and installing those that are missing. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { LabError, lastLines, say } from './messages.ts';

/** File that proves a package is there (a bare name is looked up on the PATH), and the Debian package that brings it. */
const NEEDED: readonly (readonly [file: string, debianPackage: string])[] = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['mmdebstrap', 'mmdebstrap'],
  ['/bin/busybox', 'busybox-static'],
  ['mke2fs', 'e2fsprogs'],
  ['depmod', 'kmod'],
  ['xz', 'xz-utils'],
  ['zstd', 'zstd'],
  ['setpriv', 'util-linux'],
  ['gcc', 'gcc'],
  ['/usr/lib/x86_64-linux-gnu/libc.a', 'libc6-dev'],
  ['/usr/include/infiniband/verbs.h', 'libibverbs-dev'],
];

// Debian keeps mke2fs and depmod where only root's PATH looks
const SEARCH = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** Where a program lies, or undefined. */
export function findProgram(name: string): string | undefined {
  if (name.startsWith('/')) return existsSync(name) ? name : undefined;
  return SEARCH.map((dir) => join(dir, name)).find((path) => existsSync(path));
}

/** Runs a program to its end and returns its stdout; a LabError with its last words when it fails. */
export async function runHost(attempt: string, argv: readonly string[], input?: string): Promise<string> {
  const [file = '', ...args] = argv;
  const result = await execa(findProgram(file) ?? file, args, {
    reject: false,
    env: { PATH: SEARCH.join(delimiter), LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
  if (result.exitCode === 0) return result.stdout;
  const outcome =
    result.exitCode === undefined ? result.shortMessage : `${file} ended with ${result.exitCode}`;
  throw new LabError(`cannot ${attempt}: ${outcome}`, lastLines(`${result.stdout}\n${result.stderr}`, 12));
}

/** Installs, with apt-get, the packages that the lab needs and the host does not have. A few stat calls when all are there. */
export async function installHostPackages(): Promise<void> {
  const missing = NEEDED.filter(([file]) => findProgram(file) === undefined).map(([, name]) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new LabError(`these packages are missing: run (as root) apt-get install ${missing.join(' ')}`);
  }
  say(`installing ${missing.join(' ')}`);
  const install = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...missing];
  try {
    await runHost('install packages', install);
  } catch {
    // the host's package lists may be old: fetch them and try once more
    await runHost('update the package lists', ['apt-get', 'update', '-q']);
    await runHost('install packages', install);
  }
}
