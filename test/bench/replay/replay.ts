/**
 * How fast `whopins report` reads a long recording, next to the least that one could do with its rows: JSON.parse of each
 * line, the ndjson package, `jq -c .`, all of which get the rows unpacked. All in one run, since a machine's speed changes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FORMAT_VERSION } from '../../../src/event/header.ts';
import { createRecording } from '../../../src/recording/writer.ts';
import { LabError, say } from '../../lab/messages.ts';
import { WHOPINS_CLI } from '../../lab/paths.ts';
import { playRecordings } from './plays.ts';

export interface ReplayTimes {
  readonly rows: number;
  readonly reportS: number;
  readonly reportRssMb: number;
  readonly parseS: number;
  readonly ndjsonS: number;
  /** null: there is no jq here. */
  readonly jqS: number | null;
  readonly seek: {
    readonly firstMs: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
}

interface Files {
  readonly recording: string;
  readonly plain: string;
}

/** Measures on a recording of so many rows, which is made once and kept with the system's temporary files. */
export async function benchReplay(rows: number): Promise<ReplayTimes> {
  const { recording, plain } = await makeFiles(rows);
  say(`reading ${recording}`);
  const report = await time([process.execPath, '--import', RSS_AT_EXIT, WHOPINS_CLI, 'report', recording]);
  const parse = await runLoop('parse', plain);
  const ndjson = await runLoop('ndjson', plain);
  const jq = await time(['jq', '-c', '.', plain]).catch(() => null);
  const seek = await runLoop('seek', recording);
  return {
    rows,
    reportS: report.seconds,
    reportRssMb: Number(/maxrss (\d+)/.exec(report.stderr)?.[1] ?? 0) / 1024,
    parseS: parse.seconds ?? 0,
    ndjsonS: ndjson.seconds ?? 0,
    jqS: jq?.seconds ?? null,
    seek: { firstMs: seek.firstMs ?? 0, p50: seek.p50 ?? 0, p99: seek.p99 ?? 0, max: seek.max ?? 0 },
  };
}

/** Tells the most memory that a Node process had, on its standard error. */
const RSS_AT_EXIT = `data:text/javascript,${encodeURIComponent(
  'process.on("exit",()=>process.stderr.write("maxrss "+process.resourceUsage().maxRSS+"\\n"))',
)}`;

async function makeFiles(rows: number): Promise<Files> {
  const directory = join(tmpdir(), 'whopins-bench');
  await mkdir(directory, { recursive: true });
  const files = {
    recording: join(directory, `${rows}.ndjson.gz`),
    plain: join(directory, `${rows}.ndjson`),
  };
  if (existsSync(files.plain)) return files;
  say(`making a recording of ${rows} rows`);
  const { header, batches } = playRecordings(rows);
  const writer = await createRecording(files.recording, { ...JSON.parse(header), format: FORMAT_VERSION });
  if (!writer.ok) throw new LabError(writer.error);
  const plain = createWriteStream(`${files.plain}.new`);
  for (const batch of batches()) {
    const written = await writer.value.write(batch.map((line) => line.trimEnd()));
    if (!written.ok) throw new LabError(written.error);
    if (!plain.write(batch.join(''))) await once(plain, 'drain');
  }
  await writer.value.finish({ complete: true, bad: 0 });
  plain.end();
  await once(plain, 'close');
  // Under its own name only when it is whole.
  renameSync(`${files.plain}.new`, files.plain);
  return files;
}

interface Finished {
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function time([command = '', ...args]: readonly string[]): Promise<Finished> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    // Only the last piece is wanted: jq prints it all again.
    stdout = chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new LabError(`${command} ended with ${code}`, stderr.split('\n').slice(-4));
  return { seconds: (performance.now() - started) / 1000, stdout, stderr };
}

async function runLoop(what: string, path: string): Promise<Partial<Record<string, number>>> {
  const loops = fileURLToPath(new URL('loops.ts', import.meta.url));
  const { stdout } = await time([
    process.execPath,
    '--import',
    import.meta.resolve('tsx'),
    loops,
    what,
    path,
  ]);
  return JSON.parse(stdout);
}

/** One line for each reader, then memory and seeks. */
export function replayTable(times: ReplayTimes): string {
  const { rows, reportS, reportRssMb, parseS, ndjsonS, jqS, seek } = times;
  const line = (name: string, seconds: number | null) =>
    seconds === null
      ? `${name.padEnd(34)}  not here`
      : `${name.padEnd(34)}${(rows / seconds / 1e6).toFixed(2).padStart(6)} M rows/s${seconds.toFixed(1).padStart(8)} s` +
        `   report is ${(seconds / reportS).toFixed(2)} times as fast`;
  const ms = (value: number) => `${Math.round(value)} ms`;
  return [
    `${rows} rows`,
    line('whopins report, end to end', reportS),
    line('JSON.parse of each line, unpacked', parseS),
    line('ndjson package, unpacked', ndjsonS),
    line('jq -c ., unpacked', jqS),
    `report's memory (RSS): ${Math.round(reportRssMb)} MB at most`,
    `first frame after ${ms(seek.firstMs)}; a seek takes ${ms(seek.p50)} (p50), ${ms(seek.p99)} (p99), ${ms(seek.max)} at most`,
  ].join('\n');
}
