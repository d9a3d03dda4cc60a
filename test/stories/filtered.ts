/** What must be concluded from filtered.c: the chosen process's file, followed into strangers' hands, and nothing else. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { COMMON, SCHEMA } from '../../src/event/schema.ts';
import type { Story, StoryRun } from '../lab/story.ts';
import { readReport } from './answer-shape.ts';
import { every, numberIn, only } from './truth.ts';

export const filtered: Story = {
  name: 'filtered',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 120_000,
  args: [],
  recordWith: { options: ['--comm', 'chosen'] },
  check,
};

function check(run: StoryRun): string[] {
  if (run.exitCode !== 0) return [`the workload ended with ${run.exitCode}`];
  const report = readReport(run.report);
  if (!report.ok) return [`report --json breaks its contract: ${report.error}`];
  const { truth } = run;
  const mine = every(truth, 'file-made').find((row) => String(row.file).endsWith('/chosen-file'));
  const noise = only(truth, 'noise-file');
  if (mine === undefined) return ['the workload never made the chosen file'];
  const rows = rowsOf(run.recordingPath);
  const chosen = only(truth, 'exiting').pid;
  const stranger = only(truth, 'fds-received').pid;
  const count = (kind: string) => rows.filter(([each]) => each === kind).length;
  const inodes = report.value.files.map(({ target }) => target.ino);
  const file = report.value.files.find(({ target }) => target.ino === numberIn(mine, 'ino'));
  const pin = file?.holders.find(({ kind }) => kind === 'pin');
  const hands = pin?.hand_overs.map(({ how, from, to }) => `${how} ${from?.pid} ${to?.pid}`) ?? [];
  return [
    ...(inodes.length === 1 ? [] : [`the report is about inodes ${inodes.join(', ')}, not one`]),
    ...(rows.some((row) => inodeOf(row) === numberIn(noise, 'inode'))
      ? ['a row names the file that nobody chose']
      : []),
    ...(count('truncate.began') === 1
      ? []
      : [`${count('truncate.began')} truncates were told, of one on the file`]),
    ...(count('lease.added') === 1 ? [] : [`${count('lease.added')} leases were told, of one`]),
    ...(count('pin.taken') === 1 ? [] : [`${count('pin.taken')} pins were told, of one`]),
    ...(count('task.forked') === 0 ? [] : ['forks of strangers were told']),
    ...(hands.includes(`scm_rights ${chosen} ${stranger}`)
      ? []
      : [`the pipe went from ${chosen} to ${stranger}; told: ${hands.join('; ') || 'nothing'}`]),
    ...(rows.some((row) => row[0] === 'pin.dropped' && row[3] === stranger)
      ? []
      : ['that the stranger drained the pipe was not told']),
    ...(report.value.not_covered.some(({ path }) => path === 'filter')
      ? []
      : ['the answer does not say that it was narrowed']),
  ];
}

/** The inode that a tuple names, where its kind names one. */
function inodeOf(row: readonly unknown[]): unknown {
  const columns: readonly string[] = Object.keys(
    Object.entries(SCHEMA).find(([kind]) => kind === row[0])?.[1] ?? {},
  );
  return columns.includes('ino') ? row[1 + Object.keys(COMMON).length + columns.indexOf('ino')] : null;
}

/** The tuples of a recording: kind, ts, cpu, pid, tid, comm, columns. */
function rowsOf(path: string): readonly (readonly unknown[])[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  return lines.flatMap((line) => {
    if (!line.includes('"value"')) return [];
    const { data } = JSON.parse(line) as { readonly data?: unknown };
    return Array.isArray(data) ? [data as readonly unknown[]] : [];
  });
}
