/**
 * The words that answers, findings and timelines share. Names are cleaned here: what leaves this file is safe to show.
 */
import { cleanName, formatBytes, joinWords, plural } from '../base/text.ts';
import { formatOffset } from '../base/time.ts';
import type { BootNs, Ptr } from '../event/event.ts';
import type { HandOverHow, HeldBy, LeaseState, OperationName, PinVia, WaitOn } from './answer.ts';
import { startOf } from './coverage.ts';
import type { Holding } from './holding.ts';
import type { Lease, Model, OperationRecord, Pin } from './state.ts';

/** "rdma[405]". */
export function taskName(task: { readonly pid: number; readonly comm: string }): string {
  return `${task.comm === '' ? '?' : cleanName(task.comm)}[${task.pid}]`;
}

/** "+1.234 s", counted from the start of the trace. */
export function offset(model: Model, at: BootNs): string {
  return formatOffset(at, startOf(model));
}

/** What wakes a sleeper whose wake-up the kernel missed: harmless to it. */
export function wakingSteps(pid: number): string {
  return `kill -STOP ${pid}, then kill -CONT ${pid}`;
}

/** A kernel object: by its address, or by its number in a recording that does not tell addresses ("#12"). */
export function addressText({ header }: Model, ptr: Ptr): string {
  if (header.pointers === 'renumbered') return `#${ptr}`;
  return `0x${BigInt.asUintN(64, BigInt(ptr)).toString(16)}`;
}

/** What holds the pages: "RDMA memory region on rxe0", "pipe". */
export function pinObject(via: PinVia, device: string): string {
  switch (via) {
    case 'rdma-mr':
      return device === '' ? 'RDMA memory region' : `RDMA memory region on ${cleanName(device)}`;
    case 'vmsplice':
      return 'pipe';
    case 'io_uring-buffer':
      return 'io_uring fixed buffer';
    case 'xdp-umem':
      return 'AF_XDP umem';
    case 'vfio':
      return 'VFIO mapping';
    case 'direct-io':
      return 'direct I/O in progress';
    case 'other':
      return 'unknown kernel user';
  }
}

/** What a descriptor that keeps such a pin alive is: "uverbs fd". */
export function fdKind(via: PinVia | null): string {
  switch (via) {
    case 'rdma-mr':
      return 'uverbs fd';
    case 'vmsplice':
      return 'pipe fd';
    case 'io_uring-buffer':
      return 'io_uring fd';
    case 'xdp-umem':
      return 'socket fd';
    default:
      return 'fd';
  }
}

/** "uverbs fd 3", "pipe fds 3 and 9"; "a descriptor" where no number is known. */
export function fdsText(via: PinVia | null, fds: readonly number[]): string {
  const kind = fdKind(via);
  if (fds.length === 0) return kind === 'fd' ? 'a descriptor' : `a ${kind.replace(/ fd$/, '')} descriptor`;
  return `${kind}${fds.length > 1 ? 's' : ''} ${joinWords(fds.map(String), 8)}`;
}

/** "256 pages (1.0 MiB)". */
export function pagesText(pages: number, bytes: number): string {
  return `${plural(pages, 'page')} (${formatBytes(bytes)})`;
}

/** The same of several pins together: "131 pages (524.0 KiB) in 131 pins". */
export function amountText(
  { pages, bytes }: { readonly pages: number; readonly bytes: number },
  pins: number,
): string {
  return pins === 1 ? pagesText(pages, bytes) : `${pagesText(pages, bytes)} in ${plural(pins, 'pin')}`;
}

/** "256 pages (1.0 MiB) long-term through an RDMA memory region on rxe0". */
export function pinText(pin: Pin): string {
  const term = pin.longterm ? ' long-term' : '';
  return `${pagesText(pin.taken, pin.bytes)}${term} through ${withArticle(pinObject(pin.via, pin.device))}`;
}

function withArticle(noun: string): string {
  if (noun.startsWith('direct I/O')) return noun;
  return /^(RDMA|AF_|io_|unknown)/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** "write lease", "read delegation", "write layout". */
export function leaseText(lease: {
  readonly type: LeaseState['type'];
  readonly class: LeaseState['class'];
}): string {
  return lease.type === 'none' ? lease.class : `${lease.type} ${lease.class}`;
}

/** Who pinned or took it: "rdma[405]", "nfsd[73] for NFS client 10.0.0.7", or that this is not known. */
export function takerName(held: Lease | Pin): string {
  const name = held.taker === null ? 'a process that is not known' : taskName(held.taker);
  return held.kind === 'lease' && held.client !== null ? `${name} for NFS client ${held.client}` : name;
}

export function viaOf(held: Lease | Pin): PinVia | null {
  return held.kind === 'pin' ? held.via : null;
}

/** "rdma[406] through uverbs fd 3". */
function holdingText(held: Lease | Pin, { task, through, fds, holds }: Holding): string {
  if (through !== 'descriptor') return keptText(through, fds, taskName(task));
  if (holds.length === 0) return taskName(task);
  return `${taskName(task)} through ${fdsText(viaOf(held), fds)}`;
}

/** What keeps an open file, by the process behind it: "the queue of socket fd 4 of b[172]". */
export function keptText(
  through: Exclude<HeldBy['through'], 'descriptor'>,
  fds: readonly number[],
  name: string,
): string {
  switch (through) {
    case 'socket-queue':
      return `the queue of ${fdsText('xdp-umem', fds)} of ${name}`;
    case 'io_uring-file':
      return `${name} as a registered file of ${fdsText('io_uring-buffer', fds)}`;
    case 'mapping':
      return `a mapping of ${name}`;
  }
}

/** "rdma[406] through uverbs fd 3 and b[7] through uverbs fd 4". */
export function holdersText(held: Lease | Pin, holdings: readonly Holding[]): string {
  return joinWords(
    holdings.map((holding) => holdingText(held, holding)),
    4,
  );
}

/** How an open file came: "received over SCM_RIGHTS". */
export function arrivalText(how: HandOverHow): string {
  switch (how) {
    case 'open':
      return 'opened';
    case 'fork':
      return 'inherited by fork';
    case 'dup':
      return 'duplicated';
    case 'scm_rights':
      return 'received over SCM_RIGHTS';
    case 'pidfd_getfd':
      return 'taken by pidfd_getfd';
    case 'unknown':
      return 'come by in a way not seen';
  }
}

/** "truncate", "hole punch", "open", "call". */
export function operationName(op: OperationName): string {
  switch (op) {
    case 'hole-punch':
      return 'hole punch';
    case 'other':
      return 'call';
    default:
      return op;
  }
}

/** "truncate by rdma[404]". */
export function operationText(operation: Pick<OperationRecord, 'op' | 'comm' | 'task'>): string {
  return `${operationName(operation.op)} by ${taskName({ pid: operation.task.pid, comm: operation.comm })}`;
}

/** "a lease break", "a busy DAX page". */
export function waitText(on: WaitOn): string {
  switch (on) {
    case 'lease-break':
      return 'a lease break';
    case 'layout-recall':
      return 'a layout recall';
    case 'dax-page':
      return 'a busy DAX page';
  }
}

/** What the owner of pinned pages can still do with them. */
export function dangerText(pin: Pick<Pin, 'via' | 'write'>): string {
  switch (pin.via) {
    case 'vmsplice':
      return 'the pipe still refers to them';
    case 'rdma-mr':
    case 'vfio':
    case 'xdp-umem':
    case 'direct-io':
      return pin.write ? 'the device can still write to them' : 'the device can still read them';
    case 'io_uring-buffer':
    case 'other':
      return pin.write ? 'the kernel can still write to them' : 'the kernel can still read them';
  }
}
