import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import stringWidth from 'string-width';
import type { CheckAnswer, Verdict } from '../../src/check/verdict.ts';
import { checkText } from '../../src/report/check-text.ts';
import { junitText } from '../../src/report/junit.ts';

const VERDICTS: readonly Verdict[] = [
  {
    rule: 'max break 5s',
    outcome: 'kept',
    certainty: 'likely',
    reasons: ['the only one took 3.0 s', '5 rows lost'],
    findings: [],
  },
  {
    rule: 'no zombie-lease on /mnt/"a"&<b>',
    outcome: 'broken',
    certainty: 'definite',
    reasons: [
      'zombie-lease: /mnt/x: a[1] took a write lease and exited at +1.000 s; the lease lives on in b[2] \\x1b',
    ],
    findings: [],
  },
  {
    rule: 'no freed-under-pin',
    outcome: 'unknown',
    certainty: 'unknown',
    reasons: ['not traced here: pin'],
    findings: [],
  },
];
const ANSWER: CheckAnswer = {
  outcome: 'broken',
  rules: VERDICTS,
  rows: { seen: 1200, lost: 5, late: 0, bad: 0 },
  complete: true,
  not_covered: [],
  kernel: '6.12',
  bpftrace: 'v0.23',
  from_ns: 1e9,
  at_ns: 7.5e9,
};

describe('the verdicts as text', () => {
  it('begin with what is broken', () => {
    assert.equal(
      checkText(ANSWER),
      [
        'broken    no zombie-lease on /mnt/"a"&<b>',
        '          - zombie-lease: /mnt/x: a[1] took a write lease and exited at',
        '            +1.000 s; the lease lives on in b[2] \\x1b',
        'unknown   no freed-under-pin',
        '          - not traced here: pin',
        'kept      max break 5s (likely)',
        '          - the only one took 3.0 s',
        '          - 5 rows lost',
        'traced    6.5 s, to its end; 1,200 rows seen, 5 lost',
        '',
      ].join('\n'),
    );
  });

  it('fit into 80 columns', () => {
    const wide = { ...ANSWER, rules: [{ ...VERDICTS[0], rule: 'x'.repeat(200) } as Verdict] };
    for (const line of checkText(wide).split('\n')) assert.ok(stringWidth(line) <= 80, line);
  });
});

describe('the verdicts as JUnit XML', () => {
  it('have a case for each rule, and a failure or an error where it is not kept', () => {
    assert.equal(
      junitText(ANSWER),
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="whopins" tests="3" failures="1" errors="1" time="6.500">
  <testsuite name="whopins check" tests="3" failures="1" errors="1" time="6.500">
    <testcase classname="whopins" name="max break 5s">
      <system-out>the only one took 3.0 s
5 rows lost</system-out>
    </testcase>
    <testcase classname="whopins" name="no zombie-lease on /mnt/&quot;a&quot;&amp;&lt;b&gt;">
      <failure type="definite" message="zombie-lease: /mnt/x: a[1] took a write lease and exited at +1.000 s; the lease lives on in b[2] \\x1b">zombie-lease: /mnt/x: a[1] took a write lease and exited at +1.000 s; the lease lives on in b[2] \\x1b</failure>
    </testcase>
    <testcase classname="whopins" name="no freed-under-pin">
      <error type="unknown" message="not traced here: pin">not traced here: pin</error>
    </testcase>
  </testsuite>
</testsuites>
`,
    );
  });

  it('hold no control characters', () => {
    const hostile = { ...ANSWER, rules: [{ ...VERDICTS[0], rule: 'no\u0000\u001b]]>' } as Verdict] };
    assert.doesNotMatch(junitText(hostile).replaceAll('\n', ''), /\p{Cc}/u);
    assert.match(junitText(hostile), /\]\]&gt;/);
  });
});
