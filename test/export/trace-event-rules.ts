/**
 * The rules of the Trace Event Format, as viewers take them ("Trace Event Format", Google, 2016; Perfetto's JSON importer;
 * speedscope's): each rule that a file breaks is a line.
 */

interface Read {
  readonly name?: unknown;
  readonly cat?: unknown;
  readonly ph?: unknown;
  readonly ts?: unknown;
  readonly dur?: unknown;
  readonly pid?: unknown;
  readonly tid?: unknown;
  readonly id?: unknown;
  readonly bp?: unknown;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** An event that has what every event must have. */
export interface Drawn extends Read {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
}

const PHASES = new Set(['M', 'X', 'b', 'e', 's', 'f']);

/** The events of a file that must be JSON. */
export function eventsIn(text: string): readonly Drawn[] {
  return JSON.parse(text).traceEvents;
}

/** What is wrong with a file; empty for one that every viewer opens. */
export function brokenRules(text: string): string[] {
  const file = JSON.parse(text);
  const broken: string[] = [];
  if (!Array.isArray(file.traceEvents)) return ['there is no traceEvents'];
  if (!['ns', 'ms'].includes(file.displayTimeUnit)) broken.push('displayTimeUnit is neither ns nor ms');
  const events: readonly Read[] = file.traceEvents;
  const drawn = events.filter((event, i): event is Drawn => {
    const why = whyNotDrawn(event);
    if (why !== null) broken.push(`event ${i}: ${why}: ${JSON.stringify(event)}`);
    return why === null;
  });
  return [...broken, ...asyncRules(drawn), ...sliceRules(drawn), ...flowRules(drawn)];
}

function whyNotDrawn({ name, ph, ts, dur, pid, tid, cat, id, bp, args }: Read): string | null {
  if (typeof ph !== 'string' || !PHASES.has(ph)) return 'no known phase';
  if (typeof name !== 'string' || name === '') return 'no name';
  // speedscope wants a ts of metadata too. A ts of nanoseconds would lie after the year 2100 in microseconds.
  if (typeof ts !== 'number' || !(ts >= 0 && ts < 2 ** 53 / 1000)) return 'ts is no number of microseconds';
  if (!isTaskNumber(pid) || !isTaskNumber(tid)) return 'pid or tid is no number of 32 bits';
  if (ph === 'M') return typeof (args?.name ?? args?.sort_index) === 'undefined' ? 'empty metadata' : null;
  if (typeof cat !== 'string') return 'no category';
  if (ph === 'X') return typeof dur === 'number' && dur > 0 ? null : 'a slice without a length';
  if (typeof id !== 'string' || !/^0x[0-9a-f]+$/.test(id)) return 'no id';
  return ph === 'f' && bp !== 'e' ? 'the end of a flow does not bind to the slice around it' : null;
}

function isTaskNumber(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
}

/** Async events of one category, id and name are one pair, in order, of one process. */
function asyncRules(events: readonly Drawn[]): string[] {
  const pairs = groupBy(
    events.filter(({ ph }) => ph === 'b' || ph === 'e'),
    ({ cat, id, name }) => `${cat} ${id} ${name}`,
  );
  return [...pairs].flatMap(([key, [begin, end, ...more]]) => {
    if (begin?.ph !== 'b' || end?.ph !== 'e' || more.length > 0) return [`${key}: not one b and one e`];
    if (begin.pid !== end.pid) return [`${key}: ends in another process`];
    return begin.ts > end.ts ? [`${key}: ends before it begins`] : [];
  });
}

/** Slices of one thread nest, or lie apart. */
function sliceRules(events: readonly Drawn[]): string[] {
  return [...slicesByThread(events)].flatMap(([thread, slices]) => {
    const open: Nanoseconds[] = [];
    return slices.flatMap((slice) => {
      while (open.length > 0 && (open.at(-1)?.to ?? 0) <= slice.from) open.pop();
      const around = open.at(-1);
      open.push(slice);
      return around !== undefined && slice.to > around.to
        ? [`${thread}: slices overlap at ${slice.from}`]
        : [];
    });
  });
}

/** A flow has two ends, in order, each within a slice of its thread that was written before it. */
function flowRules(events: readonly Drawn[]): string[] {
  const flows = groupBy(
    events.filter(({ ph }) => ph === 's' || ph === 'f'),
    ({ cat, id, name }) => `flow ${cat} ${id} ${name}`,
  );
  const slices = slicesByThread(events);
  const places = new Map(events.map((event, i) => [event, i]));
  return [...flows].flatMap(([key, [start, finish, ...more]]) => {
    if (start?.ph !== 's' || finish?.ph !== 'f' || more.length > 0) return [`${key}: not one s and one f`];
    if (start.ts > finish.ts) return [`${key}: goes back in time`];
    return [start, finish].flatMap((end) => {
      const at = Math.round(end.ts * 1000);
      const around = (slices.get(threadOf(end)) ?? []).filter(({ from, to }) => from <= at && at < to);
      const isBound = around.some(({ event }) => (places.get(event) ?? 0) < (places.get(end) ?? 0));
      return isBound ? [] : [`${key}: its ${end.ph} is in no slice`];
    });
  });
}

interface Nanoseconds {
  readonly from: number;
  readonly to: number;
  readonly event: Drawn;
}

function slicesByThread(events: readonly Drawn[]): Map<string, Nanoseconds[]> {
  const slices = events
    .filter(({ ph }) => ph === 'X')
    .map((event) => {
      const from = Math.round(event.ts * 1000);
      return { from, to: from + Math.round(Number(event.dur) * 1000), event };
    })
    .sort((one, other) => one.from - other.from || other.to - one.to);
  return groupBy(slices, ({ event }) => threadOf(event));
}

function threadOf({ pid, tid }: Drawn): string {
  return `thread ${pid}:${tid}`;
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
