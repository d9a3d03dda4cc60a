/**
 * One plain line for each event, for `live --plain` and `replay --plain`:
 * `   12.345678  holder[405]  lease added: write lease on /mnt/ext4/data, fd 9`.
 */
import { unreachable } from '../base/brand.ts';
import { cleanName, errnoName, formatResult, plural } from '../base/text.ts';
import { formatSeconds } from '../base/time.ts';
import type { Dev, Event, Ino, RowEvent, StreamEvent } from '../event/event.ts';
import { leaseClass } from '../model/leases.ts';
import { isWalkRow } from '../model/walk/reduce-walk.ts';
import { leaseText, pagesText, taskName } from '../model/wording.ts';
import { walkText } from './walk-line.ts';

export interface LineContext {
  /** Where seconds are counted from, boot ns. */
  readonly startNs: number;
  /** The path of a file, null where it is not known. */
  readonly nameOf?: (dev: Dev, ino: Ino) => string | null;
}

const TIME_COLUMNS = 12;
const ARRIVALS = ['installed', 'received over SCM_RIGHTS', 'duplicated', 'taken by pidfd_getfd'] as const;
const ENDINGS = [
  '',
  ' by unlock',
  ' by the final close',
  ' by the break timeout',
  ' by its lease manager',
] as const;
const TRUNCATES = ['', '', ', by descriptor', ', by open'] as const;

/** The event as one line without a newline. Names in it are cleaned. */
export function eventLine(event: Event, context: LineContext): string {
  const time = formatSeconds(event.ts, context.startNs).padStart(TIME_COLUMNS);
  if (!('cpu' in event)) return `${time}  (trace)  ${streamText(event)}`;
  const thread = event.pid === event.tid ? '' : ` thread ${event.tid}`;
  return `${time}  ${taskName(event)}${thread}  ${rowText(event, context)}`;
}

function streamText(event: StreamEvent): string {
  switch (event.kind) {
    case 'stream.lost':
      return `${plural(event.rows, 'row')} lost: the kernel's buffer was full`;
    case 'stream.fired': {
      let sum = 0;
      for (const count of event.counts.values()) sum += count;
      return `${plural(sum, 'row')} fired so far${event.final ? ', final count' : ''}`;
    }
    case 'stream.bad':
      return `unreadable row: ${cleanName(event.why)}`;
    case 'stream.late':
      return `the next row is ${(event.behindNs / 1e6).toFixed(1)} ms late`;
    case 'stream.seam':
      return `here is a seam: ${cleanName(event.why)}`;
    case 'stream.cut':
      return `the trace broke off: ${cleanName(event.why)}`;
    default:
      return unreachable(event);
  }
}

function rowText(row: RowEvent, context: LineContext): string {
  // Inode 0: a system call's tracepoint does not tell the file.
  const on = 'ino' in row && row.ino !== 0 ? ` on ${fileText(row, context)}` : '';
  switch (row.kind) {
    case 'hello':
      return 'tracing begins';
    case 'beat':
      return 'tracing goes on';
    case 'bye':
      return 'tracing ends';
    case 'probe.skipped':
      return `${plural(row.hits, 'hit')} of ${cleanName(row.hook)} skipped by the kernel`;
    case 'task.forked':
      return `task forked: process ${row.child}`;
    case 'task.executed':
      return 'task executed a program';
    case 'task.exited':
      return `task exited: ${exitText(row.code)}`;
    case 'fd.installed':
      return `fd ${row.fd} ${ARRIVALS[row.how] ?? 'installed'}${on}`;
    case 'fd.closed':
      return `${row.fd < 0 ? 'a descriptor' : `fd ${row.fd}`} closed${on}`;
    case 'fd.sent':
      return `descriptor sent over SCM_RIGHTS (${row.nth + 1} of ${row.count})${on}`;
    case 'fd.discarded':
      return `descriptor went unreceived (${row.nth + 1} of ${row.count})${on}`;
    case 'pin.counted':
      return `direct I/O: ${plural(row.times, 'call')} pinned ${plural(row.pages, 'page')}${on}`;
    case 'file.finalClosed':
      return `final close${on}`;
    case 'inode.named':
      return `inode named: '${cleanName(row.name)}' at depth ${row.depth}${on}`;
    case 'inode.evicted':
      return `inode evicted${on}`;
    default:
      return isWalkRow(row) ? walkText(row, on) : accessText(row, on);
  }
}

/** Kinds that `rowText` does not handle. */
type AccessRow = Exclude<
  Extract<
    RowEvent,
    { readonly kind: `${'lease' | 'break' | 'open' | 'pin' | 'truncate' | 'hole' | 'wait'}.${string}` }
  >,
  { readonly kind: 'pin.counted' }
>;

function accessText(row: AccessRow, on: string): string {
  switch (row.kind) {
    case 'lease.added':
      return `lease added: ${leaseName(row)}${on}, ${row.fd < 0 ? 'by the kernel' : `fd ${row.fd}`}`;
    case 'lease.refused':
      return `lease refused with ${errnoName(row.error)}: ${leaseName(row)}${on}`;
    case 'lease.changed':
      return `lease changed: ${leaseName(row)} to ${row.to === 0 ? 'read' : 'write'}${on}`;
    case 'lease.released':
      return `lease released${ENDINGS[row.cause] ?? ''}: ${leaseName(row)}${on}`;
    case 'lease.client':
      return `NFS client of a lease: ${cleanName(row.name)}${on}`;
    case 'lease.signalled':
      return `signal ${row.signal} for fd ${row.fd} to process ${row.to} about a lease${on}`;
    case 'break.requested':
      return `lease break requested${on}`;
    case 'break.blocked':
      return `lease break has to wait${on}`;
    case 'break.ended':
      return `lease break ended with ${formatResult(row.result)}${on}`;
    case 'open.ended':
      return `open returned ${formatResult(row.result)}`;
    case 'pin.taken':
      return `${row.longterm !== 0 ? 'long-term ' : ''}pin taken: ${pagesText(row.pages, row.bytes)} by ${cleanName(row.via)}${deviceText(row.device)}${on}`;
    case 'pin.refused':
      return `${row.longterm !== 0 ? 'long-term ' : ''}pin refused with ${errnoName(row.error)}: ${cleanName(row.via)}${on}`;
    case 'pin.dropped':
      return `pin dropped: ${plural(row.pages, 'page')} of ${cleanName(row.via)}, ${row.left} left`;
    case 'truncate.began':
      return `truncate began: ${row.from < 0 ? '' : `${row.from} `}to ${row.to} bytes${TRUNCATES[row.how] ?? ''}${on}`;
    case 'truncate.ended':
      return `truncate ended with ${formatResult(row.result)}${on}`;
    case 'hole.began':
      return `hole punch began: ${row.length} bytes at ${row.offset}${on}`;
    case 'hole.ended':
      return `hole punch ended with ${formatResult(row.result)}${on}`;
    case 'wait.began':
      return `wait began for ${cleanName(row.on)}${on}`;
    case 'wait.ended':
      return `wait ended${on}`;
    default:
      return unreachable(row);
  }
}

function fileText({ dev, ino }: { readonly dev: Dev; readonly ino: Ino }, { nameOf }: LineContext): string {
  const name = nameOf?.(dev, ino) ?? null;
  return name === null ? `${dev} inode ${ino}` : cleanName(name);
}

/** The lease that a row's type and flags mean. */
export function leaseName({ type, flags }: { readonly type: number; readonly flags: number }): string {
  return leaseText({ type: type === 0 ? 'read' : 'write', class: leaseClass(flags) });
}

function deviceText(device: string): string {
  return device === '' ? '' : ` on ${cleanName(device)}`;
}

/** The raw exit code of a task: the low 7 bits are a signal, the next byte the status (wait(2)). */
function exitText(code: number): string {
  const signal = code & 0x7f;
  return signal === 0 ? `status ${(code >> 8) & 0xff}` : `signal ${signal}`;
}
