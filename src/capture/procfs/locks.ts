/**
 * Leases in /proc/locks: who took one, whether it is being broken, and which processes wait for that.
 *
 * `lock_get_status` and `locks_show` of fs/locks.c print them the same way from 6.1 to 7.3:
 *
 *     20: LEASE  BREAKING  READ 18757 fe:00:2213595 0 EOF
 *     20: -> LEASE  BREAKER   READ 18799 <none>:0 0 EOF
 *
 * What the kernel does not print: a layout is called LEASE, as the others are (only DELEG has its own word; LAYOUT is
 * read too, should a kernel say it); a lease that is being broken shows what it shall become, not what it is; and a
 * waiter stands without its file, under the lease that it waits for.
 */
import { type InodeId, parseHexDevice, parseInodeNumber } from './inode-id.ts';
import { PROC_ROOT, readText } from './proc-file.ts';

export type LeaseKind = 'lease' | 'delegation' | 'layout';

export type LeaseType = 'read' | 'write' | 'none';

export interface ProcLease extends InodeId {
  readonly kind: LeaseKind;
  readonly isBreaking: boolean;
  /** Its type; of a breaking lease the type that it is to become. */
  readonly type: LeaseType;
  /** The process recorded when it was taken: it may be gone, and its number used again. */
  readonly pid: number;
  readonly breakers: readonly Breaker[];
}

/** A process (the kernel records no thread) that waits until the lease is broken. */
export interface Breaker {
  readonly pid: number;
  readonly type: LeaseType;
}

/** The leases of this machine, as far as this pid namespace is shown them; none where /proc/locks cannot be read. */
export function readLeases(procRoot = PROC_ROOT): readonly ProcLease[] {
  return parseLocks(readText(`${procRoot}/locks`) ?? '');
}

/** Parses /proc/locks. Lines of other locks, and lines of another form, are passed over. */
export function parseLocks(text: string): readonly ProcLease[] {
  const leases: (ProcLease & { breakers: Breaker[] })[] = [];
  let above: { readonly id: string; readonly lease: (typeof leases)[number] | null } | null = null;
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    const [id = '', ...rest] = words;
    if (rest[0] === '->') {
      const breaker = parseBreaker(rest.slice(1));
      if (breaker !== null && above?.id === id) above.lease?.breakers.push(breaker);
      continue;
    }
    const lease = parseLeaseWords(rest);
    above = { id, lease };
    if (lease !== null) leases.push(lease);
  }
  return leases;
}

/** Parses what `/proc/PID/fdinfo/FD` prints after `lock:`, which has the same form: `1: LEASE  ACTIVE    WRITE …`. */
export function parseLeaseLine(text: string): ProcLease | null {
  return parseLeaseWords(text.trim().split(/\s+/).slice(1));
}

function parseLeaseWords(words: readonly string[]): (ProcLease & { breakers: Breaker[] }) | null {
  const [word = '', state, type, pid, place = ''] = words;
  const kind = LEASE_KINDS.get(word);
  const [, device = '', ino] = /^(.+):(\d+)$/.exec(place) ?? [];
  const dev = parseHexDevice(device);
  if (kind === undefined || dev === null || ino === undefined) return null;
  if (state !== 'ACTIVE' && state !== 'BREAKING') return null;
  return {
    kind,
    isBreaking: state === 'BREAKING',
    type: leaseType(type),
    pid: Number(pid),
    dev,
    ino: parseInodeNumber(ino),
    breakers: [],
  };
}

function parseBreaker([word = '', state, type, pid]: readonly string[]): Breaker | null {
  if (!LEASE_KINDS.has(word) || state !== 'BREAKER') return null;
  return { pid: Number(pid), type: leaseType(type) };
}

const LEASE_KINDS: ReadonlyMap<string, LeaseKind> = new Map([
  ['LEASE', 'lease'],
  ['DELEG', 'delegation'],
  ['LAYOUT', 'layout'],
]);

function leaseType(word: string | undefined): LeaseType {
  if (word === 'WRITE') return 'write';
  return word === 'READ' ? 'read' : 'none';
}
