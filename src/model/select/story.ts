/**
 * The moments of a file's story, in words: each lease, pin, hand-over, close, exit, wait and operation that is
 * remembered of it.
 */
import { unreachable } from '../../base/brand.ts';
import { errnoName, formatResult, plural } from '../../base/text.ts';
import { formatDuration } from '../../base/time.ts';
import type { OperationName } from '../answer.ts';
import { obstaclesOf } from '../blockers.ts';
import { waitedNs } from '../findings/blocked-operation.ts';
import type { Ended, Inode, Lease, Model, OperationRecord, Pin, Refusal, WaitRecord } from '../state.ts';
import {
  holdersText,
  leaseText,
  operationText,
  pinObject,
  pinText,
  takerName,
  taskName,
  waitText,
} from '../wording.ts';
import { exitMoments, handMoments } from './hand-story.ts';
import type { Moment } from './moment.ts';

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
    case 'contradiction':
      return [];
    default:
      return unreachable(entity);
  }
}

function leaseMoments(lease: Lease): Moment[] {
  const { taker, since, ended, breaking } = lease;
  const name = leaseText(lease);
  const moments: Moment[] = [
    { at: since, task: taker, what: 'lease', text: takenText(lease), starts: lease },
    ...lease.changes.map(({ at, from, to }) => ({
      at,
      task: taker,
      what: 'lease' as const,
      text: `the lease of ${takerName(lease)} changed from ${from} to ${to}`,
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
      text: `the ${name} of ${takerName(lease)} is being broken`,
    });
  }
  if (ended !== null) {
    const text = `the ${name} of ${takerName(lease)} ended ${endText(lease)}`;
    moments.push({ at: ended, task: taker, what: 'lease', text, ends: lease });
  }
  return moments;
}

function takenText(lease: Lease): string {
  const { seenTaken, fd, origin } = lease;
  const [name, by] = [leaseText(lease), takerName(lease)];
  if (origin === 'snapshot') return `a walk found a ${name} of ${by}`;
  return seenTaken
    ? `${by} took a ${name}${fd > 0 ? ` on fd ${fd}` : ''}`
    : `${by} had a ${name} before its first row`;
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
  const by = takerName(pin);
  const found = `a walk found ${pinText(pin)}, pinned by ${by}${pin.orphan ? '; they belong to no file any more' : ''}`;
  const text = pin.origin === 'snapshot' ? found : `${by} pinned ${pinText(pin)}`;
  const moments: Moment[] = [{ at: since, task: taker, what: 'pin', text, starts: pin }];
  if (ended !== null) {
    const how = pin.presumed ? 'is gone, as far as can be seen' : 'was released';
    const text = `the pin of ${by} ${how} (${pinObject(pin.via, pin.device)})`;
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
  const began = operation.found === null ? 'began' : 'was under way';
  const moments: Moment[] = [
    {
      at: started,
      task,
      what: 'operation',
      text: detail === '' ? `${name} ${began}` : `${name} ${began}, ${detail}`,
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
  const nobody = wait.idle !== null && by.length === 0 ? ' that nobody holds' : '';
  const holders = by.length === 0 ? nobody : ` held by ${[...new Set(by)].slice(0, 3).join(', ')}`;
  const text = `${operationText(operation)} waits for ${waitText(wait.on)}${holders}`;
  const begin: Moment = { at: wait.since, task, what: 'wait', text, starts: wait };
  if (wait.ended === null) return [begin];
  const over = `${operationText(operation)} waited ${formatDuration(wait.ended - wait.since)} for ${waitText(wait.on)}`;
  return [begin, { at: wait.ended, task, what: 'wait', text: over, ends: wait }];
}
