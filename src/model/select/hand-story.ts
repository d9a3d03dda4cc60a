/**
 * The part of a file's story that happens to the open files behind its leases and pins: from hand to hand, closed, and
 * the exits of those who had them.
 */
import type { PinVia } from '../answer.ts';
import { contextText } from '../findings/late-final-close.ts';
import { filesOf } from '../holding.ts';
import type { HandOverRecord, Lease, OpenFile, Pin } from '../state.ts';
import { fdKind, fdsText, taskName, viaOf } from '../wording.ts';
import type { Moment } from './moment.ts';

/** A descriptor that waited in its queue for longer gets a moment for its sending. */
const AT_ONCE_NS = 1_000_000;

/** The ways of the open files behind leases and pins: handed over, closed. Each file once. */
export function handMoments(held: readonly (Lease | Pin)[]): Moment[] {
  const known = new Map<OpenFile, PinVia | null>();
  for (const each of held)
    for (const file of filesOf(each)) if (!known.has(file)) known.set(file, viaOf(each));
  const moments = [...known].flatMap(([file, via]) => [
    ...file.handOvers.flatMap((record) => handOverMoments(via, record)),
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

function handOverMoments(via: PinVia | null, record: HandOverRecord): Moment[] {
  const { how, from, to, at, sent, dropped } = record;
  const sender = from === null ? 'a process that was not seen' : taskName(from);
  const moments: Moment[] = [];
  if (how === 'scm_rights' && from !== null && (to === null || at - sent > AT_ONCE_NS)) {
    const fate = dropped ? ', which nobody received' : '';
    const text = `${sender} sent ${fdsText(via, [])} over SCM_RIGHTS${fate}`;
    moments.push({ at: sent, task: from, what: 'hand-over', text });
  }
  if (to === null) return moments;
  const fds = fdsText(via, record.fds);
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
export function exitMoments(held: readonly (Lease | Pin)[]): Moment[] {
  const tasks = new Set(held.flatMap((each) => each.taker ?? []));
  for (const file of held.flatMap(filesOf)) {
    for (const hold of [...file.past, ...file.held]) tasks.add(hold.task);
  }
  return [...tasks].flatMap((task) =>
    task.exited === null ? [] : [{ at: task.exited, task, what: 'exit', text: `${taskName(task)} exited` }],
  );
}
