/** Chrome trace JSON: it keeps the format's rules whatever is in a recording, and shows what a recording tells. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Event } from '../../src/event/event.ts';
import { toPerfetto } from '../../src/export/perfetto.ts';
import { LIMITS } from '../../src/model/limits.ts';
import { eventsOf } from '../fixtures/recordings.ts';
import { eventsArbitrary } from '../model/arbitrary.ts';
import { at, bye, DAX, EXT4, header, hello, named, regular, row, who } from '../model/rows.ts';
import { handedOver, LEASE, leaseBreak, rdmaHandedOver } from '../model/stories.ts';
import { assertProperty } from '../property.ts';
import { convert } from './convert.ts';
import { brokenRules, type Drawn, eventsIn } from './trace-event-rules.ts';

const RECORDINGS = fileURLToPath(new URL('../recordings/', import.meta.url));
const recordings = readdirSync(RECORDINGS).filter((file) => file.endsWith('.ndjson.gz'));

function drawn(events: readonly Event[]): readonly Drawn[] {
  const text = convert(toPerfetto(header), events);
  assert.deepEqual(brokenRules(text), []);
  return eventsIn(text);
}

/** The beginnings of async events of one category, as name and pid. */
function begun(events: readonly Drawn[], category: string): [string, number][] {
  return events.filter(({ ph, cat }) => ph === 'b' && cat === category).map(({ name, pid }) => [name, pid]);
}

const holder = who(40, 'holder');

/** A process that takes a lease at `s` and gives it up `length` seconds later, if ever. */
function lease(s: number, file: number, length: number | null): Event[] {
  const columns = { owner: 9, ...at(EXT4), flags: LEASE, type: 1, file };
  const taken = row(s, holder, 'lease.added', { ...columns, fd: 3 });
  const released = { ...columns, lease: file, cause: 1, recorded: holder.pid };
  return [
    row(s, holder, 'fd.installed', { fd: 3, ...regular(EXT4, file), how: 0 }),
    taken,
    ...(length === null ? [] : [row(s + length, holder, 'lease.released', released)]),
  ];
}

for (const name of recordings) {
  it(`${name}: keeps the rules of the format`, async () => {
    const text = convert(toPerfetto(header), await eventsOf(`${RECORDINGS}${name}`));
    assert.deepEqual(brokenRules(text), []);
    assert.ok(eventsIn(text).length > 4);
  });
}

it('whatever the events are, the rules are kept, in pieces of any size', () => {
  assertProperty(
    fc.property(eventsArbitrary(), fc.integer({ min: 1, max: 60 }), (events, batch) => {
      const text = convert(toPerfetto(header), events, batch);
      assert.deepEqual(brokenRules(text), []);
      assert.equal(text, convert(toPerfetto(header), events, 1));
    }),
    300,
  );
});

describe('what is drawn', () => {
  it('a pin with every process that held it, and the hand-over as a flow from giver to taker', () => {
    const events = drawn(rdmaHandedOver());
    const [[pin, taker] = ['', 0]] = begun(events, 'pin');
    assert.match(pin, /^pin of 256 pages \(1\.0 MiB\) \/dev\/shm\/data$/);
    const holders = begun(events, 'hand').filter(([name]) => name.includes('pin of'));
    const flows = events.filter(({ ph }) => ph === 's' || ph === 'f').map(({ ph, pid }) => [ph, pid]);
    const [, receiver] = holders.at(-1) ?? [];
    assert.equal(holders[0]?.[1], taker);
    assert.notEqual(receiver, taker);
    assert.deepEqual(flows.slice(-2), [
      ['s', taker],
      ['f', receiver],
    ]);
    const names = new Set(events.filter(({ name }) => name === 'process_name').map(({ pid }) => pid));
    for (const { pid, ph } of events) assert.ok(ph === 'M' || names.has(pid), `process ${pid} has a name`);
  });

  it('a call as a slice of its thread, and what it waits for', () => {
    const events = drawn(leaseBreak());
    const [call] = events.filter(({ ph, cat }) => ph === 'X' && cat === 'operation');
    const [[wait, waiter] = ['', 0]] = begun(events, 'wait');
    assert.deepEqual([call?.name, call?.pid], ['open /mnt/ext4/lease-break', waiter]);
    assert.equal(wait, 'waits for a lease break /mnt/ext4/lease-break');
    assert.deepEqual(
      begun(events, 'lease').map(([name]) => name),
      ['write lease /mnt/ext4/lease-break'],
    );
  });

  it('findings and the recording, on a track of their own', () => {
    const events = drawn(handedOver('once'));
    const found = begun(events, 'finding');
    assert.ok(found.some(([name]) => name.startsWith('blocked-operation ')));
    const [whole] = events.filter(({ cat }) => cat === 'trace');
    assert.equal(whole?.pid, found[0]?.[1]);
  });

  it('times in microseconds of the boot clock, nanoseconds kept', () => {
    const events = drawn([hello(1), ...lease(1.000000123, 7, 0.5), bye(2)]);
    const pair = events.filter(({ cat }) => cat === 'lease').map(({ ph, ts }) => [ph, ts]);
    assert.deepEqual(pair, [
      ['b', 1_000_000.123],
      ['e', 1_500_000.123],
    ]);
  });

  it('what has not ended, to the end of the recording, and that it has not', () => {
    const events = drawn([hello(0), ...lease(1, 7, null), bye(5)]);
    const [begin, end] = events.filter(({ cat }) => cat === 'lease');
    assert.deepEqual([begin?.ts, end?.ts], [1_000_000, 5_000_000]);
    assert.equal(begin?.args?.state, 'held when the recording ended');
  });

  it('hostile names, cleaned', () => {
    const evil = who(41, 'a"\u001b]0;\u202e');
    const text = convert(toPerfetto(header), [
      hello(0),
      ...named(1, evil, { ...EXT4, name: '</script>\n' }),
      ...lease(1, 7, 1).map((event) => ({ ...event, ...evil, tid: evil.pid })),
      bye(3),
    ]);
    assert.deepEqual(brokenRules(text), []);
    const [begin] = eventsIn(text).filter(({ cat }) => cat === 'lease');
    assert.equal(begin?.name, 'write lease /mnt/ext4/</script>\\n');
    assert.equal(begin?.args?.taken_by, 'a"\\x1b]0;\\u202e[41]');
  });
});

it('all of a long trace is told, though the model forgets most of it, and nothing is held back', () => {
  const count = 2 * LIMITS.ended + 1000;
  const conversion = toPerfetto(header);
  const pieces = [conversion.begin(), conversion.add([hello(0)])];
  let longest = 0;
  for (let n = 0; n < count; n += 1) {
    const piece = conversion.add(lease(1 + n, 100 + n, 0.5));
    longest = Math.max(longest, piece.length);
    pieces.push(piece);
  }
  const end = [...conversion.add([bye(count + 2)]), ...conversion.end()].join('');
  assert.ok(longest > 300 && longest < 2000, `a lease is told when it ends: ${longest}`);
  assert.ok(end.length < 50_000, `little is left for the end: ${end.length}`);
  const text = [...pieces, end].join('');
  assert.deepEqual(brokenRules(text), []);
  assert.equal(begun(eventsIn(text), 'lease').length, count);
});

it('a file that breaks a rule is found out', () => {
  const text = convert(toPerfetto(header), rdmaHandedOver());
  const breaking: readonly (readonly [RegExp, string])[] = [
    [/"ph":"e"/, '"ph":"b"'],
    [/"ph":"f","bp":"e"/, '"ph":"f"'],
    [/"ph":"s"/, '"ph":"t"'],
    [/("ph":"s","ts":)\d+/, '$11'],
    [/"pid":\d+/, '"pid":"x"'],
    [/("ph":"b","ts":)/, '$1-'],
    [/"cat":"hand-over","ph":"X"/, '"cat":"hand-over","ph":"Q"'],
  ];
  for (const [what, instead] of breaking) {
    const broken = text.replace(what, instead);
    assert.notEqual(broken, text, String(what));
    assert.ok(brokenRules(broken).length > 0, `${what} → ${instead}`);
  }
});

it('calls of one thread that seem to overlap are put after each other', () => {
  const caller = who(50, 'caller');
  const cut = (s: number) => row(s, caller, 'truncate.began', { ...at(DAX), from: 8192, to: 0, how: 1 });
  const events = drawn([
    hello(0),
    ...lease(0.5, 7, null).map((event) => ({ ...event, ...at(DAX) }) as Event),
    cut(1),
    cut(1),
    row(1, caller, 'truncate.ended', { ...at(DAX), result: 0 }),
    cut(1),
    bye(2),
  ]);
  assert.equal(events.filter(({ cat }) => cat === 'operation').length, 3);
});
