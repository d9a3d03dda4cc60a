/**
 * A recording as Chrome trace JSON, for ui.perfetto.dev and speedscope.
 *
 * Each process has what it took, held and waited for as async events, since those overlap; its calls as slices of the
 * calling thread; what it handed on or was given as slices of a track of their own, with a flow from giver to taker.
 * Times are CLOCK_BOOTTIME, Perfetto's own clock: the file can be laid beside a trace of something else. Things are
 * written when they end; viewers sort.
 */
import { cleanName } from '../base/text.ts';
import type { Event } from '../event/event.ts';
import type { Header } from '../event/header.ts';
import type { Finding, Target } from '../model/answer.ts';
import { applyEvent, coverage, createModel, findings, watchEnds } from '../model/model.ts';
import type { Lasting, LastingHolder, LastingOperation, Passage } from '../model/select/lasting.ts';
import type { Conversion } from './conversion.ts';
import { fileName, handLabel, holderLabel, operationLabel, passageLabel, waitLabel } from './labels.ts';
import { createProcessTracks, handsTrackOf, THE_TRACE, trackOf } from './process-tracks.ts';
import {
  asyncPair,
  flow,
  type Label,
  processName,
  processOrder,
  slice,
  type TraceEvent,
  type Track,
} from './trace-event.ts';

export function toPerfetto(header: Header): Conversion {
  const model = createModel(header);
  const ends = watchEnds(model);
  const processes = createProcessTracks(model, nextId);
  const calls = createCallTracks();
  let ids = 0;
  let count = 0;

  function nextId(): number {
    ids += 1;
    return ids;
  }

  /** Now is the end of what has not ended: the model's last moment. */
  const now = () => model.coverage.now;

  function drawLasting(lasting: Lasting): TraceEvent[] {
    return lasting.kind === 'holder' ? drawHolder(lasting) : drawOperation(lasting);
  }

  function drawHolder({ target, holder, hands, passages }: LastingHolder): TraceEvent[] {
    const period = { from: holder.since_ns, to: holder.ended_ns ?? now() };
    return [
      ...processes.name(holder.taken_by),
      ...asyncPair(nextId(), trackOf(holder.taken_by), holderLabel(holder, target), period),
      ...hands.flatMap((hand) => {
        const held = { from: hand.since_ns, to: hand.until_ns ?? now() };
        return [
          ...processes.name(hand),
          ...asyncPair(nextId(), trackOf(hand), handLabel(hand, holder, target), held),
        ];
      }),
      ...passages.flatMap((passage) => drawPassage(passage, target)),
    ];
  }

  function drawPassage(passage: Passage, target: Target): TraceEvent[] {
    const { from, to, sent_ns, at_ns } = passage;
    const giver = from === null ? null : { ...handsTrackOf(from), at: sent_ns };
    const taker = to === null ? null : { ...handsTrackOf(to), at: at_ns };
    const given = giver === null ? [] : [pass(giver, passageLabel(passage, 'from', target))];
    const taken = taker === null ? [] : [pass(taker, passageLabel(passage, 'to', target))];
    const names = [from, to].flatMap((task) => (task === null ? [] : processes.name(task, true)));
    if (giver === null || taker === null) return [...names, ...given, ...taken];
    const [start, finish] = flow(nextId(), { name: 'hand-over', cat: 'hand-over' }, giver, taker);
    // An end of a flow binds to the slice that was last before it, also where all are of one time.
    return [...names, ...given, start, ...taken, finish];
  }

  function drawOperation({ target, operation, tid }: LastingOperation): TraceEvent[] {
    const track = trackOf(operation, tid);
    const period = calls.place(track.tid, { from: operation.started_ns, to: operation.ended_ns ?? now() });
    return [
      ...processes.name(operation),
      slice(track, operationLabel(operation, target), period),
      ...operation.waits.flatMap((wait) =>
        asyncPair(nextId(), trackOf(operation), waitLabel(wait, operation, target), {
          from: wait.since_ns,
          to: wait.ended_ns ?? now(),
        }),
      ),
    ];
  }

  function drawFinding(finding: Finding): TraceEvent[] {
    const { id, file, start_ns, end_ns, severity, certainty, text, pids, thread } = finding;
    const name = `${id} ${fileName({ ...file, fs: null })}`;
    const label = {
      name,
      cat: 'finding',
      args: { severity, certainty, text: cleanName(text), pids, thread },
    };
    return asyncPair(nextId(), THE_TRACE, label, { from: start_ns, to: end_ns ?? now() });
  }

  function drawTrace(): TraceEvent[] {
    const start = model.coverage.start ?? now();
    const { kernel, bpftrace, host, command } = header;
    const facts = { kernel, bpftrace, host, command: command?.map(cleanName).join(' ') };
    return [
      processName(THE_TRACE.pid, 'whopins', start),
      processOrder(THE_TRACE.pid, -1, start),
      slice(THE_TRACE, { name: 'the recording', cat: 'trace', args: facts }, { from: start, to: now() }),
    ];
  }

  /** Events as text; each but the first after a comma. */
  function write(events: readonly TraceEvent[]): string {
    let text = '';
    for (const event of events) {
      text += `${count === 0 ? '' : ','}\n${JSON.stringify(event)}`;
      count += 1;
    }
    return text;
  }

  function add(events: readonly Event[]): string {
    let text = '';
    for (const event of events) {
      applyEvent(model, event);
      const ended = ends.takeEnded();
      if (ended.length > 0) text += write(ended.flatMap(drawLasting));
      if (event.kind === 'task.exited') text += write(processes.drawExited(event.pid));
    }
    return text;
  }

  function* end(): Generator<string> {
    for (const lasting of ends.takeRest()) yield write(drawLasting(lasting));
    yield write([...findings(model).flatMap(drawFinding), ...processes.drawRest(), ...drawTrace()]);
    yield `\n],"otherData":${JSON.stringify(otherData())}}\n`;
  }

  function otherData() {
    const { rows, cut, ended, from_ns, now_ns, not_covered } = coverage(model);
    const { kernel, bpftrace, host, clock } = header;
    return {
      from_ns,
      to_ns: now_ns,
      rows,
      complete: ended && cut === null,
      not_covered,
      kernel,
      bpftrace,
      host,
      clock,
    };
  }

  return { begin: () => '{"displayTimeUnit":"ns","traceEvents":[', add, end };
}

/** A passage takes no time. */
function pass(place: Track & { readonly at: number }, label: Label): TraceEvent {
  return slice(place, label, { from: place.at, to: place.at });
}

/** As many threads are remembered, those that called last. */
const MOST_THREADS = 65_536;

/** Slices of one thread may not overlap: what seems to begin within the call before it begins at that one's end. */
function createCallTracks() {
  const ends = new Map<number, number>();
  function place(tid: number, { from, to }: { readonly from: number; readonly to: number }) {
    const begin = Math.max(from, ends.get(tid) ?? 0);
    const period = { from: begin, to: Math.max(begin + 1, to) };
    ends.delete(tid);
    ends.set(tid, period.to);
    if (ends.size > MOST_THREADS) {
      const [oldest] = ends.keys();
      if (oldest !== undefined) ends.delete(oldest);
    }
    return period;
  }
  return { place };
}
