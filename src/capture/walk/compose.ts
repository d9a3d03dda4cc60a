/**
 * Makes the walk's programs from probes/walk/*.bt for the running kernel: offsets from its type information, what was
 * asked for, and what no descriptor leads to.
 */
import { isOlderThan } from '../../event/bpftrace-version.ts';
import { dialectOf, readProbe } from '../dialect.ts';
import type { KernelOffers } from '../kernel.ts';
import { type Macros, preprocess } from '../preprocess.ts';
import type { InodeId } from '../procfs/inode-id.ts';
import { withFewCasts } from './few-casts.ts';

/** Rounds of the loop in each program: about as many entries of an object does one visit look at. */
export const ROUNDS = 100;

/**
 * Something to look into at the visit of descriptors that whopins opened for it: an open file that no descriptor leads
 * to, or an object that is too large for one visit.
 */
export interface HiddenFile {
  /** A kernel address, signed or unsigned, as text. */
  readonly file: string;
  /** What is meant inside it where that has no file of its own: a connection that nobody accepted. */
  readonly inner?: string;
  /** The first of the descriptors that are visited instead; all but the first go on where the one before stopped. */
  readonly placeholder: { readonly pid: number; readonly fd: number; readonly visits: number };
}

export interface WalkParameters {
  /** The file that is asked about. */
  readonly target?: InodeId | undefined;
  readonly hidden?: readonly HiddenFile[];
  /** Thread ids. */
  readonly waiters?: readonly number[];
}

/** A program, or why this kernel cannot have it. */
export interface WalkProgram {
  /** Null where it cannot be had. */
  readonly text: string | null;
  readonly missing: readonly string[];
}

/** Composes one program of the walk; `name` is its file in probes/walk without the ending. */
export function composeWalk(
  name: string,
  offers: KernelOffers,
  parameters: WalkParameters = {},
): WalkProgram {
  const { target, hidden = [], waiters = [] } = parameters;
  const words = new Map([
    ['ROUNDS', String(ROUNDS)],
    ['TARGET_DEV', `(uint64)${target?.dev ?? 0}`],
    ['TARGET_INO', `(uint64)${target?.ino ?? 0}`],
    ['HIDDEN_FILE', hidden.map(exchange).join(' ')],
    ['IS_WAITER', `(${waiters.map((tid) => `ctx->task->pid == ${tid}`).join(' || ') || '0'})`],
  ]);
  const dialect = dialectOf(offers, { words });
  const macros: Macros = new Map();
  preprocess(readProbe('prelude.h'), macros, dialect);
  preprocess(readProbe('walk/walk.h'), macros, dialect);
  preprocess(readProbe('walk/rdma.h'), macros, dialect);
  preprocess(readProbe('walk/vfio.h'), macros, dialect);
  const { text, missing, unresolved } = preprocess(readProbe(`walk/${name}.bt`), macros, dialect);
  if (unresolved.length > 0) {
    return { text: null, missing: [`this kernel's type information has no ${unresolved.join(', ')}`] };
  }
  if (text.trim() === '') return { text: null, missing };
  const program = withAddresses(text, offers);
  return { text: `${isOlderThan(offers.bpftrace, 20) ? withFewCasts(program) : program}\n`, missing };
}

/** bpftrace reads all of /proc/kallsyms again for each kaddr(): 0.17 takes 5 s a time in an emulated guest. */
function withAddresses(text: string, offers: KernelOffers): string {
  return text.replace(/\bkaddr\("(\w+)"\)/g, (asWritten, name: string) => {
    const address = offers.symbol(name);
    return address === null ? asWritten : `(${addressLiteral(address)})`;
  });
}

function exchange({ file, inner, placeholder }: HiddenFile): string {
  const { pid, fd, visits } = placeholder;
  const place = `$pid == ${pid} && $fd >= ${fd} && $fd < ${fd + visits}`;
  const again = visits > 1 ? ` if ($fd > ${fd}) { $again = *(uint64 *)((uint64)8) + 1; }` : '';
  const within = inner === undefined ? '' : ` $inner = ${addressLiteral(inner)};`;
  return `if (${place}) { $file = ${addressLiteral(file)};${again}${within} }`;
}

/** bpftrace 0.17 does not read literals above 2^63: an address is put together from its halves. */
function addressLiteral(address: string | bigint): string {
  const unsigned = BigInt.asUintN(64, BigInt(address));
  return `((uint64)${unsigned >> 32n} << 32) + (uint64)${unsigned & 0xffff_ffffn}`;
}
