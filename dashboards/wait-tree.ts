/**
 * Who waits for whom, as a tree: at the roots the processes that hold and wait for nobody (to end one frees what is
 * below it), under each the calls that wait for it, under these the calls that wait for them. A circle has no such root:
 * it is entered at its longest wait and marked where it closes.
 */
import type { TaskRef } from '../src/model/answer.ts';
import type { WaitEdge } from '../src/model/select/wait-graph.ts';

export type WaitRow = {
  readonly id: string;
  readonly depth: number;
  /** The last one below its parent. */
  readonly isLast: boolean;
} & (
  | {
      readonly kind: 'blocker';
      readonly task: TaskRef;
      readonly holds: string;
      /** The wait in its way to that one: what it holds is told by the edge's file. */
      readonly first: WaitEdge;
      /** Calls that wait below it, directly or not. */
      readonly behind: number;
      /** It waits itself, in a circle. */
      readonly isCircle: boolean;
    }
  | { readonly kind: 'nobody'; readonly idle: boolean }
  | { readonly kind: 'wait'; readonly edge: WaitEdge; readonly others: readonly TaskRef[] }
  /** The circle closes: this process stands above already. */
  | { readonly kind: 'circle'; readonly task: TaskRef; readonly pids: readonly number[] }
);

/** More rows than any screen shows: a tree of calls with many blockers each grows without end. */
const MOST_ROWS = 4000;

/** The rows of the tree, top down. */
export function waitTree(edges: readonly WaitEdge[]): readonly WaitRow[] {
  const below = groupByBlocker(edges);
  const waiting = new Set(edges.map(({ waiter }) => waiter.pid));
  const rows: WaitRow[] = [];
  const shown = new Set<WaitEdge>();

  function addEdges(pid: number, depth: number, path: readonly number[]): void {
    const blocked = below.get(pid) ?? [];
    for (const [index, edge] of blocked.entries()) {
      if (rows.length >= MOST_ROWS) return;
      shown.add(edge);
      const others = edge.blockers.map(({ task }) => task).filter((task) => task.pid !== pid);
      const id = `${edge.tid} ${path.join(' ')} ${pid}`;
      rows.push({ kind: 'wait', id, depth, isLast: index === blocked.length - 1, edge, others });
      const { waiter } = edge;
      const way = [...path, pid];
      if (way.includes(waiter.pid)) {
        const pids = way.slice(way.indexOf(waiter.pid));
        rows.push({ kind: 'circle', id: `${id} circle`, depth: depth + 1, isLast: true, task: waiter, pids });
      } else {
        addEdges(waiter.pid, depth + 1, way);
      }
    }
  }

  function addRoot(pid: number, isCircle: boolean): void {
    const first = below.get(pid)?.[0];
    const blocker = first?.blockers.find(({ task }) => task.pid === pid);
    if (first === undefined || blocker === undefined) return;
    const { task, holds } = blocker;
    const behind = countBehind(below, pid);
    rows.push({
      kind: 'blocker',
      id: `p${pid}`,
      depth: 0,
      isLast: true,
      task,
      holds,
      first,
      behind,
      isCircle,
    });
    addEdges(pid, 1, []);
  }

  for (const pid of below.keys()) if (!waiting.has(pid)) addRoot(pid, false);
  for (const edge of edges) {
    const [blocker] = edge.blockers;
    if (blocker !== undefined && !shown.has(edge)) addRoot(circleEntry(edges, edge), true);
  }
  for (const idle of [true, false]) addNobody(rows, edges, idle);
  return rows;
}

/** A process of the circle that the edge leads into: the first that is met twice. */
function circleEntry(edges: readonly WaitEdge[], from: WaitEdge): number {
  const met = new Set<number>();
  let pid = from.waiter.pid;
  while (!met.has(pid)) {
    met.add(pid);
    const next = edges.find(({ waiter, blockers }) => waiter.pid === pid && blockers.length > 0);
    pid = next?.blockers[0]?.task.pid ?? pid;
  }
  return pid;
}

function groupByBlocker(edges: readonly WaitEdge[]): ReadonlyMap<number, readonly WaitEdge[]> {
  const below = new Map<number, WaitEdge[]>();
  for (const edge of edges) {
    for (const { task } of edge.blockers) {
      const known = below.get(task.pid);
      if (known === undefined) below.set(task.pid, [edge]);
      else known.push(edge);
    }
  }
  return below;
}

function countBehind(below: ReadonlyMap<number, readonly WaitEdge[]>, root: number): number {
  const edges = new Set<WaitEdge>();
  const pids = [root];
  for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
    for (const edge of below.get(pid) ?? []) {
      if (edges.has(edge)) continue;
      edges.add(edge);
      pids.push(edge.waiter.pid);
    }
  }
  return edges.size;
}

/** Calls in whose way nobody is known. */
function addNobody(rows: WaitRow[], edges: readonly WaitEdge[], idle: boolean): void {
  const lonely = edges.filter((edge) => edge.blockers.length === 0 && edge.idle === idle);
  if (lonely.length === 0) return;
  rows.push({ kind: 'nobody', id: idle ? 'idle' : 'unknown', depth: 0, isLast: true, idle });
  for (const [index, edge] of lonely.entries()) {
    const isLast = index === lonely.length - 1;
    rows.push({ kind: 'wait', id: `${edge.tid}`, depth: 1, isLast, edge, others: [] });
  }
}

/** The processes that stand in a circle of waits. */
export function circlePids(rows: readonly WaitRow[]): ReadonlySet<number> {
  return new Set(rows.flatMap((row) => (row.kind === 'circle' ? row.pids : [])));
}
