/**
 * One file: the answer, the chain of hands, the operations with their waits, findings and story as one text that scrolls;
 * below it the time line with its lanes, the cursor, and the rows that are the evidence of the moment under it.
 */
import { formatDuration } from '../../src/base/time.ts';
import type { InodeKey } from '../../src/event/event.ts';
import type { Holder, Operation, Wait, WhoAnswer } from '../../src/model/answer.ts';
import { operationName, taskName, waitText } from '../../src/model/wording.ts';
import { BLANK, type Line, labelled, type Size, span } from '../frame.ts';
import type { Reading, Scene } from '../scene.ts';
import { describeHandOver, formatAge, nameResult } from '../words.ts';
import { answerLines, field, taskNames } from './answer.ts';
import { findingLines } from './findings.ts';
import { laneLines } from './lanes.ts';
import { momentLines } from './moment.ts';
import { timelineLines } from './timeline.ts';

/** The text of the file's view; the composer shows a window of it. */
export function fileLines(key: InodeKey, reading: Reading, width: number): readonly Line[] {
  const answer = reading.who(key);
  const { target } = answer;
  const findings = reading.findings.filter(({ file }) => file.dev === target.dev && file.ino === target.ino);
  return [
    ...answerLines(answer, reading, width),
    ...answer.holders.flatMap(chainsOf).flatMap((chain) => field('hands', chain, width)),
    ...section('OPERATIONS', operationLines(answer, reading, width)),
    ...section('FINDINGS', findingLines(findings, reading, width)),
    BLANK,
    ...timelineLines(reading.timeline(key), reading, width),
  ];
}

/** The time line that stays below the text: two fifths of the room, and what the lanes need at most. */
export function fileTimeLines(scene: Scene, key: InodeKey, { width, height }: Size): readonly Line[] {
  const { reading, gaze } = scene;
  const entries = reading.timeline(key);
  if (height < 12) return [];
  const most = Math.max(6, Math.floor(height * 0.45));
  const moment = momentLines(key, entries, reading, gaze.lens, width, Math.min(4, Math.max(2, most - 5)));
  const lanes = laneLines(entries, reading, gaze.lens, width, Math.max(3, most - moment.length - 1));
  return [BLANK, ...lanes, ...moment];
}

function section(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [BLANK, [span(` ${title}`, 'heading')], ...lines];
}

/** Hand-overs that follow on one another share a line; one that starts elsewhere begins its own. */
function chainsOf(holder: Holder): readonly string[] {
  const chains: { text: string; endPid: number | null }[] = [];
  for (const hand of holder.hand_overs) {
    if (hand.from === null) continue;
    const last = chains.at(-1);
    const endPid = hand.to?.pid ?? null;
    if (last !== undefined && last.endPid === hand.from.pid) {
      last.text += ` ${describeHandOver(hand)}`;
      last.endPid = endPid;
    } else {
      chains.push({ text: `${taskName(hand.from)} ${describeHandOver(hand)}`, endPid });
    }
  }
  return chains.map(({ text, endPid }) => `${text}${describeFds(holder, endPid)}`);
}

function describeFds(holder: Holder, pid: number | null): string {
  const fds = holder.held_by.find((task) => task.pid === pid)?.fds ?? [];
  return fds.length === 0 ? '' : ` fd ${fds.join(', ')}`;
}

function operationLines(answer: WhoAnswer, reading: Reading, width: number): readonly Line[] {
  const names = taskNames(answer);
  return answer.operations.flatMap((operation) => [
    ...labelled(
      [span('   ')],
      `${operationName(operation.op)} by ${taskName(operation)}${operation.detail === '' ? '' : ` (${operation.detail})`}: ${describeOutcome(operation, reading)}`,
      width,
      operation.state === 'waiting' ? 'critical' : 'plain',
    ),
    ...operation.waits.flatMap((wait) => {
      const blockers = wait.blockers.map((pid) => names.get(pid) ?? `[${pid}]`).join(', ');
      const lasted = formatAge((wait.ended_ns ?? reading.nowNs) - wait.since_ns);
      const verb = wait.ended_ns === undefined ? 'waits' : 'waited';
      const text = `${verb} ${lasted} for ${waitText(wait.on)}, held by ${blockers === '' ? nobody(wait) : blockers}`;
      return labelled([span('     ')], text, width);
    }),
  ]);
}

function nobody({ idle }: Wait): string {
  return idle === true ? 'nobody: the kernel missed its wake-up' : 'nobody that was seen';
}

function describeOutcome(operation: Operation, reading: Reading): string {
  const began = formatAge(reading.nowNs - operation.started_ns);
  switch (operation.state) {
    case 'waiting':
      return `WAITING for ${began}`;
    case 'running':
      return `running for ${began}`;
    case 'unknown':
      return `began ${began} ago; its end was not seen`;
    case 'done': {
      const took = formatDuration((operation.ended_ns ?? operation.started_ns) - operation.started_ns);
      return `returned ${nameResult(operation)} after ${took}, ${began} ago`;
    }
    default:
      return 'in an unknown state';
  }
}
