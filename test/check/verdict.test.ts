import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRule } from '../../src/check/rule.ts';
import { brokenRules, checkAnswer, judgeRules } from '../../src/check/verdict.ts';
import type { Event } from '../../src/event/event.ts';
import type { Header } from '../../src/event/header.ts';
import { a, b, began, begin, ended, goesOn, init, pinBy, waits } from '../model/cast.ts';
import { at, bye, DAX, EXT4, header, lost, named, play, regular, row } from '../model/rows.ts';

/** "broken definite" for each rule. */
function judged(events: readonly Event[], rules: readonly string[], withHeader?: Header): string[] {
  return verdicts(events, rules, withHeader).map(({ outcome, certainty }) => `${outcome} ${certainty}`);
}

function verdicts(events: readonly Event[], texts: readonly string[], withHeader: Header = header) {
  return judgeRules(play([...begin, ...events], withHeader), texts.map(ruleOf));
}

function ruleOf(text: string) {
  const rule = parseRule(text);
  assert.ok(rule.ok, rule.ok ? '' : rule.error);
  return rule.value;
}

const LEASE = { ...regular(EXT4, 77), owner: 7, flags: 0x20, type: 1 };
const takes = (s: number) => [
  ...named(s, a, EXT4),
  row(s, a, 'fd.installed', { ...regular(EXT4, 77), fd: 3, how: 0 }),
  row(s, a, 'lease.added', { file: 77, owner: 7, ...at(EXT4), flags: 0x20, type: 1, fd: 3 }),
];
const blocks = (s: number) => row(s, b, 'break.blocked', { ...at(EXT4), flags: 0x20 });
const comesIn = (s: number) => row(s, b, 'break.ended', { ...at(EXT4), result: 0 });
const gives = (s: number) =>
  row(s, a, 'lease.released', {
    lease: 8,
    file: 77,
    owner: 7,
    ...at(EXT4),
    flags: LEASE.flags,
    type: 1,
    cause: 1,
  });
const truncateWaits = [...pinBy(a, 1, 500), began(2), waits(2, 500), goesOn(4.5), ended(4.5)];

describe('rules on findings', () => {
  it('are broken by a finding of the kind, of the severity, or of any kind', () => {
    const rules = ['no blocked-operation', 'no warning', 'no finding', 'no zombie-lease', 'no critical'];
    assert.deepEqual(judged(truncateWaits, rules), [
      'broken definite',
      'broken definite',
      'broken definite',
      'kept definite',
      'kept definite',
    ]);
    const [verdict] = verdicts(truncateWaits, rules);
    assert.match(verdict?.reasons[0] ?? '', /^blocked-operation: .*truncate by c\[12\] waited 2.5 s/);
    assert.deepEqual(
      verdict?.findings.map(({ id }) => id),
      ['blocked-operation'],
    );
  });

  it('leave a rule unknown where the finding is no more than possible', () => {
    const unheld = [began(2), waits(2, 500), goesOn(4.5), ended(4.5)];
    const [verdict] = verdicts(unheld, ['no blocked-operation']);
    assert.deepEqual([verdict?.outcome, verdict?.certainty], ['unknown', 'unknown']);
    assert.match(verdict?.reasons[0] ?? '', /^perhaps broken: /);
  });

  it('may be about one file or one directory', () => {
    const events = [...named(0.5, a, DAX), ...truncateWaits];
    const rules = ['/mnt/dax/handed-over', '/mnt/dax', '/mnt/', '/mnt/da', '/mnt/ext4'].map(
      (path) => `no blocked-operation on ${path}`,
    );
    assert.deepEqual(judged(events, rules), [
      'broken definite',
      'broken definite',
      'broken definite',
      'kept definite',
      'kept definite',
    ]);
    // A file whose name was not seen may be the one that is meant.
    assert.deepEqual(judged(truncateWaits, ['no blocked-operation on /mnt/dax']), ['unknown unknown']);
  });
});

describe('rules on times', () => {
  it('measure all waits of a call, of one kind or of all', () => {
    const rules = ['max wait truncate 2.4s', 'max wait truncate 2.5s', 'max wait open 1ms', 'max wait 1s'];
    assert.deepEqual(judged(truncateWaits, rules), [
      'broken definite',
      'kept definite',
      'kept definite',
      'broken definite',
    ]);
  });

  it('count a wait that goes on', () => {
    const events = [...pinBy(a, 1, 500), began(2), waits(2, 500), row(7, init, 'beat')];
    const [verdict] = verdicts(events, ['max wait truncate 4s']);
    assert.equal(verdict?.outcome, 'broken');
    assert.match(verdict?.reasons[0] ?? '', /5\.0 s so far/);
  });

  it('measure breaks from the request to the end of the lease, also where the breaker did not wait', () => {
    const waited = [...takes(1), blocks(2), gives(5), comesIn(5)];
    const refused = [...takes(1), row(2, b, 'break.ended', { ...at(EXT4), result: -11 }), gives(5)];
    for (const events of [waited, refused]) {
      assert.deepEqual(judged(events, ['max break 2.9s', 'max break 3s']), [
        'broken definite',
        'kept definite',
      ]);
    }
  });

  it('measure a break that a downgrade answered, and the next one by itself', () => {
    const downgraded = row(4, a, 'lease.changed', {
      lease: 8,
      file: 77,
      owner: 7,
      ...at(EXT4),
      flags: 0x20,
      type: 1,
      to: 0,
    });
    const events = [...takes(1), blocks(2), downgraded, comesIn(4), blocks(8), gives(9), comesIn(9)];
    assert.deepEqual(judged(events, ['max break 1.9s', 'max break 2s']), [
      'broken definite',
      'kept definite',
    ]);
    assert.match(verdicts(events, ['max break 2s'])[0]?.reasons[0] ?? '', /^the longest of 2 took 2\.0 s$/);
  });

  it('measure how long pins and leases are held, and what is left', () => {
    const dropped = row(4, a, 'pin.dropped', { object: 500, pages: 2, left: 0, via: 'vmsplice' });
    const events = [...pinBy(a, 1, 500), dropped, ...takes(5), row(8, init, 'beat')];
    assert.deepEqual(
      judged(events, [
        'max hold pin 2s',
        'max hold pin 3s',
        'max hold lease 2s',
        'no pin left',
        'no lease left',
      ]),
      ['broken definite', 'kept definite', 'broken definite', 'kept definite', 'broken definite'],
    );
  });
});

describe('silence', () => {
  it('is less sure where rows were lost, and where the trace broke off', () => {
    assert.deepEqual(judged([lost(3, 5), row(4, init, 'beat')], ['no zombie-lease']), ['kept likely']);
    const cut: Event = { kind: 'stream.cut', ts: bye(9).ts, why: 'no more' };
    assert.deepEqual(judged([cut], ['no zombie-lease']), ['kept likely']);
  });

  it('is no proof where nobody listened', () => {
    const probes = [{ path: 'lease', hooks: ['tracepoint:filelock:generic_add_lease'] }];
    const verdict = verdicts([], ['no freed-under-pin'], { ...header, probes })[0];
    assert.deepEqual(verdict?.outcome, 'unknown');
    assert.deepEqual(verdict?.reasons, ['not traced here: pin and truncate']);
    assert.deepEqual(judged([], ['no lease-break-timeout'], { ...header, probes }), ['kept definite']);
  });

  it('is less sure where a part was left out', () => {
    const left_out = [{ path: 'lease', reason: 'fentry:lease_modify could not be attached' }];
    const partly = { ...header, left_out };
    assert.deepEqual(judged([], ['no lease-break-timeout'], partly), ['kept likely']);
  });
});

describe('the answer', () => {
  it('is as bad as its worst rule', () => {
    const rules = ['no zombie-lease', 'no blocked-operation'].map(ruleOf);
    const model = play([...begin, ...truncateWaits, bye(6)]);
    assert.equal(checkAnswer(model, rules).outcome, 'broken');
    assert.equal(checkAnswer(model, rules.slice(0, 1)).outcome, 'kept');
    assert.equal(checkAnswer(model, []).outcome, 'kept');
    assert.equal(checkAnswer(model, rules).complete, true);
    assert.deepEqual(
      brokenRules(model, rules).map(({ rule }) => rule),
      ['no blocked-operation'],
    );
  });
});
