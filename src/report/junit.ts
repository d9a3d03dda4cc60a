/**
 * The verdicts of `whopins check` as JUnit XML, which CI systems show beside the tests: one case for each rule. A rule
 * that could not be judged is an error, not a failure: nothing is known to be wrong, but the check did not take place.
 */
import { cleanName } from '../base/text.ts';
import { NS_PER_S } from '../base/time.ts';
import type { CheckAnswer, Verdict } from '../check/verdict.ts';

/** The document, ended by a newline. */
export function junitText({ rules, at_ns, from_ns }: CheckAnswer): string {
  const counts = [
    ['tests', rules.length],
    ['failures', rules.filter(({ outcome }) => outcome === 'broken').length],
    ['errors', rules.filter(({ outcome }) => outcome === 'unknown').length],
    ['time', ((at_ns - from_ns) / NS_PER_S).toFixed(3)],
  ]
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="whopins" ${counts}>`,
    `  <testsuite name="whopins check" ${counts}>`,
    ...rules.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines({ rule, outcome, reasons, certainty }: Verdict): string[] {
  const opening = `    <testcase classname="whopins" name="${escapeXml(rule)}"`;
  const text = escapeXml(reasons.join('\n'));
  const out = `      <system-out>${text}</system-out>`;
  const first = escapeXml(reasons[0] ?? '');
  switch (outcome) {
    case 'kept':
      return [`${opening}>`, out, '    </testcase>'];
    case 'broken':
      return [
        `${opening}>`,
        `      <failure type="${certainty}" message="${first}">${text}</failure>`,
        '    </testcase>',
      ];
    case 'unknown':
      return [
        `${opening}>`,
        `      <error type="unknown" message="${first}">${text}</error>`,
        '    </testcase>',
      ];
  }
}

/** XML 1.0 has no way to write most control characters: they become visible escapes. */
function escapeXml(text: string): string {
  return text
    .split('\n')
    .map(cleanName)
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
