/**
 * How properties are tried: on the same cases each time, so that a failing `npm test` is about the change under test;
 * on other and more cases when asked:
 *
 *   WHOPINS_SEED=7 WHOPINS_RUNS=100 npm test -- model     a hundred times as many cases, another seed
 *   npm run test:stories                                  a hundred thousand plausible stories against the model
 *
 * When asked, each file tells its seed, cases and time in one line that begins with "properties:".
 */
import fc from 'fast-check';

/** The day of the thread "RDMA/FS DAX truncate proposal". */
const SEED = Number(process.env.WHOPINS_SEED ?? 20190809);
const TIMES = Number(process.env.WHOPINS_RUNS ?? 1);
if (!Number.isInteger(SEED) || !(TIMES > 0)) {
  throw new Error('WHOPINS_SEED is to be an integer and WHOPINS_RUNS a number above 0');
}

let tried = 0;

process.on('exit', () => {
  const isAsked = process.env.WHOPINS_SEED !== undefined || process.env.WHOPINS_RUNS !== undefined;
  if (tried === 0 || !isAsked) return;
  const seconds = Math.round(performance.now() / 1000);
  console.error(`properties: seed ${SEED}, ${tried.toLocaleString('en-US')} cases, ${seconds} s`);
});

/** Tries a property on `cases` cases; throws with the seed and the smallest case that breaks it. */
export function assertProperty<Case>(property: fc.IProperty<Case>, cases = 100): void {
  fc.assert(property, settings(cases));
}

/** The same for a property that takes its time. */
export async function assertAsyncProperty<Case>(
  property: fc.IAsyncProperty<Case>,
  cases = 100,
): Promise<void> {
  await fc.assert(property, settings(cases));
}

/** How often something is to be tried that is no property: `cases` times, or as much more often as asked. */
export function timesOf(cases: number): number {
  return Math.ceil(cases * TIMES);
}

/** Numbers from 0 to below 1, the same ones each time for one seed (mulberry32, Tommy Ettinger 2017). */
export function createChance(): () => number {
  let state = SEED;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function settings(cases: number): { readonly seed: number; readonly numRuns: number } {
  const numRuns = Math.ceil(cases * TIMES);
  tried += numRuns;
  return { seed: SEED, numRuns };
}
