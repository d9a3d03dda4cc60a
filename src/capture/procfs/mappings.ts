/**
 * /proc/PID/maps: which processes map a file, and which keep an io_uring alive by its mapping only. A mapping counts
 * without any descriptor: on 6.1 and 6.12 a truncate of a DAX file waits for pins only while the file is mapped.
 *
 * Reading maps takes the process's mmap_lock, and a process in trouble may never give it: one whose threads all sleep
 * interruptibly is read at once, any other in a child with a time limit.
 */
import { execa } from 'execa';
import { type InodeId, parseHexDevice, parseInodeNumber } from './inode-id.ts';
import { PROC_ROOT, readText } from './proc-file.ts';
import { hasStuckThread } from './tasks.ts';
import type { Gap } from './walk-row.ts';

/** One mapping of a file by a process. */
export interface Mapping extends InodeId {
  readonly pid: number;
  readonly address: number;
  readonly bytes: number;
  /** Where in the file it begins, bytes. */
  readonly offset: number;
  /** MAP_SHARED: a pin taken through a private mapping may hold a copy instead of the file's page. */
  readonly isShared: boolean;
  /** As the kernel shows it: without "(deleted)"; `anon_inode:[io_uring]` for a ring. */
  readonly path: string;
}

/** The mappings of files by one process, or why they are not known. */
export type ReadMappings =
  | { readonly ok: true; readonly mappings: readonly Mapping[] }
  | { readonly ok: false; readonly reason: string };

/** How long a child may wait for a mmap_lock. Where it is free the read takes well under a millisecond. */
const MAPS_TIMEOUT_MS = 2_000;

/** The name of an io_uring in maps and in /proc/PID/fd. */
export const RING_NAME = 'anon_inode:[io_uring]';

/** Reads the file mappings of a process; none when it is gone. */
export async function readMappings(pid: number, procRoot = PROC_ROOT): Promise<ReadMappings> {
  const path = `${procRoot}/${pid}/maps`;
  if (!hasStuckThread(pid, procRoot)) return { ok: true, mappings: parseMaps(readText(path) ?? '', pid) };
  const { stdout, timedOut } = await execa('cat', [path], {
    reject: false,
    timeout: MAPS_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    stdin: 'ignore',
    stderr: 'ignore',
  });
  if (!timedOut) return { ok: true, mappings: parseMaps(stdout, pid) };
  return {
    ok: false,
    reason: `the mappings of process ${pid} could not be read in ${MAPS_TIMEOUT_MS / 1000} s: one of its threads keeps its mmap_lock`,
  };
}

/** The file mappings of these processes, and those of which they are not known. */
export async function readAllMappings(
  pids: readonly number[],
  procRoot = PROC_ROOT,
): Promise<{ readonly mappings: readonly Mapping[]; readonly gaps: readonly Gap[] }> {
  const mappings: Mapping[] = [];
  const gaps: Gap[] = [];
  for (const pid of pids) {
    const read = await readMappings(pid, procRoot);
    if (read.ok) mappings.push(...read.mappings);
    else gaps.push({ path: 'mappings', reason: read.reason });
  }
  return { mappings, gaps };
}

/** `7fc7024a8000-7fc7025a8000 rw-s 00000000 00:01 1094    /memfd:x (deleted)`, proc_pid_maps(5). */
const MAPS_LINE = /^([0-9a-f]+)-([0-9a-f]+) (....) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+)\s*(.*)$/;

/** Parses maps. Anonymous memory, which has no inode, is left out. */
export function parseMaps(text: string, pid: number): readonly Mapping[] {
  return text.split('\n').flatMap((line) => {
    const [, from = '', to = '', mode = '', offset = '', device = '', ino = '0', name = ''] =
      MAPS_LINE.exec(line) ?? [];
    const dev = parseHexDevice(device);
    if (dev === null || ino === '0') return [];
    const address = Number.parseInt(from, 16);
    return [
      {
        pid,
        address,
        bytes: Number.parseInt(to, 16) - address,
        offset: Number.parseInt(offset, 16),
        isShared: mode.endsWith('s'),
        dev,
        ino: parseInodeNumber(ino),
        path: unescapeNewlines(name).replace(/ \(deleted\)$/, ''),
      },
    ];
  });
}

/** maps escapes line breaks only, not even the backslash (seq_file_path with "\n" in show_map_vma). */
function unescapeNewlines(name: string): string {
  return name.replaceAll('\\012', '\n');
}
