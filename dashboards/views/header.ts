/**
 * The top of every view, for one glance: which kernel and how far, is anything waiting and on whom, and can what is
 * below be trusted.
 */

import { unreachable } from '../../src/base/brand.ts';
import { formatCount, plural } from '../../src/base/text.ts';
import type { FileSummary } from '../../src/model/answer.ts';
import { operationName, taskName } from '../../src/model/wording.ts';
import { type Line, labelled, lineWidth, type Style, span, spread } from '../frame.ts';
import type { Motion, Reading, Scene } from '../scene.ts';
import { clean, cutMiddle } from '../text.ts';
import { formatAge, namePath, tasksOf } from '../words.ts';

/** A beat is due every second: a live trace that is silent for longer is not to be trusted. */
const SILENCE_MS = 3000;
const LABEL_CELLS = 11;
/** In fewer cells, what is nought is left out. */
const WIDE = 100;
const MOST_NOTICE_LINES = 3;

/** Identity, verdict, trust, and the caller's notice if there is one. */
export function headerLines(scene: Scene, width: number): readonly Line[] {
  return [identity(scene, width), ...noticeLines(scene.notice, width), verdict(scene, width), trust(scene)];
}

function noticeLines(notice: string | null, width: number): readonly Line[] {
  if (notice === null) return [];
  const lines = labelled(label('NOTE', 'warning'), notice, width);
  const last = lines[MOST_NOTICE_LINES - 1];
  if (last === undefined || lines.length === MOST_NOTICE_LINES) return lines;
  return [...lines.slice(0, MOST_NOTICE_LINES - 1), [...last, span(' …')]];
}

function label(word: string, style: Style): Line {
  return [span(` ${word}`.padEnd(LABEL_CELLS), style)];
}

function identity(scene: Scene, width: number): Line {
  const { coverage } = scene.reading;
  const { seen, lost, late, bad } = coverage.rows;
  const isShort = width < WIDE;
  const count = (name: string, rows: number, style: Style): Line =>
    isShort && rows === 0 && name !== 'lost'
      ? []
      : [span('  ', 'bar'), span(`${name} ${formatCount(rows)}`, rows > 0 ? style : 'bar')];
  const account: Line = [
    span(` rows ${formatCount(seen)}`, 'bar'),
    ...count('lost', lost, 'critical'),
    ...count('late', late, 'warning'),
    ...count('bad', bad, 'warning'),
    span(' ', 'bar'),
  ];
  const left: Line = [
    span(' whopins ', 'bar'),
    span(` ${scene.mode}  ${describeMotion(scene.motion)}${describeMoment(scene)}`, 'bar'),
    span(scene.recordingTo === null ? '' : '  REC', 'warning'),
    span(`  ${scene.kernel}`, 'bar'),
  ];
  return spread(left, account, width);
}

/** How far the picture is: `  12.5 s`, in a recording whose length is known `  12.5 s of 60.0 s`. */
function describeMoment({ reading: { coverage, nowNs }, extent }: Scene): string {
  const origin = coverage.from_ns ?? extent?.fromNs;
  if (origin === undefined) return '';
  const whole = extent === null || extent.toNs === null ? '' : ` of ${formatAge(extent.toNs - origin)}`;
  return `  ${formatAge(nowNs - origin)}${whole}`;
}

function describeMotion(motion: Motion): string {
  switch (motion.state) {
    case 'tracing':
      return '● tracing';
    case 'playing':
      return motion.speed === 1 ? '▶ playing' : `▶ playing ×${motion.speed}`;
    case 'seeking':
      return `… to ${motion.towards}`;
    case 'paused':
      return motion.held === 0 ? '‖ paused' : `‖ paused (${formatCount(motion.held)} since)`;
    case 'ended':
      return '■ at its end';
    case 'stopped':
      return '■ STOPPED';
    default:
      return unreachable(motion);
  }
}

function verdict(scene: Scene, width: number): Line {
  const { files, waiting, nowNs } = scene.reading;
  // Files come by trouble, and the longest wait is the worst.
  const file = files.at(0);
  const wait = file?.waiting[0];
  if (file === undefined || wait === undefined) return quietVerdict(scene);
  const others = waiting <= 1 ? '' : ` (+${formatCount(waiting - 1)} more)`;
  const since = formatAge(nowNs - wait.since_ns);
  const head: Line = [
    ...label('WAITING', 'critical'),
    span(
      `${operationName(wait.op)} by ${taskName(wait)} waits ${since} for ${nameBlockers(scene, file, wait.pid)}${others}`,
      'strong',
    ),
  ];
  const path = cutMiddle(clean(namePath(file.target)), Math.max(0, width - lineWidth(head) - 3));
  return path.length < 8 ? head : spread(head, [span(`  ${path} `, 'dim')], width);
}

/** Whom the running operation of `pid` waits for, by name where the holders' names are known. */
function nameBlockers(scene: Scene, file: FileSummary, pid: number): string {
  const { holders, operations } = scene.reading.who(file.key);
  const names = new Map(holders.flatMap(tasksOf).map((task) => [task.pid, taskName(task)]));
  const running = operations.filter((operation) => operation.pid === pid && operation.state === 'waiting');
  const blockers = new Set(running.flatMap((operation) => operation.waits.at(-1)?.blockers ?? []));
  if (running.some(({ waits }) => waits.at(-1)?.idle === true)) return 'a page that nobody holds';
  if (blockers.size === 0) return 'a holder that is not known';
  return [...blockers].map((blocker) => names.get(blocker) ?? `[${blocker}]`).join(', ');
}

function quietVerdict(scene: Scene): Line {
  const { held, findings } = scene.reading;
  const critical = findings.filter((finding) => finding.severity === 'critical').length;
  const parts = [
    'nothing waits',
    held === 0 ? 'no file is held' : `${plural(held, 'file')} held`,
    critical > 0 ? plural(critical, 'critical finding') : plural(findings.length, 'finding'),
  ];
  return [
    ...label(critical > 0 ? 'LOOK' : 'QUIET', critical > 0 ? 'critical' : 'good'),
    span(parts.join('; '), critical > 0 ? 'strong' : 'plain'),
  ];
}

function trust(scene: Scene): Line {
  const { coverage, nowNs } = scene.reading;
  const doubts = describeDoubts(scene);
  const gaps = describeGaps(scene.reading);
  if (scene.motion.state === 'stopped') {
    const at =
      coverage.from_ns === null ? '' : `; below is how it was ${formatAge(nowNs - coverage.from_ns)} in`;
    const also = doubts.length === 0 ? '' : ` (${doubts.join(', ')})`;
    return [...label('STOPPED', 'critical'), span(`${scene.motion.why}${at}${also}`, 'strong')];
  }
  if (coverage.from_ns === null) {
    return [...label('STARTING', 'warning'), span('no event yet: the probes are not known to be attached')];
  }
  if (doubts.length > 0) {
    const also = gaps === null ? '' : `; ${gaps}`;
    return [...label('UNSURE', 'critical'), span(`${doubts.join(', ')}: holders may be missing${also}`)];
  }
  if (gaps !== null) return [...label('PARTIAL', 'warning'), span(`nothing lost, but ${gaps}`)];
  const since = formatAge(nowNs - coverage.from_ns);
  return [
    ...label('CERTAIN', 'good'),
    span(`every event since tracing began ${since} ago; all paths covered`),
  ];
}

function describeDoubts(scene: Scene): readonly string[] {
  const { coverage, forgotten } = scene.reading;
  const { lost, late, bad } = coverage.rows;
  const byKind = [...coverage.lostByKind]
    .filter(([, rows]) => rows > 0)
    .map(([kind, rows]) => `${kind} ${rows}`);
  const kinds = byKind.length === 0 ? '' : ` (${byKind.join(', ')})`;
  const isSilent = scene.motion.state === 'tracing' && scene.silentMs > SILENCE_MS;
  return [
    ...(isSilent ? [`no row for ${formatAge(scene.silentMs * 1e6)} though one is due every second`] : []),
    ...(lost > 0 ? [`${plural(lost, 'row')} lost${kinds}`] : []),
    ...(late > 0 ? [`${plural(late, 'row')} too late`] : []),
    ...(bad > 0 ? [`${plural(bad, 'row')} unreadable`] : []),
    ...(forgotten > 0 ? [`${plural(forgotten, 'entry', 'entries')} dropped for space`] : []),
    ...(coverage.cut !== null && scene.motion.state !== 'stopped' ? [`cut short: ${coverage.cut}`] : []),
  ];
}

/** The paths that this run cannot see; null if there are none. The help has the reasons. */
function describeGaps({ coverage }: Reading): string | null {
  const paths = [...new Set(coverage.not_covered.map((gap) => gap.path))];
  return paths.length === 0 ? null : `not covered: ${paths.join(', ')} (? tells why)`;
}
