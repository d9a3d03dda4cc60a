/** One process: what it waits for, whom it blocks, what it holds, what it took and passed on. */
import { formatOffset } from '../../src/base/time.ts';
import type { Passing, ProcessAnswer, ProcessHold } from '../../src/model/select/process.ts';
import type { WaitEdge } from '../../src/model/select/wait-graph.ts';
import { operationName, taskName, waitText } from '../../src/model/wording.ts';
import { BLANK, fitLine, type Line, labelled, restyle, type Size, span } from '../frame.ts';
import { chosenRow, rowsOf } from '../rows.ts';
import type { Reading, Scene } from '../scene.ts';
import {
  describeArrival,
  describeExit,
  describeFds,
  formatAge,
  namePath,
  summarizeHolder,
} from '../words.ts';
import { processEventLines } from './events.ts';

/** The body of a process's own view: its text, and its files to choose from. At most `height` lines. */
export function processLines(pid: number, scene: Scene, { width, height }: Size): readonly Line[] {
  const rows = rowsOf(scene);
  const selected = chosenRow(scene.gaze, rows);
  const room = Math.max(2, Math.min(rows.length + 1, Math.floor(height / 3)));
  const top = Math.max(0, Math.min(selected - Math.floor(room / 2), rows.length - room + 1));
  const files = rows.slice(top, top + room - 1).map((row, index): Line => {
    const isSelected = top + index === selected;
    const name = row.kind === 'file' ? namePath(row.file.target) : '';
    const line: Line = [span(isSelected ? ' ▸ ' : '   ', 'strong'), span(name)];
    return isSelected ? restyle(fitLine(line, width), 'selected') : line;
  });
  const list =
    rows.length === 0
      ? []
      : [[span(` FILES ${rows.length}`, 'heading'), span('  Enter opens one', 'dim')], ...files];
  const text = processText(pid, scene, width).slice(0, Math.max(0, height - list.length - 1));
  const lines = [...text, BLANK, ...list];
  return [...lines, ...spareEventLines(pid, scene.reading, height - lines.length)];
}

/** With fewer rows to spare, what it did last is left to the log. */
const EVENT_ROWS = 5;

/** What it did last, below a blank line, where there is room for it. */
export function spareEventLines(pid: number, reading: Reading, spare: number): readonly Line[] {
  if (spare < EVENT_ROWS) return [];
  const events = processEventLines(pid, reading, spare - 1);
  return events.length === 0 ? [] : [BLANK, ...events];
}

/** All that is known of it, without the list of files. */
export function processText(pid: number, { reading }: Scene, width: number): readonly Line[] {
  const answer = reading.process(pid);
  if (answer === null) return [[span(`   nothing is known of process ${pid}`, 'dim')]];
  const edges = reading.waits();
  const waits = edges.filter(({ waiter }) => waiter.pid === pid);
  const blocked = edges.filter(
    ({ waiter, blockers }) => waiter.pid !== pid && blockers.some(({ task }) => task.pid === pid),
  );
  const holds = answer.holds.filter((hold) => hold.share === 'holds');
  const took = answer.holds.filter((hold) => hold.share === 'took');
  const held = answer.holds.filter((hold) => hold.share === 'held');
  return [
    identityLine(answer, reading),
    ...section(
      'waits',
      waits.map((edge) => waitSentence(edge, reading)),
      width,
      'critical',
    ),
    ...section(
      'blocks',
      blocked.map((edge) => blockSentence(edge, reading)),
      width,
      'warning',
    ),
    ...section(
      'holds',
      holds.map((hold) => holdSentence(hold, pid, reading)),
      width,
    ),
    ...section(
      'took',
      took.map((hold) => tookSentence(hold)),
      width,
    ),
    ...section(
      'held',
      held.map((hold) => heldSentence(hold, reading)),
      width,
    ),
    ...section(
      'passed',
      answer.passed.map((passing) => passSentence(passing, pid, reading)),
      width,
    ),
  ];
}

const MOST_EACH = 12;

function section(
  name: string,
  sentences: readonly string[],
  width: number,
  style: 'plain' | 'critical' | 'warning' = 'plain',
): readonly Line[] {
  const shown =
    sentences.length > MOST_EACH
      ? [...sentences.slice(0, MOST_EACH), `and ${sentences.length - MOST_EACH} more`]
      : sentences;
  return shown.flatMap((sentence, index) =>
    labelled([span(`   ${index === 0 ? name : ''}`.padEnd(12), 'dim')], sentence, width, style),
  );
}

function identityLine({ task, born_ns }: ProcessAnswer, reading: Reading): Line {
  const origin = reading.coverage.from_ns ?? born_ns ?? 0;
  const exit = describeExit(task, reading.nowNs);
  const born = born_ns === null ? 'older than the trace' : `began at ${formatOffset(born_ns, origin)}`;
  return [
    span(` ${taskName(task)}`, 'strong'),
    span(`   ${born}${exit === null ? '' : `, ${exit}`}`, exit === null ? 'dim' : 'warning'),
  ];
}

function waitSentence(edge: WaitEdge, { nowNs }: Reading): string {
  const whom = edge.blockers.map(({ task }) => taskName(task)).join(', ');
  const by =
    whom === '' ? (edge.idle ? 'held by nobody' : 'held by nobody that was seen') : `held by ${whom}`;
  return `${operationName(edge.op)} of ${namePath(edge.target)}, for ${formatAge(nowNs - edge.since_ns)}, for ${waitText(edge.on)} ${by}`;
}

function blockSentence(edge: WaitEdge, { nowNs }: Reading): string {
  return `${operationName(edge.op)} by ${taskName(edge.waiter)}, for ${formatAge(nowNs - edge.since_ns)}, on ${namePath(edge.target)}`;
}

function holdSentence({ holder, target }: ProcessHold, pid: number, { nowNs }: Reading): string {
  const share = holder.held_by.find((task) => task.pid === pid);
  const how =
    share === undefined
      ? ''
      : ` through ${describeFds(holder, share.fds)}, ${describeArrival(share.how, null)}`;
  return `${summarizeHold(holder)} of ${namePath(target)}, for ${formatAge(nowNs - (share?.since_ns ?? holder.since_ns))}${how}`;
}

function summarizeHold(holder: ProcessHold['holder']): string {
  return summarizeHolder({ ...holder, held_by: [], taken_by: null, in_flight: false }).replace(
    /^nobody found /,
    '',
  );
}

function tookSentence({ holder, target }: ProcessHold): string {
  const others = holder.held_by.filter((task) => task.alive).map(taskName);
  const now =
    others.length === 0
      ? holder.in_flight
        ? 'now in a socket queue'
        : 'now nobody is known to hold it'
      : `now held by ${others.join(', ')}`;
  return `${summarizeHold(holder)} of ${namePath(target)}; ${now}`;
}

function heldSentence({ holder, target }: ProcessHold, { nowNs }: Reading): string {
  const ended = holder.ended_ns ?? nowNs;
  return `${summarizeHold(holder)} of ${namePath(target)}, until ${formatAge(nowNs - ended)} ago`;
}

function passSentence({ hand, target }: Passing, pid: number, reading: Reading): string {
  const origin = reading.coverage.from_ns ?? 0;
  const at = formatOffset(hand.at_ns, origin);
  const file = namePath(target);
  if (hand.from?.pid === pid) {
    const to =
      hand.to === null
        ? hand.in_flight
          ? 'a socket queue, where it waits'
          : 'a socket queue, where it was dropped'
        : taskName(hand.to);
    return `${at}  to ${to} (${hand.how}): what holds ${file}`;
  }
  const from = hand.from === null ? 'somebody' : taskName(hand.from);
  return `${at}  from ${from} (${hand.how}): what holds ${file}`;
}
