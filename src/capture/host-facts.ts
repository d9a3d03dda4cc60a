/** What a recording must know about the host to be read elsewhere: its name, its clocks, what was mounted where. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Header, Mount } from '../event/header.ts';
import { parseMountEntries } from './mountinfo.ts';

export type HostFacts = Pick<Header, 'host' | 'clock' | 'mounts'>;

/** Reads the facts of this host. What cannot be read is empty: it only makes paths and wall times unknown. */
export async function readHostFacts(): Promise<HostFacts> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const uptime = await readFile('/proc/uptime', 'utf8').catch(() => '');
  const realtimeMs = Date.now();
  return {
    host: hostname(),
    // /proc/uptime is CLOCK_BOOTTIME in hundredths of a second (fs/proc/uptime.c): near enough to show wall time.
    clock: { boottime_ns: Math.round(Number.parseFloat(uptime) * 1e9) || 0, realtime_ns: realtimeMs * 1e6 },
    mounts: parseMountinfo(mountinfo),
  };
}

/** The mounts of a mountinfo text, as a recording keeps them. */
export function parseMountinfo(text: string): readonly Mount[] {
  return parseMountEntries(text).map(({ dev, root, path, fs }) => ({ dev, root, path, fs }));
}
