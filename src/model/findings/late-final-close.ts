/** The last reference to an open file went long after its last descriptor: a mapping, a work queue, a thread kept it. */

import { formatDuration } from '../../base/time.ts';
import type { BootNs } from '../../event/event.ts';
import type { PinVia } from '../answer.ts';
import { filesOfPin, mayHaveOthers } from '../holding.ts';
import { LATE_CLOSE_NS } from '../limits.ts';
import { HOLDER_KINDS, judgeLoss } from '../loss.ts';
import { latestOf } from '../moments.ts';
import type { FinalClose, Model, OpenFile } from '../state.ts';
import { fdKind, offset, taskName } from '../wording.ts';
import { type Draft, NOTHING, type Rule } from './rule.ts';

/** PF_ flags of a task (include/linux/sched.h, 6.1 to 7.3). */
const PF_EXITING = 0x4;
const PF_IO_WORKER = 0x10;
const PF_KTHREAD = 0x200000;

export const lateFinalClose: Rule = {
  id: 'late-final-close',
  severity: 'note',
  thread: 'Dave Chinner, 19 Aug 2019',
  aboutLease: (lease, model) => (lease.endedBy === 'close' ? lateClose(lease.file, null, model) : NOTHING),
  aboutPin: (pin, model) =>
    filesOfPin(pin)
      .filter(({ closed }) => closed !== null && (pin.ended === null || closed.at <= pin.ended))
      .flatMap((file) => lateClose(file, pin.via, model)),
};

function lateClose(file: OpenFile, via: PinVia | null, model: Model): readonly Draft[] {
  const { closed } = file;
  const last = lastDescriptor(file);
  if (closed === null || !closed.seen || last === null || mayHaveOthers(file, closed.at)) return NOTHING;
  const wasQueued =
    file.handOvers.some((record) => record.dropped) ||
    file.keepers.some((keeper) => keeper.how === 'socket-queue');
  if (wasQueued || closed.at - last <= LATE_CLOSE_NS) return NOTHING;
  const kind = fdKind(via).replace(/ ?fd$/, ' file').trim();
  return [
    {
      text: `the last descriptor of the ${kind} was closed at ${offset(model, last)}, its last reference went ${formatDuration(closed.at - last)} later, ${contextText(closed)}`,
      tasks: closed.task === null ? [] : [closed.task],
      start: last,
      end: closed.at,
      judgement: judgeLoss(model, file.since, closed.at, HOLDER_KINDS),
      key: `${file.ptr} ${file.since}`,
    },
  ];
}

function lastDescriptor(file: OpenFile): BootNs | null {
  return latestOf(file.past.flatMap(({ until }) => (until === null ? [] : [until])));
}

/** In which context `__fput` ran. */
export function contextText({ task, flags }: FinalClose): string {
  const who = task === null ? '' : ` ${taskName(task)}`;
  if ((flags & PF_KTHREAD) !== 0) return `in a kernel worker${who}`;
  if ((flags & PF_IO_WORKER) !== 0) return `in an io_uring worker of${who}`;
  if ((flags & PF_EXITING) !== 0) return `when${who || ' its process'} exited`;
  return `by${who || ' a process'}`;
}
