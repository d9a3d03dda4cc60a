/** Findings: what breaks the rules, worst first, each in one sentence. */

import { formatCount } from '../../src/base/text.ts';
import { formatDuration } from '../../src/base/time.ts';
import type { Finding } from '../../src/model/answer.ts';
import { type Line, labelled, type Span, type Style, span } from '../frame.ts';
import type { Reading } from '../scene.ts';
import { formatAge } from '../words.ts';

export const SEVERITY_MARK: Readonly<Record<Finding['severity'], string>> = {
  critical: '!!',
  warning: '! ',
  note: '· ',
};

export const SEVERITY_STYLE: Readonly<Record<Finding['severity'], Style>> = {
  critical: 'critical',
  warning: 'warning',
  note: 'dim',
};

/** Each finding in as many lines as it needs: mark, rule, how sure, since when, sentence. */
export function findingLines(findings: readonly Finding[], reading: Reading, width: number): readonly Line[] {
  return findings.flatMap((finding) => labelled([markOf(finding)], describeFinding(finding, reading), width));
}

/**
 * Each finding in one line, cut where it must be; while `spare` lines are left, the first ones whole. The file's own view
 * has all of them whole.
 */
export function findingRows(
  findings: readonly Finding[],
  reading: Reading,
  width: number,
  spare: number,
): readonly Line[] {
  let left = spare;
  return findings.flatMap((finding) => {
    const whole = findingLines([finding], reading, width);
    left -= whole.length - 1;
    return left < 0 ? [[markOf(finding), span(describeFinding(finding, reading))]] : whole;
  });
}

function markOf(finding: Finding): Span {
  return span(` ${SEVERITY_MARK[finding.severity]} `, SEVERITY_STYLE[finding.severity]);
}

function describeFinding(finding: Finding, reading: Reading): string {
  const sure = finding.certainty === 'definite' ? '' : ` (${finding.certainty})`;
  return `${finding.id}${sure}, ${describeSpan(finding, reading)}: ${finding.text}`;
}

/** `for 2.1 s` while it holds, else when it began and how long it held. */
function describeSpan(finding: Finding, reading: Reading): string {
  if (finding.end_ns === null) return `for ${formatAge(reading.nowNs - finding.start_ns)}`;
  const held = formatDuration(finding.end_ns - finding.start_ns);
  const ago = formatAge(reading.nowNs - finding.start_ns);
  return finding.end_ns > finding.start_ns ? `${ago} ago for ${held}` : `${ago} ago`;
}

/** `FINDINGS 3`, and how many of them there is no room for. */
export function findingsHeading(total: number, hidden: number): Line {
  const more = hidden > 0 ? span(`  ${formatCount(hidden)} not shown`, 'dim') : span('');
  return [span(` FINDINGS ${total}`, 'heading'), more];
}
