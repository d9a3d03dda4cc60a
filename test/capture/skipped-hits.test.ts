/** What the kernel says it skipped: read from a made-up /proc, in the form that 7.3 printed in a guest. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createSessionSkips } from '../../src/capture/session-skips.ts';
import { readSkippedHits, type SkippedHits } from '../../src/capture/skipped-hits.ts';
import { richKernel } from '../fixtures/rich-kernel.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';

const PID = 306;

async function madeUpProc(context: TestContext, descriptors: readonly string[]): Promise<string> {
  const root = await temporaryDirectory(context);
  const dir = join(root, String(PID), 'fdinfo');
  mkdirSync(dir, { recursive: true });
  descriptors.forEach((text, fd) => {
    writeFileSync(join(dir, String(fd)), `pos:\t0\nflags:\t02000002\nmnt_id:\t16\nino:\t1058\n${text}`);
  });
  return root;
}

const program = (type: number, id: number, misses: number) =>
  `prog_type:\t${type}\nprog_jited:\t1\nprog_tag:\tdd8bb1ba3ac5a7f0\nmemlock:\t4096\nprog_id:\t${id}\nrun_time_ns:\t0\nrun_cnt:\t0\nrecursion_misses:\t${misses}\nverified_insns:\t97\n`;
const tracing = (id: number, attach: number, target: number) =>
  `link_type:\ttracing\nlink_id:\t${id}\nprog_tag:\tdd8bb1ba3ac5a7f0\nprog_id:\t${id}\nattach_type:\t${attach}\ntarget_obj_id:\t1\ntarget_btf_id:\t${target}\n`;

describe('hits that the kernel skipped', () => {
  it('are told by the function that the program hangs on, which its link names', async (t) => {
    const { btf } = richKernel();
    assert.ok(btf);
    // The functions are the last types of the made-up kernel.
    const last = btf.firstId + btf.starts.length - 1;
    const root = await madeUpProc(t, [
      '',
      program(26, 21, 50_286),
      program(26, 21, 50_286),
      program(26, 22, 3),
      program(26, 23, 0),
      program(5, 24, 7),
      program(5, 25, 8),
      'link_type:\tperf\nlink_id:\t19\nprog_id:\t25\ntp_name:\tsched_process_exec\nevent_type:\ttracepoint\n',
      tracing(21, 24, last),
      tracing(22, 25, last - 1),
      tracing(23, 24, last - 2),
    ]);
    const found = readSkippedHits(PID, btf, root);
    assert.deepEqual(
      found.map(({ hits }) => hits),
      [50_286, 3, 7, 8],
    );
    assert.match(found[0]?.hook ?? '', /^fentry:[a-z_]\w+$/);
    assert.match(found[1]?.hook ?? '', /^fexit:[a-z_]\w+$/);
    assert.equal(found[2]?.hook, 'a tracepoint');
    assert.equal(found[3]?.hook, 'tracepoint:sched_process_exec');
  });

  it('are told without a function where its number is a module’s, or no types are known', async (t) => {
    const root = await madeUpProc(t, [program(26, 21, 5), tracing(21, 24, 1_000_000)]);
    assert.deepEqual(readSkippedHits(PID, richKernel().btf, root), [{ hook: 'a function probe', hits: 5 }]);
    assert.deepEqual(readSkippedHits(PID, null, root), [{ hook: 'a function probe', hits: 5 }]);
  });

  it('are none where nothing was skipped, or the process is gone', async (t) => {
    assert.deepEqual(readSkippedHits(PID, null, await madeUpProc(t, [program(26, 1, 0)])), []);
    assert.deepEqual(readSkippedHits(PID + 1, null, await madeUpProc(t, [])), []);
  });
});

describe('a session', () => {
  it('is told what was skipped since it was asked last: every few seconds, and at its end', () => {
    let now = 1e9;
    let counts: SkippedHits[] = [];
    const kinds = new Map([
      ['fentry:filp_flush', ['fd.closed']],
      ['tracepoint:sched:sched_process_exec', ['task.executed']],
    ]);
    const skips = createSessionSkips(
      () => counts,
      kinds,
      () => now,
    );
    now = 3e9;
    counts = [{ hook: 'fentry:filp_flush', hits: 4 }];
    assert.deepEqual(skips.look(), [], 'too soon');
    now = 6e9;
    const [first, ...none] = skips.look();
    assert.deepEqual(none, []);
    assert.ok(first?.kind === 'probe.skipped');
    const { hook, hits, since, ts, kinds: of } = first;
    assert.deepEqual([hook, hits, since, ts, of], ['fentry:filp_flush', 4, 1e9, 6e9, 'fd.closed']);
    now = 7e9;
    counts = [
      { hook: 'fentry:filp_flush', hits: 4 },
      { hook: 'a tracepoint', hits: 1 },
      { hook: 'a tracepoint', hits: 2 },
      { hook: 'tracepoint:sched_process_exec', hits: 6 },
    ];
    const rest = skips.look(true);
    assert.deepEqual(
      rest.map((each) => each.kind === 'probe.skipped' && [each.hook, each.hits, each.since, each.kinds]),
      [
        ['a tracepoint', 3, 6e9, ''],
        ['tracepoint:sched_process_exec', 6, 6e9, 'task.executed'],
      ],
    );
    assert.deepEqual(skips.look(true), []);
  });
});
