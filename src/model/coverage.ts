/**
 * How completely the trace saw what happened: rows seen, lost, late and undecodable, and when.
 *
 * The kernel counts every row where it is fired (`@fired`), before it is printed. After `bye` those counters are exact:
 * lost = fired − seen, kind by kind. At a beat they run ahead of the rows, which may still sit in a buffer; so a kind's
 * loss counts there only when even the previous beat's counter exceeds the rows seen by now. bpftrace's own loss
 * messages come sooner, but do not tell the kind, and not always the number: where the kernel's counters and the
 * workload agreed on 117,182 lost rows, 0.23 said 175,282; of 36,177 lost ones 0.27 said nothing at all. So they count
 * only until the final counters are there.
 */
import { plural } from '../base/text.ts';
import { type BootNs, type Event, inodeKey, type RowEvent, type StreamEvent } from '../event/event.ts';
import { isOwnKind, ROW_KINDS } from '../event/schema.ts';
import type { Coverage, NotCovered } from './answer.ts';
import { LIMITS } from './limits.ts';
import { earlierOf, laterOf } from './moments.ts';
import type { CoverageState, LateRow, Loss, Model } from './state.ts';

const NEVER = 0 as BootNs;

type Fired = Extract<Event, { readonly kind: 'stream.fired' }>;

/** Counts a row, and moves the clock on. A late row does not move it back. */
export function countRow(coverage: CoverageState, row: RowEvent): void {
  coverage.start ??= row.ts;
  if (coverage.isLateNext) noteLate(coverage, row);
  // It may bear on what has ended by then. A walk's rows are of the moment when it began.
  if (row.ts < coverage.now && !row.kind.startsWith('walk.')) coverage.lossVersion += 1;
  coverage.now = laterOf(coverage.now, row.ts);
  coverage.rows += 1;
  coverage.seen.set(row.kind, (coverage.seen.get(row.kind) ?? 0) + 1);
  if (row.kind === 'hello') coverage.from ??= row.ts;
  if (row.kind === 'bye') coverage.ended = true;
}

/** The row was not put in order: between its time and now it was not known. */
function noteLate(coverage: CoverageState, row: RowEvent): void {
  coverage.isLateNext = false;
  coverage.lossVersion += 1;
  const to = laterOf(coverage.now, row.ts);
  const late: Loss = { what: 'late', from: row.ts, to, kind: row.kind, rows: 1 };
  // A process that comes, goes or shares its table late may bear on anything.
  coverage.losses.push(row.kind.startsWith('task.') ? late : { ...late, about: aboutOf(row) });
  if (coverage.losses.length > LIMITS.losses) mergeOldest(coverage.losses);
}

function aboutOf(row: RowEvent): LateRow {
  return {
    pid: row.pid,
    file: 'file' in row ? row.file : 0,
    object: 'object' in row ? row.object : 0,
    inode: 'ino' in row ? inodeKey(row.dev, row.ino) : null,
  };
}

/** Moves the clock on to a moment without a row: what was waiting goes on waiting. Never moves it back. */
export function advanceClock(model: Model, to: BootNs): void {
  model.coverage.now = laterOf(model.coverage.now, to);
}

/** Takes what the stream says about itself. */
export function noteStream(coverage: CoverageState, event: StreamEvent): void {
  switch (event.kind) {
    case 'stream.lost':
      if (!Number.isFinite(event.rows) || event.rows <= 0) return;
      coverage.streamLost += event.rows;
      addLoss(coverage, null, event.rows, coverage.firedBefore);
      return;
    case 'stream.fired':
      if (event.final) settleCounters(coverage, event);
      else compareCounters(coverage, event);
      return;
    case 'stream.bad':
      coverage.bad += 1;
      addLoss(coverage, null, 1, coverage.firedAt);
      return;
    case 'stream.late':
      coverage.late += 1;
      coverage.isLateNext = true;
      return;
    case 'stream.seam':
      noteSeam(coverage, event.why);
      return;
    case 'stream.cut':
      coverage.cut ??= event.why;
      return;
  }
}

/** Another trace follows: what was lost before it stays lost, and the kernel's counters begin anew. */
function noteSeam(coverage: CoverageState, why: string): void {
  if (coverage.seams.length < LIMITS.seams) coverage.seams.push({ at: coverage.now, why });
  coverage.lostBefore = lostRows(coverage);
  coverage.streamLost = 0;
  coverage.lostByKind.clear();
  coverage.lossVersion += 1;
  coverage.from = null;
  // The clock may begin anew: the next row tells.
  coverage.now = NEVER;
  coverage.settled = false;
  coverage.extraByKind.clear();
  coverage.seen.clear();
  coverage.seenBefore = new Map();
  coverage.fired = new Map();
  coverage.firedAt = null;
  coverage.firedBefore = null;
  coverage.beatsWaited = 0;
  coverage.balanced.clear();
  coverage.ended = false;
}

/**
 * Whether all rows that these counters count have come, if they come at all. bpftrace reads the counters later than the
 * beat asked for, under load by seconds; how many beats they count tells how late. A beat beyond those was fired after
 * the reading. Where beats are lost, too, ten of them must do.
 */
function isDue({ fired, seen, beatsWaited }: CoverageState): boolean {
  return (seen.get('beat') ?? 0) > (fired.get('beat') ?? 0) || beatsWaited >= PATIENCE_BEATS;
}

const PATIENCE_BEATS = 10;

function compareCounters(coverage: CoverageState, event: Fired): void {
  noteBalance(coverage, event);
  // Rows that come after the counters may have been fired before them on another processor, and are put in front of them:
  // only those that were seen by the beat before are surely counted by now.
  for (const [kind, seen] of coverage.seenBefore) noteExtra(coverage, kind, seen, event.counts.get(kind));
  coverage.seenBefore = new Map(coverage.seen);
  coverage.beatsWaited += 1;
  if (!isDue(coverage)) return;
  for (const [kind, fired] of coverage.fired) noteMissing(coverage, kind, fired);
  coverage.fired = event.counts;
  coverage.beatsWaited = 0;
  coverage.firedBefore = coverage.firedAt;
  coverage.firedAt = coverage.now;
}

/**
 * Remembers for which kinds nothing is missing up to now. That a count is reached again later proves nothing about the
 * time between: rows that came since then make up for lost ones.
 */
function noteBalance(coverage: CoverageState, { counts }: Fired): void {
  for (const [kind, fired] of counts) {
    const accounted = (coverage.seen.get(kind) ?? 0) + (coverage.lostByKind.get(kind) ?? 0);
    const since = accounted >= fired ? coverage.now : balancedAt(coverage, kind);
    if (since !== null) coverage.balanced.set(kind, since);
  }
}

/** Until when surely no row of this kind was lost, but for those that are known to be; null where that was never so. */
function balancedAt({ balanced, fired, firedAt }: CoverageState, kind: string): BootNs | null {
  return balanced.get(kind) ?? (fired.has(kind) ? null : firedAt);
}

function settleCounters(coverage: CoverageState, event: Fired): void {
  for (const kind of new Set([...event.counts.keys(), ...coverage.seen.keys()])) {
    noteMissing(coverage, kind, event.counts.get(kind) ?? 0);
    noteExtra(coverage, kind, coverage.seen.get(kind) ?? 0, event.counts.get(kind));
  }
  // Now each lost row is known by its kind. Losses that were merged stand for several kinds, and for what no counter has.
  const isLost = ({ kind, isMerged, isMixed }: Loss) =>
    isMixed === true ||
    (kind === null
      ? isMerged === true && coverage.lostByKind.size > 0
      : (coverage.lostByKind.get(kind) ?? 0) > 0);
  const kept = coverage.losses.filter((loss) => loss.what !== 'lost' || isLost(loss));
  coverage.losses.splice(0, coverage.losses.length, ...kept);
  coverage.settled = true;
  coverage.lossVersion += 1;
}

/** The name under which missing rows of walks are counted. */
export const WALK_ROWS = 'walk';

/** Rows of a walk are missing, as its last row or its ends tell; none where `rows` is not positive. */
export function noteWalkLoss(coverage: CoverageState, rows: number, at: BootNs | null): void {
  if (rows <= 0) return;
  coverage.lostByKind.set(WALK_ROWS, (coverage.lostByKind.get(WALK_ROWS) ?? 0) + rows);
  addLoss(coverage, WALK_ROWS, rows, at);
}

/** The kernel did not run a probe for some hits. Which of them would have been rows is not known. */
export function noteSkipped(coverage: CoverageState, row: RowEvent<'probe.skipped'>): void {
  if (row.hits <= 0) return;
  coverage.skipped += row.hits;
  const since = earlierOf(row.since as BootNs, row.ts);
  const kinds = row.kinds.split(' ');
  // What is no kind, or none at all, may bear on any.
  const known = ROW_KINDS.filter((kind) => kinds.includes(kind));
  for (const kind of known.length === kinds.length ? known : [null])
    addLoss(coverage, kind, row.hits, since, 'skipped');
}

/** Something that lives was forgotten, to stay within memory. */
export function noteForgotten(coverage: CoverageState): void {
  coverage.forgotten += 1;
  coverage.lossVersion += 1;
}

/** Fewer rows of a kind than the kernel counted: some were lost; what came after all is not lost any more. */
function noteMissing(coverage: CoverageState, kind: string, fired: number): void {
  const missing = Math.max(0, fired - (coverage.seen.get(kind) ?? 0));
  const known = coverage.lostByKind.get(kind) ?? 0;
  if (missing > 0) coverage.lostByKind.set(kind, missing);
  else coverage.lostByKind.delete(kind);
  if (missing > known) addLoss(coverage, kind, missing - known, balancedAt(coverage, kind));
}

/** More rows of a kind than the kernel counted: some came twice. */
function noteExtra(coverage: CoverageState, kind: string, seen: number, fired: number | undefined): void {
  if (fired === undefined && isOwnKind(kind)) return;
  const extra = Math.max(0, seen - (fired ?? 0));
  const known = coverage.extraByKind.get(kind) ?? 0;
  if (extra <= known) return;
  coverage.extraByKind.set(kind, extra);
  addLoss(coverage, kind, extra - known, coverage.firedBefore, 'extra');
}

function addLoss(
  coverage: CoverageState,
  kind: string | null,
  rows: number,
  since: BootNs | null,
  what: Loss['what'] = 'lost',
): void {
  coverage.lossVersion += 1;
  const from = since ?? coverage.start ?? coverage.now;
  const last = coverage.losses.at(-1);
  if (last !== undefined && last.kind === kind && last.from === from && last.what === what) {
    coverage.losses[coverage.losses.length - 1] = { ...last, to: coverage.now, rows: last.rows + rows };
    return;
  }
  coverage.losses.push({ what, from, to: coverage.now, kind, rows });
  if (coverage.losses.length > LIMITS.losses) mergeOldest(coverage.losses);
}

/** The two oldest become one of no known kind: wider and vaguer, never smaller. */
function mergeOldest(losses: Loss[]): void {
  const [first, second] = losses;
  if (first === undefined || second === undefined) return;
  const kind = first.kind === second.kind ? first.kind : null;
  const from = earlierOf(first.from, second.from);
  const to = laterOf(first.to, second.to);
  const what = first.what === second.what ? first.what : 'lost';
  const isMixed = first.what !== second.what || first.isMixed === true || second.isMixed === true;
  losses.splice(0, 2, { what, from, to, kind, rows: first.rows + second.rows, isMerged: true, isMixed });
}

/** How many rows were lost: by the kernel's counters; until they are final, by bpftrace's messages, if those say more. */
export function lostRows({ settled, lostBefore, streamLost, lostByKind }: CoverageState): number {
  const counted = sumOf(lostByKind.values());
  return lostBefore + (settled ? counted : Math.max(streamLost, counted));
}

/** The trace's coverage up to now. */
export function coverageOf(model: Model): Coverage {
  const { coverage } = model;
  return {
    from_ns: coverage.from,
    now_ns: coverage.now,
    rows: { seen: coverage.rows, lost: lostRows(coverage), late: coverage.late, bad: coverage.bad },
    lostByKind: new Map(coverage.lostByKind),
    ended: coverage.ended,
    cut: coverage.cut,
    evicted: coverage.evicted + coverage.forgotten,
    not_covered: notCovered(model),
  };
}

/** What was left out from the start, what the kernel skipped, and what the last walk could not look into. */
export function notCovered({ header, walk, coverage }: Model): readonly NotCovered[] {
  const skipped = coverage.skipped === 0 ? [] : [skippedGap(coverage.skipped)];
  const all = [...header.left_out, ...skipped, ...walk.gaps];
  const isFirst = (gap: NotCovered, i: number) =>
    all.findIndex((each) => each.path === gap.path && each.reason === gap.reason) === i;
  return all.length === header.left_out.length ? header.left_out : all.filter(isFirst);
}

function skippedGap(hits: number): NotCovered {
  const reason = `${plural(hits, 'hit')} of probes that the kernel skipped, because their programs were preempted`;
  return { path: 'session', reason };
}

/** Where offsets are counted from: the first row. */
export function startOf(model: Model): BootNs {
  return model.coverage.start ?? model.coverage.now;
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
