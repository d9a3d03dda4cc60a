/** Walks of a session whose bpftrace is a stand-in: real processes and pipes, made-up findings. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Session, startSession } from '../../src/capture/session.ts';
import type { Walk } from '../../src/capture/walk-rows.ts';
import { fakeBpftrace, type Step } from '../fixtures/fake-bpftrace.ts';
import { rowText } from '../fixtures/rows.ts';
import { walkOf } from '../fixtures/walks.ts';

const HELLO: Step = { print: rowText('hello', { ts: 1e9 }) };
const FOUND = walkOf(2e9, [['walk.leased', { lease: -64, dev: 26, ino: 2, pid: 40 }]]);

/** Starts a session; `kinds` collects the kinds of its rows as they come. */
async function start(t: TestContext, walk: Walk, steps: readonly Step[] = []) {
  process.env.WHOPINS_BPFTRACE = await fakeBpftrace(t, { steps: [HELLO, ...steps] });
  const session = await startSession({
    offers: { release: '6.12.0', bpftrace: 'v0.23.2', btf: null },
    compose: () => ({ program: '', probes: [], leftOut: [], kinds: new Map() }),
    command: null,
    pointers: 'raw',
    walk,
  });
  assert.ok(session.ok);
  t.after(() => session.value.stop());
  const texts: string[] = [];
  return { session: session.value, texts, reading: readInto(session.value, texts) };
}

async function readInto(session: Session, texts: string[]): Promise<void> {
  for await (const batch of session.rows) texts.push(...batch.map((row) => row.text));
}

const kindOf = (text: string) => /"data": \["([^"]+)"/.exec(text)?.[1] ?? 'counters';
const count = (texts: readonly string[], kind: string) =>
  texts.filter((text) => kindOf(text) === kind).length;

/** A walk that ends when it is told to. */
function heldUp() {
  let finish: () => void = () => {};
  const walk: Walk = (signal) =>
    new Promise((resolve, reject) => {
      finish = () => resolve(FOUND);
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
  return { walk, finish: () => finish() };
}

describe('the walk of a session', () => {
  it('comes after hello and before everything that happened while it looked', async (t) => {
    const { walk, finish } = heldUp();
    const late: Step = { print: rowText('lease.released', { ts: 3e9 }) };
    const { session, texts, reading } = await start(t, walk, [{ sleepMs: 1000 }, late, { exit: 0 }]);
    const walking = session.walk();
    // By now all that bpftrace printed was read.
    await session.ended;
    assert.deepEqual(texts.map(kindOf), ['hello'], 'rows wait for the walk');
    finish();
    await walking;
    await reading;
    assert.deepEqual(texts.map(kindOf), [
      'hello',
      'walk.began',
      'walk.leased',
      'walk.ended',
      'lease.released',
    ]);
  });

  it('can be asked for again; one at a time', async (t) => {
    let walks = 0;
    const { session, texts, reading } = await start(t, async () => {
      walks += 1;
      return FOUND;
    });
    await Promise.all([session.walk(), session.walk()]);
    await session.walk();
    assert.equal(walks, 2);
    session.stop();
    await reading;
    assert.equal(count(texts, 'walk.ended'), 2);
    await session.walk();
    assert.equal(walks, 2, 'after the last row there is nothing to walk for');
  });

  it('that fails is a walk that says so', async (t) => {
    const { session, texts, reading } = await start(t, async () => {
      throw new Error('out of luck');
    });
    await session.walk();
    session.stop();
    await reading;
    const gap = texts.find((text) => kindOf(text) === 'walk.gap');
    assert.match(gap ?? '', /"walk", "the walk failed: out of luck"/);
    assert.match(texts.find((text) => kindOf(text) === 'walk.ended') ?? '', /, 1, -1, -1, 3\]\}$/);
  });

  it('that is stopped leaves no rows, and the session ends in order', async (t) => {
    const { session, texts, reading } = await start(t, heldUp().walk);
    const walking = session.walk();
    session.stop();
    await walking;
    await reading;
    assert.deepEqual([count(texts, 'walk.began'), count(texts, 'hello'), count(texts, 'bye')], [0, 1, 1]);
    assert.equal((await session.ended).why, 'stopped');
  });

  it('whose bpftrace dies meanwhile still brings what it found', async (t) => {
    const { walk, finish } = heldUp();
    const { session, texts, reading } = await start(t, walk, [{ sleepMs: 200 }, { exit: 3 }]);
    const walking = session.walk();
    await session.ended;
    finish();
    await walking;
    await reading;
    assert.equal(count(texts, 'walk.ended'), 1);
  });
});
