/** What a recording must know about the host to be read elsewhere: its name, its clocks, what was mounted where. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Header, Mount } from '../event/header.ts';

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

/**
 * Parses /proc/self/mountinfo: `36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw`.
 * Source: proc_pid_mountinfo(5); space, tab, newline and backslash in paths are octal escapes.
 */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , dev, root, path] = before.split(' ');
    const [fs] = after.split(' ');
    if (dev === undefined || root === undefined || path === undefined || !fs) return [];
    return [{ dev, root: unescapePath(root), path: unescapePath(path), fs }];
  });
}

function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_escape, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
