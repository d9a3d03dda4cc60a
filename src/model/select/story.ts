/**
 * The moments of a file's story, in words: each lease, pin, hand-over, close, exit, wait and operation that is
 * remembered of it.
 */
import { unreachable } from '../../base/brand.ts';
import { errnoName, formatResult, plural } from '../../base/text.ts';
import { formatDuration } from '../../base/time.ts';
import type { BootNs } from '../../event/event.ts';
import type { OperationName, PinVia, TimelineWhat } from '../answer.ts';
import { obstaclesOf } from '../blockers.ts';
import { waitedNs } from '../findings/blocked-operation.ts';
import { contextText } from '../findings/late-final-close.ts';
import { filesOf } from '../holding.ts';
import type {
  Ended,
  HandOverRecord,
  Inode,
  Lease,
  Model,
  OpenFile,
  OperationRecord,
  Pin,
  Refusal,
  Task,
  WaitRecord,
} from '../state.ts';
import {
  fdKind,
  fdsText,
  holdersText,
  leaseText,
  operationText,
  pinObject,
  pinText,
  taskName,
  viaOf,
  waitText,
} from '../wording.ts';

/** A moment, and the lease, pin or wait that starts or ends with it. */
export interface Moment {
  readonly at: BootNs;
  readonly task: Task | null;
  readonly what: TimelineWhat;
  readonly text: string;
  readonly starts?: object;
  readonly ends?: object;
}

/** A descriptor that waited in its queue for longer gets a moment for its sending. */
const AT_ONCE_NS = 1_000_000;

/** All moments of one inode, in no particular order but for those of the same time. */
export function storyOf(model: Model, inode: Inode): readonly Moment[] {
  const entities = [...inode.past, ...inode.leases, ...inode.pins, ...inode.operations];
  const held = entities.filter((each) => each.kind === 'lease' || each.kind === 'pin');
  return [
    ...entities.flatMap((each) => entityMoments(model, each)),
    ...handMoments(held),
    ...exitMoments(held),
  ];
}

function entityMoments(model: Model, entity: Ended): readonly Moment[] {
  switch (entity.kind) {
    case 'lease':
      return leaseMoments(entity);
    case 'pin':
      return pinMoments(entity);
    case 'operation':
      return operationMoments(model, entity);
    case 'refusal':
      return [refusalMoment(entity)];
    case 'leak':
      return [];
    default:
      return unreachable(entity);
  }
}

function leaseMoments(lease: Lease): Moment[] {
  const { taker, since, ended, breaking, seenTaken, fd } = lease;
  const name = leaseText(lease);
  const number = fd > 0 ? ` on fd ${fd}` : '';
  const taken = seenTaken ? `took a ${name}${number}` : `had a ${name} before its first row`;
  const moments: Moment[] = [
    { at: since, task: taker, what: 'lease', text: `${taskName(taker)} ${taken}`, starts: lease },
    ...lease.changes.map(({ at, from, to }) => ({
      at,
      task: taker,
      what: 'lease' as const,
      text: `the lease of ${taskName(taker)} changed from ${from} to ${to}`,
    })),
    ...lease.signals.map(({ at, to, fd: number, signal, stray }) => ({
      at,
      task: to,
      what: 'break' as const,
      text: `signal ${signal} about the break of the ${name} went to ${taskName(to)} (fd ${number})${stray === true ? ', which no longer has the file' : ''}`,
    })),
  ];
  if (breaking !== null) {
    moments.push({
      at: breaking,
      task: taker,
      what: 'break',
      text: `the ${name} of ${taskName(taker)} is being broken`,
    });
  }
  if (ended !== null) {
    const text = `the ${name} of ${taskName(taker)} ended ${endText(lease)}`;
    moments.push({ at: ended, task: taker, what: 'lease', text, ends: lease });
  }
  return moments;
}

function endText({ endedBy, presumed }: Lease): string {
  switch (endedBy) {
    case 'unlock':
      return 'by unlock';
    case 'close':
      return presumed
        ? 'with its last descriptor, as far as can be seen'
        : 'with the last reference to its file';
    case 'timeout':
      return 'because its break was not answered in time';
    case 'manager':
      return 'by its lease manager';
    default:
      return 'for a reason that was not seen';
  }
}

function pinMoments(pin: Pin): Moment[] {
  const { taker, since, ended } = pin;
  const moments: Moment[] = [
    { at: since, task: taker, what: 'pin', text: `${taskName(taker)} pinned ${pinText(pin)}`, starts: pin },
  ];
  if (ended !== null) {
    const how = pin.presumed ? 'is gone, as far as can be seen' : 'was released';
    const text = `the pin of ${taskName(taker)} ${how} (${pinObject(pin.via, pin.device)})`;
    moments.push({ at: ended, task: taker, what: 'pin', text, ends: pin });
  }
  return moments;
}

function refusalMoment({ at, task, what, error, count, longterm }: Refusal): Moment {
  const asked = what === 'lease' ? 'a lease' : `a ${longterm ? 'long-term ' : ''}pin`;
  const often = count > 1 ? `, ${plural(count, 'time')}` : '';
  return { at, task, what, text: `${taskName(task)} was refused ${asked} with ${errnoName(error)}${often}` };
}

function operationMoments(model: Model, operation: OperationRecord): Moment[] {
  const { task, started, ended, result, detail, freed, waits } = operation;
  const name = operationText(operation);
  const moments: Moment[] = [
    {
      at: started,
      task,
      what: 'operation',
      text: detail === '' ? `${name} began` : `${name} began, ${detail}`,
    },
    ...waits.flatMap((wait) => waitMoments(operation, wait)),
  ];
  if (ended === null) return moments;
  const pages = freed.reduce((sum, pin) => sum + pin.taken, 0);
  const taken = pages > 0 ? `; it freed pages under pins of ${plural(pages, 'page')}` : '';
  const waited = waits.length > 0 ? `, ${formatDuration(waitedNs(operation, model))} of it waiting` : '';
  const outcome =
    result === null ? 'ended, its result was not seen' : `returned ${returned(operation.op, result)}`;
  const text = `${name} ${outcome} after ${formatDuration(ended - started)}${waited}${taken}`;
  return [...moments, { at: ended, task, what: 'operation', text }];
}

function returned(op: OperationName, result: number): string {
  return op === 'open' && result >= 0 ? `fd ${result}` : formatResult(result);
}

function waitMoments(operation: OperationRecord, wait: WaitRecord): Moment[] {
  const { task } = operation;
  const by = obstaclesOf(wait)
    .filter(({ holders }) => holders.length > 0)
    .map(({ held, holders }) => holdersText(held, holders));
  const holders = by.length === 0 ? '' : ` held by ${[...new Set(by)].slice(0, 3).join(', ')}`;
  const text = `${operationText(operation)} waits for ${waitText(wait.on)}${holders}`;
  const begin: Moment = { at: wait.since, task, what: 'wait', text, starts: wait };
  if (wait.ended === null) return [begin];
  const over = `${operationText(operation)} waited ${formatDuration(wait.ended - wait.since)} for ${waitText(wait.on)}`;
  return [begin, { at: wait.ended, task, what: 'wait', text: over, ends: wait }];
}

/** The ways of the open files behind leases and pins: handed over, closed. Each file once. */
function handMoments(held: readonly (Lease | Pin)[]): Moment[] {
  const known = new Map<OpenFile, PinVia | null>();
  for (const each of held)
    for (const file of filesOf(each)) if (!known.has(file)) known.set(file, viaOf(each));
  const moments = [...known].flatMap(([file, via]) => [
    ...file.handOvers.flatMap((record) => handOverMoments(file, via, record)),
    ...closeMoments(file, via),
  ]);
  // Both ends of a pipe go the same way in one message.
  const texts = new Set<string>();
  return moments.filter(({ at, text }) => {
    const name = `${Math.round(at / AT_ONCE_NS)} ${text}`;
    const isNew = !texts.has(name);
    texts.add(name);
    return isNew;
  });
}

function handOverMoments(file: OpenFile, via: PinVia | null, record: HandOverRecord): Moment[] {
  const { how, from, to, at, sent, dropped } = record;
  const sender = from === null ? 'a process that was not seen' : taskName(from);
  const moments: Moment[] = [];
  if (how === 'scm_rights' && from !== null && (to === null || at - sent > AT_ONCE_NS)) {
    const fate = dropped ? ', which nobody received' : '';
    const text = `${sender} sent ${fdsText(via, [])} over SCM_RIGHTS${fate}`;
    moments.push({ at: sent, task: from, what: 'hand-over', text });
  }
  if (to === null) return moments;
  const hold = [...file.past, ...file.held].find((each) => each.task === to && each.since === at);
  const fds = fdsText(via, hold?.fds ?? []);
  const arrival = {
    fork: `inherited ${fds} by fork from ${sender}`,
    scm_rights: `received ${fds} over SCM_RIGHTS from ${sender}`,
    pidfd_getfd: `took ${fds} from ${sender} by pidfd_getfd`,
    open: `opened ${fds}`,
    dup: `duplicated ${fds}`,
    unknown: `came by ${fds}`,
  }[how];
  return [...moments, { at, task: to, what: 'hand-over', text: `${taskName(to)} ${arrival}` }];
}

function closeMoments(file: OpenFile, via: PinVia | null): Moment[] {
  const moments: Moment[] = [];
  for (const { task, fds, until } of file.past) {
    if (until === null || (task.exited !== null && until >= task.exited)) continue;
    moments.push({ at: until, task, what: 'close', text: `${taskName(task)} closed ${fdsText(via, fds)}` });
  }
  const { closed } = file;
  if (closed?.seen === true) {
    const kind = fdKind(via).replace(/ ?fd$/, ' file').trim();
    const text = `the last reference to the ${kind} went ${contextText(closed)}`;
    moments.push({ at: closed.at, task: closed.task, what: 'close', text });
  }
  return moments;
}

/** The exits of those who took or held something here. */
function exitMoments(held: readonly (Lease | Pin)[]): Moment[] {
  const tasks = new Set(held.map((each) => each.taker));
  for (const file of held.flatMap(filesOf)) {
    for (const hold of [...file.past, ...file.held]) tasks.add(hold.task);
  }
  return [...tasks].flatMap((task) =>
    task.exited === null ? [] : [{ at: task.exited, task, what: 'exit', text: `${taskName(task)} exited` }],
  );
}
