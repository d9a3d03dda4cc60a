/** What is drawn of a lease, a pin, a wait or an operation: a short name, cleaned, and the facts behind it. */
import { cleanName, formatResult } from '../base/text.ts';
import type { Holder, Operation, Target, Wait } from '../model/answer.ts';
import type { Hand, Passage } from '../model/select/lasting.ts';
import { arrivalText, leaseText, operationName, pagesText, taskName, waitText } from '../model/wording.ts';
import type { Args, Label } from './trace-event.ts';

/** "/mnt/dax/data", "259:0 inode 131". */
export function fileName({ path, dev, ino }: Target): string {
  return path === null ? `${dev} inode ${ino}` : cleanName(path);
}

/** "write lease", "pin of 256 pages (1.0 MiB)". */
export function holderName(holder: Holder): string {
  return holder.kind === 'lease'
    ? leaseText(holder.lease)
    : `pin of ${pagesText(holder.pages, holder.bytes)}`;
}

export function holderLabel(holder: Holder, target: Target): Label {
  const { kind, taken_by, held_by, in_flight, ended_ns, origin, certainty, reasons } = holder;
  const file = fileName(target);
  const own: Args =
    holder.kind === 'lease'
      ? { ended_by: holder.lease.ended_by }
      : { object: holder.object, via: holder.via, longterm: holder.longterm, freed_by: freedBy(holder) };
  return {
    name: `${holderName(holder)} ${file}`,
    cat: kind,
    args: {
      ...fileArgs(target),
      ...own,
      taken_by: taken_by === null ? 'not known' : taskName(taken_by),
      held_by: held_by.map(taskName),
      in_flight,
      state: ended_ns === undefined ? 'held when the recording ended' : 'ended',
      origin,
      certainty,
      reasons: reasons.map(cleanName),
    },
  };
}

function freedBy(pin: Extract<Holder, { readonly kind: 'pin' }>): string | undefined {
  return pin.freed_by === undefined
    ? undefined
    : `${operationName(pin.freed_by.op)} by ${taskName(pin.freed_by)}`;
}

export function handLabel({ fds, how, from }: Hand, holder: Holder, target: Target): Label {
  const origin = from === null ? '' : ` from ${from}`;
  return {
    name: `holds ${holderName(holder)} ${fileName(target)}`,
    cat: 'hand',
    args: { ...fileArgs(target), fds, how: `${arrivalText(how)}${origin}` },
  };
}

export function operationLabel(operation: Operation, target: Target): Label {
  const { op, detail, result, state, waited_ms, evidence } = operation;
  return {
    name: `${operationName(op)} ${fileName(target)}`,
    cat: 'operation',
    args: {
      ...fileArgs(target),
      detail: cleanName(detail),
      state,
      result: result === null ? null : formatResult(result),
      waited_ms,
      evidence,
    },
  };
}

export function waitLabel({ on, blockers, idle }: Wait, operation: Operation, target: Target): Label {
  return {
    name: `waits for ${waitText(on)} ${fileName(target)}`,
    cat: 'wait',
    args: { ...fileArgs(target), call: operationName(operation.op), blockers, idle },
  };
}

/** What happens at one end of a passage. */
export function passageLabel({ how, from, to, fds }: Passage, end: 'from' | 'to', target: Target): Label {
  const [sender, receiver] = [from, to].map((task) =>
    task === null ? 'nobody that was seen' : taskName(task),
  );
  const name = end === 'from' ? `passed on to ${receiver}` : `${arrivalText(how)} from ${sender}`;
  return { name, cat: 'hand-over', args: { ...fileArgs(target), how, from: sender, to: receiver, fds } };
}

function fileArgs(target: Target): Args {
  return { file: fileName(target), inode: `${target.dev}:${target.ino}` };
}
