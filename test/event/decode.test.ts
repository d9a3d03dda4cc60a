import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createDecoder } from '../../src/event/decode.ts';
import type { Event } from '../../src/event/event.ts';
import { parseRow } from '../../src/event/row.ts';
import { ROW_KINDS } from '../../src/event/schema.ts';
import { anyRow } from '../fixtures/arbitrary-rows.ts';
import { columnNames, firedText, rowText, tupleText } from '../fixtures/rows.ts';
import { assertProperty } from '../property.ts';

function decodeText(text: string, decoder = createDecoder()): Event | null {
  const row = parseRow(text);
  return row.ok ? decoder.decode(row.value) : decoder.undecodable(row.error);
}

function whyBad(text: string): string {
  const event = decodeText(text);
  assert.ok(event?.kind === 'stream.bad', `${text} was decoded`);
  return event.why;
}

describe('tuples', () => {
  for (const kind of ROW_KINDS) {
    it(`decodes ${kind} with its columns in the schema's order`, () => {
      const event = decodeText(rowText(kind, { ts: 5_000_000_000, comm: 'we"ird\\x' }));
      assert.ok(event !== null);
      assert.deepEqual(Object.keys(event), ['kind', ...columnNames(kind)]);
      assert.equal(event.kind, kind);
      assert.equal(event.ts, 5_000_000_000);
    });
  }

  it('accepts columns that it does not know, as a newer probe prints them', () => {
    const [kind, ...values] = JSON.parse(rowText('beat')).data;
    assert.equal(decodeText(tupleText([kind, ...values, 'new', 7]))?.kind, 'beat');
  });

  it('names the row and the column that are wrong', () => {
    assert.match(whyBad(tupleText(['beat', 1])), /beat row has 1 columns, 5 expected/);
    assert.match(whyBad(tupleText(['no.such'])), /unknown row kind "no.such"/);
    assert.match(whyBad(tupleText(['__proto__'])), /unknown row kind/);
    assert.match(whyBad('{"type": "value", "data": 5}'), /not a tuple/);
    assert.match(whyBad(rowText('fd.closed', { fd: 'seven' })), /fd.closed row: column fd/);
    assert.match(whyBad(rowText('fd.closed', { fd: 1.5 })), /column fd/);
  });
});

describe('columns', () => {
  const pointer = (text: string) => {
    const event = decodeText(rowText('inode.evicted', { inode: 77 }).replace(',77,', `,${text},`));
    return event?.kind === 'inode.evicted' ? event.inode : event;
  };

  it('gives one pointer for one address, signed or unsigned, number or text', () => {
    const forms = [
      '-131391570087936',
      '"-131391570087936"',
      '18446612682139463680',
      '"18446612682139463680"',
    ];
    assert.deepEqual(new Set(forms.map(pointer)), new Set([-131391570087936]));
  });

  it('holds addresses of 5-level paging exactly', () => {
    assert.equal(pointer('-59672695062659072'), -59672695062659072);
    assert.equal(pointer('"18387071378646892544"'), -59672695062659072);
  });

  it('refuses an address that a double would round', () => {
    assert.match(whyBad(rowText('inode.evicted', { inode: '-59672695062659073' })), /column inode/);
  });

  it('reads negative integers printed as unsigned', () => {
    const event = decodeText(rowText('open.ended', { result: '18446744073709551605' }));
    assert.ok(event?.kind === 'open.ended');
    assert.equal(event.result, -11);
  });

  it('reads dev_t as major:minor', () => {
    const event = decodeText(rowText('inode.evicted', { dev: 259 * 2 ** 20 + 3 }));
    assert.ok(event?.kind === 'inode.evicted');
    assert.equal(event.dev, '259:3');
  });

  it('keeps inode numbers beyond 2^53 as text, whichever version printed them', () => {
    const inode = (text: string) => {
      const event = decodeText(rowText('inode.evicted', { ino: 77 }).replace(',77]', `,${text}]`));
      return event?.kind === 'inode.evicted' ? event.ino : event;
    };
    assert.equal(inode('18446744073709551615'), '18446744073709551615');
    assert.equal(inode('"18446744073709551615"'), '18446744073709551615');
    assert.equal(inode('-1'), '18446744073709551615');
    assert.equal(inode('"12"'), 12);
  });

  it('takes a stack as text or as a list of frames', () => {
    const asList = rowText('file.finalClosed', { stack: 'STACK' }).replace(
      '"STACK"',
      '["__fput+1","task_work_run+2"]',
    );
    const event = decodeText(asList);
    assert.ok(event?.kind === 'file.finalClosed');
    assert.equal(event.stack, '__fput+1\ntask_work_run+2');
  });

  it('accepts times beyond 2^53, rounded', () => {
    assert.equal(decodeText(rowText('beat', { ts: '9007199254740993' }))?.ts, 9007199254740992);
  });
});

describe('rows about the stream', () => {
  it('reads the counters, and knows the final ones by the bye before them', () => {
    const decoder = createDecoder();
    decodeText(rowText('beat', { ts: 9 }), decoder);
    const counts = new Map([['beat', 1]]);
    assert.deepEqual(decodeText(firedText({ beat: 1 }), decoder), {
      kind: 'stream.fired',
      ts: 9,
      counts,
      final: false,
    });
    decodeText(rowText('bye', { ts: 10 }), decoder);
    assert.deepEqual(decodeText(firedText({ beat: 1 }), decoder), {
      kind: 'stream.fired',
      ts: 10,
      counts,
      final: true,
    });
  });

  it('adds up the counters of the programs that fire one kind', () => {
    const event = decodeText(firedText({ 'fd.closed': 4, 'fd.closed#2': 3, 'fd.closed#13': 1, beat: 1 }));
    assert.ok(event?.kind === 'stream.fired');
    assert.deepEqual(
      [...event.counts],
      [
        ['fd.closed', 8],
        ['beat', 1],
      ],
    );
  });

  it('reads loss as each version writes it', () => {
    const lost = { kind: 'stream.lost', ts: 0, rows: 3 };
    assert.deepEqual(decodeText('{"type": "lost_events", "data": {"events": 3}}'), lost);
    assert.deepEqual(decodeText('{"type":"lost_events", "count":3}'), lost);
    assert.match(whyBad('{"type": "lost_events"}'), /no count/);
  });

  it('has nothing to say about what does not concern the traced system', () => {
    for (const text of [
      '{"type":"attached_probes", "count":3}',
      '{"type": "printf", "data": "x"}',
      '{"type": "map", "data": {"@x": 1}}',
    ]) {
      assert.equal(decodeText(text), null, text);
    }
  });

  it('reports a missing bye once, and none after a bye', () => {
    assert.deepEqual(createDecoder().finish('cut'), { kind: 'stream.cut', ts: 0, why: 'cut' });
    const decoder = createDecoder();
    decodeText(rowText('bye'), decoder);
    assert.equal(decoder.finish('cut'), null);
  });
});

describe('totality', () => {
  it('decodes every row of the schema', () => {
    assertProperty(fc.property(anyRow, (text) => decodeText(text)?.kind !== 'stream.bad'));
  });

  it('never throws on any JSON value', () => {
    assertProperty(fc.property(fc.jsonValue(), (value) => createDecoder().decode(value)?.kind !== 'beat'));
  });

  it('corrupting one row changes only that row', () => {
    assertProperty(
      fc.property(
        fc.array(anyRow, { minLength: 2, maxLength: 6 }),
        fc.nat(),
        fc.nat(),
        fc.string(),
        (rows, n, at, junk) => {
          const hurt = n % rows.length;
          const mutated = rows.map((text, index) =>
            index === hurt ? text.slice(0, at % text.length) + junk : text,
          );
          const whole = createDecoder();
          const broken = createDecoder();
          const expected = rows.map((text) => decodeText(text, whole));
          const seen = mutated.map((text) => decodeText(text, broken));
          expected.splice(hurt, 1);
          seen.splice(hurt, 1);
          assert.deepEqual(seen, expected);
        },
      ),
    );
  });
});
