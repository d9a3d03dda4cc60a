/** Findings: what breaks the rules, worst first, each in one sentence. */
import { formatDuration } from '../../src/base/time.ts';
import type { Finding } from '../../src/model/answer.ts';
import { type Line, labelled, type Style, span } from '../frame.ts';
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
  return findings.flatMap((finding) => oneFinding(finding, reading, width));
}

function oneFinding(finding: Finding, reading: Reading, width: number): readonly Line[] {
  const sure = finding.certainty === 'definite' ? '' : ` (${finding.certainty})`;
  const label: Line = [span(` ${SEVERITY_MARK[finding.severity]} `, SEVERITY_STYLE[finding.severity])];
  const text = `${finding.id}${sure}, ${describeSpan(finding, reading)}: ${finding.text}`;
  return labelled(label, text, width);
}

/** `for 2.1 s` while it holds, else when it began and how long it held. */
function describeSpan(finding: Finding, reading: Reading): string {
  if (finding.end_ns === null) return `${formatAge(reading.nowNs - finding.start_ns)} ago, holds`;
  const held = formatDuration(finding.end_ns - finding.start_ns);
  const ago = formatAge(reading.nowNs - finding.start_ns);
  return finding.end_ns > finding.start_ns ? `${ago} ago for ${held}` : `${ago} ago`;
}

/** `FINDINGS 3`, with what does not fit below it. */
export function findingsHeading(total: number, hidden: number): Line {
  const more = hidden > 0 ? span(`  ${hidden} more lines in the file's view`, 'dim') : span('');
  return [span(` FINDINGS ${total}`, 'heading'), more];
}
