/**
 * What a time line shows of each file: a lane for every lease and pin, for every process through whose hands it went,
 * and for every call; bars in them, hand-overs between them, findings above them. No pixels yet.
 *
 * Bounded: a page with a hundred thousand bars opens in no browser. What is left out is counted.
 */
import { cleanName } from '../base/text.ts';
import { type Dev, inodeKey } from '../event/event.ts';
import type { Finding, Target } from '../model/answer.ts';
import type { Lasting } from '../model/select/lasting.ts';
import { type Clock, periodText } from './clock.ts';
import { fileName } from './labels.ts';
import { createLanes, type Lane, type Link } from './lanes.ts';

export interface Drawing {
  readonly files: readonly FileDrawing[];
  readonly hiddenFiles: number;
  /** All times lie between these, boot ns. */
  readonly from: number;
  readonly to: number;
}

export interface FileDrawing {
  readonly title: string;
  /** "xfs 259:0 inode 131". */
  readonly numbers: string;
  readonly lanes: readonly Lane[];
  readonly links: readonly Link[];
  readonly marks: readonly Mark[];
  /** Leases, pins and calls for which there was no room. */
  readonly hidden: number;
}

/** A finding, above the lanes of its file. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly severity: Finding['severity'];
  readonly tip: string;
}

const MOST_FILES = 60;

/** Lays out what is known at the end of a recording. Files with the worst findings come first. */
export function draw(lasting: readonly Lasting[], findings: readonly Finding[], clock: Clock): Drawing {
  const files = new Map<string, { readonly target: Target; readonly all: Lasting[] }>();
  for (const each of lasting) {
    const key = keyOf(each.target);
    const file = files.get(key);
    if (file === undefined) files.set(key, { target: each.target, all: [each] });
    else file.all.push(each);
  }
  const ranked = [...files]
    .map(([key, file]) => ({ ...file, found: findings.filter(({ file }) => keyOf(file) === key) }))
    .sort((one, other) => rank(one.found) - rank(other.found));
  const drawn = ranked
    .slice(0, MOST_FILES)
    .map(({ target, all, found }) => drawFile(target, all, found, clock));
  return { files: drawn, hiddenFiles: ranked.length - drawn.length, ...clock };
}

function keyOf({ dev, ino }: Pick<Target, 'dev' | 'ino'>): string {
  return inodeKey(dev as Dev, ino);
}

/** Worst first. */
export const SEVERITIES = ['critical', 'warning', 'note'] as const;

function rank(found: readonly Finding[]): number {
  const best = Math.min(...found.map(({ severity }) => SEVERITIES.indexOf(severity)));
  return Number.isFinite(best) ? best : SEVERITIES.length;
}

function drawFile(
  target: Target,
  all: readonly Lasting[],
  found: readonly Finding[],
  clock: Clock,
): FileDrawing {
  const { lanes, links, hidden } = createLanes(all, clock);
  const { dev, ino, fs } = target;
  return {
    title: fileName(target),
    numbers: `${fs === null ? '' : `${cleanName(fs)} `}${dev} inode ${ino}`,
    lanes,
    links,
    marks: found.map((finding) => drawFinding(finding, clock)),
    hidden,
  };
}

function drawFinding({ id, severity, text, start_ns, end_ns }: Finding, clock: Clock): Mark {
  const to = end_ns ?? clock.to;
  const tip = [`${severity}: ${id}`, cleanName(text), periodText(start_ns, end_ns, clock)].join('\n');
  return { from: start_ns, to, severity, tip };
}
