/** Events: decoded rows, and what the stream says about itself (loss, counters, undecodable rows). */
import type { Brand } from '../base/brand.ts';
import type { COMMON, ColumnType, RowKind, SCHEMA } from './schema.ts';

/** Nanoseconds of CLOCK_BOOTTIME, exact up to 104 days of uptime (2^53 ns), then spaced 2 ns. */
export type BootNs = Brand<number, 'BootNs'>;
/** A kernel address, or its number in a recording. Kernel objects are 8-byte aligned, so a double is exact. */
export type Ptr = Brand<number, 'Ptr'>;
/** A device as `major:minor`, decimal. */
export type Dev = Brand<string, 'Dev'>;
/** An inode number; text only where it exceeds 2^53. */
export type Ino = number | string;
/** `major:minor:ino`: names an inode while it lives. */
export type InodeKey = Brand<string, 'InodeKey'>;

interface ColumnValue {
  int: number;
  ptr: Ptr;
  dev: Dev;
  ino: Ino;
  str: string;
}
type Values<C> = { readonly [N in keyof C]: C[N] extends ColumnType ? ColumnValue[C[N]] : never };

type CommonValues = Omit<Values<typeof COMMON>, 'ts'> & { readonly ts: BootNs };

/** One decoded row of the given kind. */
export type RowEvent<K extends RowKind = RowKind> = K extends RowKind
  ? { readonly kind: K } & CommonValues & Values<(typeof SCHEMA)[K]>
  : never;

/** What the stream says about itself. These carry the time of the last row before them. */
export type StreamEvent =
  /** bpftrace lost rows here: the kernel's buffer was full. */
  | { readonly kind: 'stream.lost'; readonly ts: BootNs; readonly rows: number }
  /** The kernel's own per-kind counters (`@fired`), read after the beat or bye before it; `final` after bye. */
  | {
      readonly kind: 'stream.fired';
      readonly ts: BootNs;
      readonly counts: ReadonlyMap<string, number>;
      readonly final: boolean;
    }
  /** A row that could not be decoded, with what was wrong. */
  | { readonly kind: 'stream.bad'; readonly ts: BootNs; readonly why: string }
  /** A row that came too late to be put in order. */
  | { readonly kind: 'stream.late'; readonly ts: BootNs; readonly behindNs: number }
  /** Two recordings were joined: what follows is another trace, of which what came before knows nothing. */
  | { readonly kind: 'stream.seam'; readonly ts: BootNs; readonly why: string }
  /** The stream ended without a `bye`: bpftrace died, or the recording was cut. */
  | { readonly kind: 'stream.cut'; readonly ts: BootNs; readonly why: string };

export type Event = RowEvent | StreamEvent;

export function inodeKey(dev: Dev, ino: Ino): InodeKey {
  return `${dev}:${ino}` as InodeKey;
}
