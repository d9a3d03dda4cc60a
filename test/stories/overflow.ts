/** What must be concluded from overflow.c: rows are gone, the answer says so in place, and is not definite over the gap. */
import { countRecording, missingRows } from '../lab/account.ts';
import type { Story, StoryRun } from '../lab/story.ts';
import { readReport } from './answer-shape.ts';
import { numberIn, only } from './truth.ts';

export const overflow: Story = {
  name: 'overflow',
  kernels: ['6.1', '6.12', '7.3'],
  timeoutMs: 300_000,
  args: [],
  recordWith: { env: ['BPFTRACE_PERF_RB_PAGES=1'] },
  mayLose: true,
  check,
};

/** A pipe has two descriptors, and each file of it three rows: installed, closed, finally closed. */
const ROWS_OF_A_PIPE = 6;

function check(run: StoryRun): string[] {
  if (run.exitCode !== 0) return [`the workload ended with ${run.exitCode}`];
  const report = readReport(run.report);
  if (!report.ok) return [`report --json breaks its contract: ${report.error}`];
  const { rows, losses, files, certainty } = report.value;
  const { fired, seen } = countRecording(run.recordingPath);
  const flooded = only(run.truth, 'flooded');
  const pipes = numberIn(flooded, 'pipes');
  const isInPlace = losses.some(
    (loss) => loss.from_ns <= flooded.t_ns && loss.to_ns >= numberIn(flooded, 'began_ns'),
  );
  const firedRows = ['fd.installed', 'fd.closed', 'file.finalClosed'].reduce(
    (sum, kind) => sum + (fired?.get(kind) ?? 0),
    0,
  );
  const lost = missingRows({ seen, fired });
  const lease = files.flatMap(({ holders }) => holders).find(({ kind }) => kind === 'lease');
  return [
    ...(firedRows >= pipes * ROWS_OF_A_PIPE
      ? []
      : [`${firedRows} rows were fired for ${pipes} pipes, of ${pipes * ROWS_OF_A_PIPE}`]),
    ...(lost > 0 ? [] : ['nothing was lost: the buffer is too large for this story']),
    ...(rows.lost === lost
      ? []
      : [`the report says that ${rows.lost} rows were lost, the kernel's counters ${lost}`]),
    ...(isInPlace ? [] : ['no loss is told of while the pipes came and went']),
    ...(certainty === 'definite' ? ['the report is definite although rows were lost'] : []),
    ...(lease === undefined || lease.certainty !== 'definite'
      ? []
      : ['the lease is definite although rows were lost while it was held']),
  ];
}
