/**
 * `npm test`: types, lint, and every test file, in one table.
 *
 *   npm test                 needs nothing but Node; what needs more (tmux, root, a kernel) says that it is skipped
 *   npm test -- recording    only test files whose path contains the word, without types and lint
 *   CI=true npm test         a skipped test is a failed one: CI must not look green because something was missing
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SKIP_FAILS = process.env.CI === 'true';

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  ms: number;
}

interface TestEvent {
  readonly name: string;
  readonly file?: string | undefined;
  readonly nesting: number;
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
  readonly details: {
    readonly type?: string | undefined;
    readonly duration_ms: number;
    readonly error?: Error;
  };
}

/** node --test of Node 20 knows no globs. */
function findTestFiles(word: string | undefined): string[] {
  return readdirSync(fileURLToPath(new URL('.', import.meta.url)), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && (word === undefined || path.includes(word)))
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .sort();
}

/** Tests that wait for processes, terminals and clocks: beside others they might wait too short a time. */
const WATCHES_THE_CLOCK =
  /^test\/(?:commands\/|dashboards\/[^/]+$|capture\/(?:session|heartbeat|row)|recording\/(?:crash|writer))/;

/** A tool that must end with exit code 0; its output is shown only when it does not. */
function runTool(title: string, args: readonly string[]): Outcome {
  const started = performance.now();
  const tool = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  const failed = tool.status === 0 ? 0 : 1;
  if (failed) console.error(`\n✖ ${title}\n${tool.stdout}${tool.stderr}`);
  return { passed: 1 - failed, failed, skipped: 0, ms: performance.now() - started };
}

/** Runs test files, each in a process of its own; prints failures and skips as they come. */
async function runTests(files: readonly string[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>(
    files.map((file) => [file, { passed: 0, failed: 0, skipped: 0, ms: 0 }]),
  );

  function outcomeOf(event: TestEvent): Outcome | undefined {
    // A file that fails as a whole is reported under its own name.
    return outcomes.get(event.file ?? '') ?? outcomes.get(event.name);
  }

  function onPass(event: TestEvent): void {
    const outcome = outcomeOf(event);
    if (outcome === undefined) return;
    if (event.nesting === 0) outcome.ms += event.details.duration_ms;
    if (event.details.type === 'suite') return;
    if (event.skip === undefined && event.todo === undefined) {
      outcome.passed += 1;
      return;
    }
    outcome.skipped += 1;
    console.error(`- skipped: ${event.name}: ${event.skip ?? event.todo}`);
  }

  function onFail(event: TestEvent): void {
    const { details, name } = event;
    // A suite fails because of a test in it, which was reported already.
    if (details.type === 'suite' && /subtests? failed/.test(details.error?.message ?? '')) return;
    const outcome = outcomeOf(event);
    if (outcome !== undefined) outcome.failed += 1;
    const cause = details.error?.cause;
    console.error(`\n✖ ${relative(ROOT, event.file ?? name)}: ${name}`);
    console.error(cause instanceof Error ? cause.stack : (cause ?? details.error));
  }

  async function runAll(these: readonly string[], concurrency: number): Promise<void> {
    if (these.length === 0) return;
    const stream = run({ files: [...these], concurrency });
    stream.on('test:pass', onPass);
    stream.on('test:fail', onFail);
    stream.on('test:stderr', ({ file, message }) => {
      const told = /^properties: .*$/m.exec(message);
      if (told !== null) console.error(`${relative(ROOT, file)}: ${told[0]}`);
    });
    // The stream ends only when it is read.
    for await (const _event of stream);
  }

  const isTimed = (file: string): boolean => WATCHES_THE_CLOCK.test(relative(ROOT, file));
  const cores = availableParallelism();
  await runAll(
    files.filter((file) => !isTimed(file)),
    cores,
  );
  await runAll(files.filter(isTimed), Math.max(1, cores - 1));
  return outcomes;
}

function printTable(rows: readonly (readonly [string, Outcome])[]): void {
  const width = Math.max(...rows.map(([title]) => title.length));
  console.log(`\n${'test'.padEnd(width)}  passed  failed  skipped       s`);
  for (const [title, { passed, failed, skipped, ms }] of rows) {
    const counts = [passed, failed].map((count) => String(count).padStart(8)).join('');
    console.log(
      `${title.padEnd(width)}${counts}${String(skipped).padStart(9)}${(ms / 1000).toFixed(1).padStart(8)}`,
    );
  }
}

async function main(word: string | undefined): Promise<void> {
  const rows: [string, Outcome][] = [];
  if (word === undefined) {
    rows.push([
      'types',
      runTool('types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit']),
    ]);
    rows.push(['lint', runTool('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.'])]);
  }
  for (const [file, outcome] of await runTests(findTestFiles(word))) {
    rows.push([relative(ROOT, file), outcome]);
  }
  printTable(rows);
  const sum = (key: keyof Outcome) => rows.reduce((total, [, outcome]) => total + outcome[key], 0);
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  if (SKIP_FAILS && skipped > 0) console.error('\nCI: skipped tests count as failed');
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 || passed === 0 || (SKIP_FAILS && skipped > 0) ? 1 : 0;
}

await main(process.argv[2]);
