/**
 * How fast `whopins report` reads a long recording, next to the least that one could do with its rows: JSON.parse of each
 * line, the ndjson package, `jq -c .`, all of which get the rows unpacked. All in one run, since a machine's speed changes.
 *
 * Report begins at the last checkpoint where this very version of whopins made it. Otherwise it reads all rows: that is
 * measured, too, on the same recording without its checkpoints.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FORMAT_VERSION } from '../../../src/event/header.ts';
import { readLabel } from '../../../src/recording/member.ts';
import type * as Writer from '../../../src/recording/writer.ts';
import { LabError, say } from '../../lab/messages.ts';
import { WHOPINS_CLI } from '../../lab/paths.ts';
import { importBuilt } from './built.ts';
import { playRecordings } from './plays.ts';

export interface ReplayTimes {
  readonly rows: number;
  readonly report: Reading;
  /** The same where no checkpoint is of use. */
  readonly reread: Reading;
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

export interface Reading {
  readonly seconds: number;
  readonly rssMb: number;
}

interface Files {
  readonly recording: string;
  readonly rowsAlone: string;
  readonly plain: string;
}

/** Measures on a recording of so many rows, which is made once and kept with the system's temporary files. */
export async function benchReplay(rows: number): Promise<ReplayTimes> {
  const { recording, rowsAlone, plain } = await makeFiles(rows);
  say(`reading ${recording}`);
  const report = await timeReport(recording);
  const parse = await runLoop('parse', plain);
  const reread = await timeReport(rowsAlone);
  const ndjson = await runLoop('ndjson', plain);
  const jq = await time(['jq', '-c', '.', plain]).catch(() => null);
  const seek = await runLoop('seek', recording);
  return {
    rows,
    report,
    reread,
    parseS: parse.seconds ?? 0,
    ndjsonS: ndjson.seconds ?? 0,
    jqS: jq?.seconds ?? null,
    seek: { firstMs: seek.firstMs ?? 0, p50: seek.p50 ?? 0, p99: seek.p99 ?? 0, max: seek.max ?? 0 },
  };
}

async function timeReport(recording: string): Promise<Reading> {
  const command = [process.execPath, '--import', RSS_AT_EXIT, WHOPINS_CLI, 'report', recording];
  const { seconds, stderr } = await time(command);
  return { seconds, rssMb: Number(/VmHWM:\s*(\d+)/.exec(stderr)?.[1] ?? 0) / 1024 };
}

/**
 * Tells the most memory that a Node process had (VmHWM, KiB), on its standard error. Not getrusage's ru_maxrss: that
 * begins with what the process had before exec, which is all that this bench has read into its own memory by then.
 */
const RSS_AT_EXIT = `data:text/javascript,${encodeURIComponent(
  'import{readFileSync}from"node:fs";process.on("exit",()=>process.stderr.write(readFileSync("/proc/self/status","utf8")))',
)}`;

async function makeFiles(rows: number): Promise<Files> {
  const directory = join(tmpdir(), 'whopins-bench');
  await mkdir(directory, { recursive: true });
  const files = {
    recording: join(directory, `${rows}.ndjson.gz`),
    rowsAlone: join(directory, `${rows}-rows.ndjson.gz`),
    plain: join(directory, `${rows}.ndjson`),
  };
  if (existsSync(files.plain)) {
    say(`${directory} has the recording of an earlier run; remove it to measure a changed whopins`);
    return files;
  }
  say(`making a recording of ${rows} rows`);
  const { header, batches } = playRecordings(rows);
  // The recorder that is measured, so that report knows its checkpoints as its own.
  const { createRecording } = await importBuilt<typeof Writer>('recording/writer');
  const writer = await createRecording(files.recording, { ...JSON.parse(header), format: FORMAT_VERSION });
  if (!writer.ok) throw new LabError(writer.error);
  const plain = createWriteStream(`${files.plain}.new`);
  for (const batch of batches()) {
    const written = await writer.value.write(batch.map((line) => line.trimEnd()));
    if (!written.ok) throw new LabError(written.error);
    if (!plain.write(batch.join(''))) await once(plain, 'drain');
  }
  await writer.value.finish({ complete: true, bad: 0 });
  writeFileSync(files.rowsAlone, withoutCheckpoints(readFileSync(files.recording)));
  plain.end();
  await once(plain, 'close');
  // Under its own name only when it is whole.
  renameSync(`${files.plain}.new`, files.plain);
  return files;
}

function withoutCheckpoints(recording: Buffer): Buffer {
  const members: Buffer[] = [];
  for (let at = 0; at < recording.length; ) {
    const label = readLabel(recording, at);
    if (label === null) throw new LabError('the recording just made has a member without a label');
    const member = recording.subarray(at, at + label.bytes);
    if (label.kind === 'rows' || label.kind === 'end') members.push(member);
    at += label.bytes;
  }
  return Buffer.concat(members);
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
  const { rows, report, reread, parseS, ndjsonS, jqS, seek } = times;
  const line = (name: string, seconds: number | null) =>
    seconds === null
      ? `${name.padEnd(34)}  not here`
      : `${name.padEnd(34)}${(rows / seconds / 1e6).toFixed(2).padStart(6)} M rows/s${seconds.toFixed(1).padStart(8)} s` +
        `   report is ${(seconds / report.seconds).toFixed(2)} times as fast, ${(seconds / reread.seconds).toFixed(2)} reading all`;
  const ms = (value: number) => `${Math.round(value)} ms`;
  return [
    `${rows} rows`,
    line('whopins report, end to end', report.seconds),
    line('whopins report, reading all rows', reread.seconds),
    line('JSON.parse of each line, unpacked', parseS),
    line('ndjson package, unpacked', ndjsonS),
    line('jq -c ., unpacked', jqS),
    `report's memory (RSS): ${Math.round(report.rssMb)} MB at most; reading all rows: ${Math.round(reread.rssMb)} MB`,
    `first frame after ${ms(seek.firstMs)}; a seek takes ${ms(seek.p50)} (p50), ${ms(seek.p99)} (p99), ${ms(seek.max)} at most`,
  ].join('\n');
}
