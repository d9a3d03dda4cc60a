import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRule, type Rule } from '../../src/check/rule.ts';
import { FINDING_IDS } from '../../src/model/model.ts';
import { assertProperty } from '../property.ts';

function read(text: string): Rule | string {
  const rule = parseRule(text);
  return rule.ok ? rule.value : rule.error;
}

describe('rules as a user writes them', () => {
  it('reads each form', () => {
    assert.deepEqual(read('no zombie-lease'), {
      kind: 'no-finding',
      what: 'zombie-lease',
      text: 'no zombie-lease',
      where: null,
    });
    assert.deepEqual(read('max break 5s'), { kind: 'max-break', ns: 5e9, text: 'max break 5s', where: null });
    assert.deepEqual(read('max wait truncate 1s'), {
      kind: 'max-wait',
      op: 'truncate',
      ns: 1e9,
      text: 'max wait truncate 1s',
      where: null,
    });
    assert.deepEqual(read('max wait 100ms'), {
      kind: 'max-wait',
      op: null,
      ns: 1e8,
      text: 'max wait 100ms',
      where: null,
    });
    assert.deepEqual(read('max hold lease 1.5min'), {
      kind: 'max-hold',
      what: 'lease',
      ns: 90e9,
      text: 'max hold lease 1.5min',
      where: null,
    });
    assert.deepEqual(read('no pin left'), {
      kind: 'none-left',
      what: 'pin',
      text: 'no pin left',
      where: null,
    });
  });

  it('knows every finding, the severities, and all findings together', () => {
    for (const what of [...FINDING_IDS, 'critical', 'warning', 'note', 'finding']) {
      assert.deepEqual(read(`no ${what}`), { kind: 'no-finding', what, text: `no ${what}`, where: null });
    }
  });

  it('limits any rule to a file or a directory, whose name may have spaces', () => {
    assert.deepEqual(read('  no   pin left on /mnt/my data on it '), {
      kind: 'none-left',
      what: 'pin',
      text: 'no pin left on /mnt/my data on it',
      where: '/mnt/my data on it',
    });
  });

  it('says in one line what is wrong', () => {
    const wrong = [
      ['', /begins with 'no' or 'max'/],
      ['no zombie', /'no' forbids blocked-operation, freed-under-pin/],
      ['no zombie-lease ever', /'no' forbids/],
      ['no door left', /'pin' or a 'lease'/],
      ['max break', /ends with a time/],
      ['max break 5', /ends with a time/],
      ['max break open 5s', /no other name/],
      ['max wait fsync 5s', /open, truncate, hole-punch/],
      ['max wait open open 5s', /one word too many/],
      ['max hold 5s', /what is held/],
      ['max pins 5s', /limits 'break', 'wait' or 'hold'/],
      ['\u001b[1mno', /\\x1b/],
    ] as const;
    for (const [text, expected] of wrong) {
      const error = read(text);
      assert.ok(typeof error === 'string', text);
      assert.match(error, expected);
      assert.doesNotMatch(error, /\n/);
    }
  });

  it('never throws', () => {
    const word = fc.constantFrom('no', 'max', 'on', 'wait', 'break', 'hold', 'pin', 'left', '5s', '0s', '/x');
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(word, fc.string())).map((words) => words.join(' ')),
    );
    assertProperty(
      fc.property(text, (each) => {
        const rule = parseRule(each);
        assert.ok(rule.ok || !rule.error.includes('\n'));
      }),
      500,
    );
  });
});
