/**
 * Which processes have a part in an open file, at a moment or over a time: through descriptors of it, or through the
 * sockets, rings and mappings that keep it. Pure questions; what counts as a holder is decided in holding.ts.
 */
import { NS_PER_S } from '../base/time.ts';
import type { BootNs } from '../event/event.ts';
import type { HeldBy } from './answer.ts';
import type { FdTable, Hold, Keeper, OpenFile, Task } from './state.ts';

/** Both ends of one process's descriptors close within this time. */
export const ONE_CLOSING_NS = NS_PER_S;

/** From one moment to another, both included. Null, where a span is asked for, is now. */
export interface Span {
  readonly from: BootNs;
  readonly to: BootNs;
}

/** One process's part in an open file, or in what keeps it. */
export interface Share {
  readonly task: Task;
  readonly through: HeldBy['through'];
  /** Null for a mapping. */
  readonly hold: Hold | null;
  readonly keepers: readonly Keeper[];
}

/**
 * Who has these files, and who has the sockets and rings that keep them, sockets in sockets included. Each file is
 * looked at once: two sockets may sit in each other's queues.
 */
export function sharesIn(
  files: readonly OpenFile[],
  span: Span | null,
  through: HeldBy['through'],
  keepers: readonly Keeper[],
  visited: Set<OpenFile> = new Set(),
): Share[] {
  return files.flatMap((file) => {
    if (visited.has(file)) return [];
    visited.add(file);
    const holds = span === null ? heldNow(file) : heldIn(file, span);
    const own = holds.map((share) => ({ ...share, through, keepers }));
    if (file.keepers.length === 0) return own;
    const kept = file.keepers.flatMap((keeper) => {
      if (!isIn(keeper, span)) return [];
      const way = [...keepers, keeper];
      const { task, anchor, how } = keeper;
      if (task !== null)
        return isAliveIn(task, span) ? [{ task, through: how, hold: null, keepers: way }] : [];
      const behind = anchor?.files ?? [];
      const found = sharesIn(behind, span, how, way, visited);
      // With its process's exit a socket is closed before what lies in its queue is let go.
      const { until } = keeper;
      if (found.length > 0 || span === null || until === null || until > span.to) return found;
      return behindKeeper(keeper, until, new Set(visited));
    });
    return [...own, ...kept];
  });
}

function isIn({ since, until }: Pick<Hold, 'since' | 'until'>, span: Span | null): boolean {
  if (span === null) return until === null;
  return since <= span.to && (until === null || until > span.from);
}

type Hand = Pick<Share, 'task'> & { readonly hold: Hold };

function heldNow(file: OpenFile): Hand[] {
  return file.held.flatMap((hold) => {
    const hands: Hand[] = [];
    for (const task of hold.table.users) if (task.exited === null) hands.push({ task, hold });
    return hands;
  });
}

function heldIn(file: OpenFile, span: Span): Hand[] {
  return [
    ...file.past.filter((hold) => isIn(hold, span)).map((hold) => ({ task: hold.task, hold })),
    ...file.held
      .filter((hold) => hold.since <= span.to)
      .flatMap((hold) => usersUntil(hold, span.to).map((task) => ({ task, hold }))),
  ];
}

/** A table's users but those that came to share it later. */
function usersUntil({ table, task }: Hold, to: BootNs): Task[] {
  return [...table.users].filter((user) => user === task || user.born === null || user.born <= to);
}

interface EndedShare extends Share {
  readonly until: BootNs;
}

/** Nobody held it any more: the process that let go last, of all that it let go of in the same closing. */
export function lastShares(files: readonly OpenFile[], at: BootNs): Share[] {
  const ended = endedShares(files, at, new Set());
  const [first, ...rest] = ended;
  if (first === undefined) return [];
  const last = rest.reduce((latest, share) => (share.until >= latest.until ? share : latest), first);
  return ended.filter(
    (share) => tableOf(share) === tableOf(last) && last.until - share.until <= ONE_CLOSING_NS,
  );
}

function endedShares(files: readonly OpenFile[], at: BootNs, visited: Set<OpenFile>): EndedShare[] {
  return files.flatMap((file) => {
    if (visited.has(file)) return [];
    visited.add(file);
    const own = file.past.flatMap((hold): EndedShare[] => {
      const { task, until } = hold;
      if (until === null || until > at) return [];
      return [{ task, through: 'descriptor', hold, keepers: [], until }];
    });
    const kept = file.keepers.flatMap((keeper) => {
      const { until } = keeper;
      if (until === null || until > at) return [];
      return behindKeeper(keeper, until, visited).map((share) => ({ ...share, until }));
    });
    return [...own, ...kept];
  });
}

/** The processes that had a queue, ring or mapping when it let go at `until`, or that let go of it itself just then. */
function behindKeeper(keeper: Keeper, until: BootNs, visited: Set<OpenFile>): Share[] {
  const { task, anchor, how } = keeper;
  if (task !== null) return [{ task, through: how, hold: null, keepers: [keeper] }];
  const files = anchor?.files ?? [];
  const span: Span = { from: until, to: until };
  const there = files.flatMap((file) => heldIn(file, span));
  if (there.length > 0) return there.map((hand) => ({ ...hand, through: how, keepers: [keeper] }));
  const ended = endedShares(files, until, visited).filter((share) => until - share.until <= ONE_CLOSING_NS);
  return ended.map(({ task: last, hold, keepers }) => ({
    task: last,
    through: how,
    hold,
    keepers: [...keepers, keeper],
  }));
}

function tableOf({ hold, task }: Share): FdTable {
  return hold?.table ?? task.table;
}

/** Whether a process lived at some time of a span. */
export function isAliveIn(task: Task, span: Span | null): boolean {
  if (task.gone) return false;
  if (task.exited === null) return true;
  return span !== null && span.from <= task.exited;
}
