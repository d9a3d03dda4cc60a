/** What a recording must know about the host to be read elsewhere: its name, its clocks, what was mounted where. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Header, Mount } from '../event/header.ts';
import { parseMountEntries } from './mountinfo.ts';
import { readBootNs } from './procfs/asleep-since.ts';

export type HostFacts = Pick<Header, 'host' | 'clock' | 'mounts'>;

/** Reads the facts of this host. What cannot be read is empty: it only makes paths and wall times unknown. */
export async function readHostFacts(): Promise<HostFacts> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const realtimeMs = Date.now();
  return {
    host: hostname(),
    clock: { boottime_ns: readBootNs(), realtime_ns: realtimeMs * 1e6 },
    mounts: parseMountinfo(mountinfo),
  };
}

/** The mounts of a mountinfo text, as a recording keeps them. */
export function parseMountinfo(text: string): readonly Mount[] {
  return parseMountEntries(text).map(({ dev, root, path, fs }) => ({ dev, root, path, fs }));
}
