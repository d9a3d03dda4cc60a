/** What the values of a filter mean on this host: paths become inode numbers, cgroups their ids. */
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import { type Filter, NO_FILTER } from './filter.ts';
import { readMounts } from './mountinfo.ts';
import { lookAtPath } from './path-look.ts';
import { kernelDevice, parseDecimalDevice, parseInodeNumber, statDevice } from './procfs/inode-id.ts';
import { resolveTarget } from './target.ts';

/** As the user wrote them. */
export interface FilterWords {
  readonly path?: readonly string[];
  readonly inode?: readonly string[];
  readonly device?: readonly string[];
  readonly pid?: readonly number[];
  readonly comm?: readonly string[];
  readonly cgroup?: readonly string[];
}

export interface FoundFilter {
  readonly filter: Filter;
  /** How a file was found, where that is not obvious. */
  readonly notes: readonly string[];
}

/** Finds out what the values name. A value that names nothing is an error of one line. */
export async function findFilter(flags: FilterWords): Promise<Result<FoundFilter>> {
  const files: Filter['files'][number][] = [];
  const notes: string[] = [];
  for (const text of [...(flags.path ?? []), ...(flags.inode ?? [])]) {
    const target = await resolveTarget(text);
    if (!target.ok) return target;
    const { dev, ino } = target.value;
    if (BigInt(ino) >= 2n ** 63n) return err(`${text} cannot be filtered for: its inode number is too large`);
    files.push({ dev, ino });
    notes.push(...target.value.notes);
  }
  for (const text of flags.device ?? []) {
    const dev = await findDevice(text);
    if (!dev.ok) return dev;
    files.push({ dev: dev.value, ino: null });
  }
  for (const pid of flags.pid ?? []) {
    const isThere = await stat(`/proc/${pid}`).then(
      () => true,
      () => false,
    );
    if (!isThere) return err(`there is no process ${pid}: nothing would be followed`);
  }
  const cgroups: string[] = [];
  for (const path of flags.cgroup ?? []) {
    const ids = await findCgroups(path);
    if (!ids.ok) return ids;
    cgroups.push(...ids.value);
  }
  const { pid: pids = [], comm: comms = [] } = flags;
  return ok({ filter: { ...NO_FILTER, files, pids, comms, cgroups, words: wordsOf(flags) }, notes });
}

/**
 * Reads the values for another machine, where nothing can be looked up: files and devices are told by their numbers there,
 * and a process that is not there is not noticed. The error is one line.
 */
export function readFilter(flags: FilterWords): Result<FoundFilter> {
  const files: Filter['files'][number][] = [];
  for (const [option, values] of Object.entries({ path: flags.path, cgroup: flags.cgroup })) {
    if (values !== undefined)
      return err(
        `--${option} can only be looked up on this machine; on another one give --inode (there: stat -c %Hd:%Ld:%i FILE), --device, --pid or --comm`,
      );
  }
  for (const text of [...(flags.inode ?? []), ...(flags.device ?? [])]) {
    const [, major, minor, ino = null] = /^(\d{1,4}):(\d{1,7})(?::(\d{1,18}))?$/.exec(text) ?? [];
    if (major === undefined) return err(`${text} cannot be looked up on another machine; give its numbers`);
    const dev = kernelDevice(Number(major), Number(minor));
    files.push({ dev, ino: ino === null ? null : parseInodeNumber(ino) });
  }
  const { pid: pids = [], comm: comms = [] } = flags;
  return ok({ filter: { ...NO_FILTER, files, pids, comms, words: wordsOf(flags) }, notes: [] });
}

function wordsOf(flags: FilterWords): string {
  const { path, inode, device, pid, comm, cgroup } = flags;
  return Object.entries({ path, inode, device, pid, comm, cgroup })
    .flatMap(([name, values = []]) => values.map((value) => `--${name} ${value}`))
    .join(' ');
}

async function findDevice(text: string): Promise<Result<number>> {
  const numbers = /^(\d+):(\d+)$/.exec(text);
  if (numbers === null) {
    const look = await lookAtPath(text);
    if (!look.ok) return err(`cannot find the device of ${text}: ${look.error}`);
    const dev = look.value.mount === null ? null : parseDecimalDevice(look.value.mount.dev);
    return ok(dev ?? statDevice(look.value.stat.dev));
  }
  if (!(await readMounts('self')).some((mount) => mount.dev === text))
    return err(`no file system with device ${text} is mounted here: nothing would be followed`);
  return ok(kernelDevice(Number(numbers[1]), Number(numbers[2])));
}

/** linux/magic.h */
const CGROUP2_MAGIC = 0x63677270;
const MOST_CGROUPS = 64;

/** The cgroup and all that are below it now. Each is one comparison in the kernel. */
async function findCgroups(path: string): Promise<Result<readonly string[]>> {
  try {
    if ((await statfs(path)).type !== CGROUP2_MAGIC)
      return err(`${path} is no cgroup (version 2): give a directory below /sys/fs/cgroup`);
    const ids: string[] = [];
    const left = [path];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      ids.push(String((await stat(next, { bigint: true })).ino));
      if (ids.length > MOST_CGROUPS)
        return err(`there are more than ${MOST_CGROUPS} cgroups at and below ${path}: give one further down`);
      const entries = await readdir(next, { withFileTypes: true });
      for (const entry of entries) if (entry.isDirectory()) left.push(join(next, entry.name));
    }
    return ok(ids);
  } catch (error) {
    return err(`cannot read the cgroup ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
