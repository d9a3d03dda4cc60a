/**
 * /proc/PID/fdinfo/FD: what the kernel tells of one open file without asking its file system. That matters here: stat(2)
 * of a file on a hung server would hang the tool that looks for the reason.
 *
 * Read on 6.1, 6.12, 6.18 and 7.3: proc_pid_fdinfo(5), io_uring/fdinfo.c, net/unix/af_unix.c `unix_show_fdinfo`.
 */
import type { Ino } from '../../event/event.ts';
import { unescapeOctal } from '../mountinfo.ts';
import { parseInodeNumber } from './inode-id.ts';
import { type ProcLease, parseLeaseLine } from './locks.ts';

export interface FdInfo {
  /** open(2) flags, with O_CLOEXEC where the descriptor has it. */
  readonly flags: number;
  readonly mountId: number;
  readonly ino: Ino;
  /** Leases that were taken through this very open file: every descriptor of it shows them, however it was passed on. */
  readonly leases: readonly ProcLease[];
  /** Descriptors in flight in an AF_UNIX socket's queue. */
  readonly inFlight: number;
  /** Registered files of an io_uring, by the names that the kernel prints. */
  readonly ringFiles: readonly RingFile[];
  /** Fixed buffers of an io_uring: where they lay in the process that registered them. */
  readonly ringBuffers: readonly RingBuffer[];
}

export interface RingFile {
  readonly slot: number;
  readonly name: string;
}

export interface RingBuffer {
  readonly slot: number;
  readonly address: number;
  readonly bytes: number;
}

/** Parses fdinfo; null where it has no `ino` line (a process that ended meanwhile; kernels before 5.19). */
export function parseFdInfo(text: string): FdInfo | null {
  const fields = new Map<string, string>();
  const leases: ProcLease[] = [];
  const slots = new Map<string, (readonly [number, string])[]>();
  let table = '';
  for (const line of text.split('\n')) {
    const [, slot, entry] = /^\s+(\d+): (.*)$/.exec(line) ?? [];
    if (slot !== undefined && entry !== undefined) {
      slots.get(table)?.push([Number(slot), entry]);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    table = line.slice(0, colon);
    slots.set(table, []);
    const value = line.slice(colon + 1).trim();
    fields.set(table, value);
    if (table === 'lock') leases.push(...present(parseLeaseLine(value)));
  }
  const ino = fields.get('ino');
  if (ino === undefined) return null;
  return {
    flags: Number.parseInt(fields.get('flags') ?? '0', 8),
    mountId: Number(fields.get('mnt_id') ?? 0),
    ino: parseInodeNumber(ino),
    leases,
    inFlight: Number(fields.get('scm_fds') ?? 0),
    ringFiles: (slots.get('UserFiles') ?? []).flatMap(parseRingFile),
    ringBuffers: (slots.get('UserBufs') ?? []).flatMap(parseRingBuffer),
  };
}

/** `    2: /tmp/file`, with blanks and backslashes of the name as octal escapes (seq_file_path). */
function parseRingFile([slot, entry]: readonly [number, string]): readonly RingFile[] {
  return entry === '<none>' ? [] : [{ slot, name: unescapeOctal(entry) }];
}

/** 6.1 and 6.12 print the dummy buffer of an empty slot: one byte less than 4 GiB at the end of the address space. */
const EMPTY_SLOT = '0xffffffffffffffff/4294967295';

/** `    0: 0x7fc7024a8000/65536` */
function parseRingBuffer([slot, entry]: readonly [number, string]): readonly RingBuffer[] {
  const [, address, bytes] = /^(0x[0-9a-f]+)\/(\d+)$/.exec(entry) ?? [];
  if (address === undefined || bytes === undefined || entry === EMPTY_SLOT || bytes === '0') return [];
  return [{ slot, address: Number(address), bytes: Number(bytes) }];
}

function present<T>(value: T | null): readonly T[] {
  return value === null ? [] : [value];
}
