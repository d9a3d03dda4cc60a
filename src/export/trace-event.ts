/**
 * The Trace Event Format, as far as we write it ("Trace Event Format", Google, 2016; read by ui.perfetto.dev, whose
 * src/trace_processor/importers/json was followed, and by speedscope). Times are microseconds; ours keep their
 * nanoseconds as decimals. An async pair (`b`, `e`) may overlap anything, a slice (`X`) only what it nests in; a flow
 * (`s`, `f`) binds to the slice of its thread that lasts at its time.
 */

/** Facts that a viewer shows when the event is chosen. */
export type Args = Readonly<Record<string, unknown>>;

interface Common {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
}

export type TraceEvent =
  | (Common & { readonly ph: 'M'; readonly args: Args })
  | (Common & { readonly ph: 'X'; readonly cat: string; readonly dur: number; readonly args: Args })
  | (Common & { readonly ph: 'b' | 'e'; readonly cat: string; readonly id: string; readonly args: Args })
  | (Common & { readonly ph: 's'; readonly cat: string; readonly id: string })
  | (Common & { readonly ph: 'f'; readonly cat: string; readonly id: string; readonly bp: 'e' });

/** Where an event is drawn. */
export interface Track {
  readonly pid: number;
  readonly tid: number;
}

/** What is drawn: its name, its kind (viewers filter by it) and its facts. */
export interface Label {
  readonly name: string;
  readonly cat: string;
  readonly args: Args;
}

/** From when to when, nanoseconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** An async pair. `id` is its own. */
export function asyncPair(id: number, { pid, tid }: Track, label: Label, period: Period): TraceEvent[] {
  const { name, cat, args } = label;
  const common = { name, cat, id: hex(id), pid, tid };
  return [
    { ...common, ph: 'b', ts: micros(period.from), args },
    { ...common, ph: 'e', ts: micros(Math.max(period.from, period.to)), args: {} },
  ];
}

/** A slice of a thread; it lasts a nanosecond at least, or no flow could bind to it. */
export function slice({ pid, tid }: Track, { name, cat, args }: Label, { from, to }: Period): TraceEvent {
  return { name, cat, ph: 'X', ts: micros(from), dur: micros(Math.max(1, to - from)), pid, tid, args };
}

/** An arrow from a slice to another: its two ends. */
export function flow(
  id: number,
  { name, cat }: Omit<Label, 'args'>,
  from: Track & { readonly at: number },
  to: Track & { readonly at: number },
): readonly [start: TraceEvent, finish: TraceEvent] {
  const common = { name, cat, id: hex(id) };
  return [
    { ...common, ph: 's', ts: micros(from.at), pid: from.pid, tid: from.tid },
    { ...common, ph: 'f', bp: 'e', ts: micros(to.at), pid: to.pid, tid: to.tid },
  ];
}

export function processName(pid: number, name: string, at: number): TraceEvent {
  return { name: 'process_name', ph: 'M', ts: micros(at), pid, tid: pid, args: { name } };
}

export function threadName({ pid, tid }: Track, name: string, at: number): TraceEvent {
  return { name: 'thread_name', ph: 'M', ts: micros(at), pid, tid, args: { name } };
}

/** Processes with a smaller index are drawn above. */
export function processOrder(pid: number, index: number, at: number): TraceEvent {
  return {
    name: 'process_sort_index',
    ph: 'M',
    ts: micros(at),
    pid,
    tid: pid,
    args: { sort_index: index },
  };
}

function micros(ns: number): number {
  return Math.max(0, ns) / 1000;
}

function hex(id: number): string {
  return `0x${id.toString(16)}`;
}
