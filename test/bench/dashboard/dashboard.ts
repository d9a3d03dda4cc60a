/**
 * What the live dashboard costs on a very busy host: a stand-in for bpftrace prints 100,000 rows a second about 10,000
 * files and 2,000 processes, and a real terminal shows them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTerminal } from '../../dashboards/tmux.ts';
import { LabError, lastLines } from '../../lab/messages.ts';
import type { Measured } from './watch.ts';

export interface DashboardBenchOptions {
  readonly seconds: number;
  /** Rows a second. */
  readonly rate: number;
  readonly files: number;
  readonly processes: number;
  readonly width: number;
  readonly height: number;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Beyond the time that is measured: compiling, starting, leaving. */
const PATIENCE_MS = 60_000;

/** Runs it once in a tmux of its own. Needs gcc and tmux. */
export async function benchDashboard(options: DashboardBenchOptions): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'whopins-bench-'));
  const terminal = await openTerminal(options.width, options.height, {
    WHOPINS_BPFTRACE: compileFlood(directory),
    FLOOD_RATE: String(options.rate),
    FLOOD_FILES: String(options.files),
    FLOOD_PROCESSES: String(options.processes),
  });
  try {
    const output = join(directory, 'measured.json');
    await terminal.type(
      `${startWords()} ${compileWatch(directory)} ${output} ${options.seconds}; echo code=$? .`,
    );
    const screen = await terminal.waitWithin(options.seconds * 1000 + PATIENCE_MS, /code=\d+ \./);
    if (!existsSync(output))
      throw new LabError('the dashboard measured nothing', lastLines(screen.trimEnd(), 8));
    return JSON.parse(readFileSync(output, 'utf8'));
  } finally {
    await terminal.close();
    rmSync(directory, { recursive: true });
  }
}

/** Node and its flags as `npm start` has them. */
function startWords(): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return String(scripts.start).replace(/ \S+$/, '');
}

/** As it is shipped: what tsx makes of it is slower. Returns the script. */
function compileWatch(directory: string): string {
  const built = join(directory, 'built');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(import.meta.dirname, 'tsconfig.json');
  const settings = [
    '--outDir',
    built,
    '--incremental',
    'false',
    '--tsBuildInfoFile',
    'null',
    '--noEmit',
    'false',
  ];
  const compiled = spawnSync(process.execPath, [tsc, '-p', project, ...settings], { encoding: 'utf8' });
  if (compiled.status !== 0)
    throw new LabError('the dashboard does not compile', lastLines(compiled.stdout, 4));
  writeFileSync(join(built, 'package.json'), readFileSync(join(ROOT, 'package.json')));
  symlinkSync(join(ROOT, 'node_modules'), join(built, 'node_modules'));
  return join(built, 'test', 'bench', 'dashboard', 'watch.js');
}

function compileFlood(directory: string): string {
  const binary = join(directory, 'flood');
  const source = join(import.meta.dirname, 'flood.c');
  const compiled = spawnSync('gcc', ['-O2', '-o', binary, source], { encoding: 'utf8' });
  if (compiled.status !== 0)
    throw new LabError('gcc cannot compile flood.c', lastLines(compiled.stderr ?? '', 4));
  return binary;
}

interface Line {
  readonly what: string;
  readonly was: string;
  readonly reach: string;
  readonly isReached: boolean;
}

/** A line for each number that is to be reached. */
export function dashboardLines(measured: Measured, options: DashboardBenchOptions): readonly Line[] {
  const { seconds, rows, missing, lost, frameMs, keyMs, rss, cpu } = measured;
  const [early, late] = [median(part(rss, 0.2, 0.5)), median(part(rss, 0.7, 1))];
  const line = (what: string, was: string, reach: string, isReached: boolean): Line => ({
    what,
    was,
    reach,
    isReached,
  });
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return [
    line(
      'rows taken in',
      `${Math.round(rows / (seconds + 5)).toLocaleString('en-US')}/s`,
      `${options.rate.toLocaleString('en-US')}/s`,
      rows / (seconds + 5) > options.rate * 0.98,
    ),
    line('rows lost', String(missing + lost), '0', missing + lost === 0),
    line('frames', `${(frameMs.length / seconds).toFixed(1)}/s`, '10/s', frameMs.length / seconds >= 9.5),
    line('frame p50', ms(quantile(frameMs, 0.5)), '', true),
    line('frame p99', ms(quantile(frameMs, 0.99)), '16 ms', quantile(frameMs, 0.99) < 16),
    line('frame longest', ms(quantile(frameMs, 1)), '', true),
    line('key to screen p50', ms(quantile(keyMs, 0.5)), '', true),
    line('key to screen p99', ms(quantile(keyMs, 0.99)), '100 ms', quantile(keyMs, 0.99) < 100),
    line('memory, early', `${early} MiB`, '', true),
    line('memory, late', `${late} MiB`, 'flat', late < early * 1.1 + 10),
    line('CPU', `${(cpu * 100).toFixed(0)} % of a core`, '100 %', cpu <= 1),
  ];
}

/** The lines as a table, with a word on each that was not reached. */
export function dashboardTable(lines: readonly Line[]): string {
  const widths = [
    Math.max(...lines.map(({ what }) => what.length)),
    Math.max(...lines.map(({ was }) => was.length)),
  ];
  return lines
    .map(({ what, was, reach, isReached }) => {
      const told = reach === '' ? '' : `  reach ${reach}${isReached ? '' : '  NOT REACHED'}`;
      return `${what.padEnd(widths[0] ?? 0)}  ${was.padStart(widths[1] ?? 0)}${told}`;
    })
    .join('\n');
}

/** The value below which this share of them lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return Math.round(quantile(values, 0.5));
}

function part(values: readonly number[], from: number, to: number): readonly number[] {
  return values.slice(Math.floor(values.length * from), Math.ceil(values.length * to));
}
