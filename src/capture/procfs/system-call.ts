/**
 * The system call in which a thread sleeps, from /proc/PID/task/TID/syscall: `257 0xffffff9c 0x7f1e… … sp pc`. It tells
 * which operation waits, with its length or range, and by which descriptor or path it names its file.
 *
 * Numbers are those of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl); on other machines, in io_uring's workers and in
 * 32-bit programs only the kernel's stack tells the operation.
 */
export type WaitingOperation = 'open' | 'truncate' | 'hole-punch' | 'close' | 'unlink' | 'other';

/** How a call names its file. `base` of a relative path: a descriptor, or null for the working directory. */
export type CallFile =
  | { readonly by: 'fd'; readonly fd: number }
  | { readonly by: 'path'; readonly address: bigint; readonly base: number | null };

export interface SystemCall {
  readonly op: WaitingOperation;
  /** What it wants of the file, in words: "to 0 bytes", "punch hole: 4096 bytes at 0". */
  readonly detail: string;
  readonly file: CallFile | null;
}

/** Parses the file's text on an x86-64 kernel; null where it tells of no call ("running", -1, another machine). */
export function parseSystemCall(text: string, arch: string = process.arch): SystemCall | null {
  const words = text.trim().split(' ');
  if (arch !== 'x64' || words.length < 7 || !words.slice(1).every((word) => /^0x[0-9a-f]+$/.test(word)))
    return null;
  const [a = 0n, b = 0n, c = 0n, d = 0n] = words.slice(1, 7).map(BigInt);
  return describeCall(Number(words[0]), a, b, c, d);
}

function describeCall(nr: number, a: bigint, b: bigint, c: bigint, d: bigint): SystemCall | null {
  switch (nr) {
    case 2:
      return describeOpen(at(null, a), b);
    case 85:
      return describeOpen(at(null, a), WRITE_CREATE_TRUNCATE);
    case 257:
      return describeOpen(at(directory(a), b), c);
    case 437:
      // openat2's flags lie in the caller's memory.
      return { op: 'open', detail: '', file: at(directory(a), b) };
    case 76:
      return { op: 'truncate', detail: `to ${signed(b)} bytes`, file: at(null, a) };
    case 77:
      return { op: 'truncate', detail: `to ${signed(b)} bytes`, file: by(a) };
    case 285:
      return describeFallocate(by(a), Number(b), signed(c), signed(d));
    case 3:
      return { op: 'close', detail: `of fd ${descriptor(a)}`, file: by(a) };
    case 87:
      return { op: 'unlink', detail: '', file: at(null, a) };
    case 263:
      return { op: 'unlink', detail: '', file: at(directory(a), b) };
    default:
      return OTHER_CALLS.has(nr) ? { ...describeOther(OTHER_CALLS.get(nr)), file: null } : null;
  }
}

/** Calls that end descriptors or break delegations, but do not say in a register which file it is. */
const OTHER_CALLS: ReadonlyMap<number, string> = new Map([
  [11, 'munmap'],
  [33, 'dup2'],
  [59, 'execve'],
  [60, 'exit'],
  [82, 'rename'],
  [86, 'link'],
  [90, 'chmod'],
  [91, 'fchmod'],
  [92, 'chown'],
  [93, 'fchown'],
  [231, 'exit_group'],
  [260, 'fchownat'],
  [264, 'renameat'],
  [265, 'linkat'],
  [268, 'fchmodat'],
  [292, 'dup3'],
  [316, 'renameat2'],
  [426, 'io_uring_enter'],
  [436, 'close_range'],
  [452, 'fchmodat2'],
]);

const CLOSING_CALLS: ReadonlySet<string> = new Set([
  'munmap',
  'dup2',
  'dup3',
  'execve',
  'exit',
  'exit_group',
  'close_range',
]);

function describeOther(name = ''): { readonly op: WaitingOperation; readonly detail: string } {
  return { op: CLOSING_CALLS.has(name) ? 'close' : 'other', detail: `in ${name}` };
}

const O_ACCMODE = 0o3n;
const O_TRUNC = 0o1000n;
const WRITE_CREATE_TRUNCATE = 0o1101n;

function describeOpen(file: CallFile, flags: bigint): SystemCall {
  const purpose = (flags & O_ACCMODE) === 0n ? 'for reading' : 'for writing';
  return { op: 'open', detail: (flags & O_TRUNC) === 0n ? purpose : `${purpose}, with O_TRUNC`, file };
}

/** FALLOC_FL_* of include/uapi/linux/falloc.h. The first bit that is set names what is done. */
const FALLOCATE_MODES: readonly (readonly [number, string])[] = [
  [0x02, 'punch hole'],
  [0x08, 'collapse range'],
  [0x10, 'zero range'],
  [0x20, 'insert range'],
  [0x40, 'unshare range'],
  [0x80, 'write zeroes'],
];

function describeFallocate(file: CallFile, mode: number, offset: number, length: number): SystemCall {
  const name = FALLOCATE_MODES.find(([bit]) => (mode & bit) !== 0)?.[1];
  return {
    op: name === undefined ? 'other' : 'hole-punch',
    detail: `${name ?? 'allocate'}: ${length} bytes at ${offset}`,
    file,
  };
}

function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

function descriptor(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

function by(value: bigint): CallFile {
  return { by: 'fd', fd: descriptor(value) };
}

function at(base: number | null, address: bigint): CallFile {
  return { by: 'path', address, base };
}

/** AT_FDCWD is -100. */
function directory(value: bigint): number | null {
  const fd = descriptor(value);
  return fd < 0 ? null : fd;
}
