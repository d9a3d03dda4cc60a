/** The doctor with a stand-in for bpftrace: what it attaches, what it refuses, and in which words that is told. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { err, ok } from '../../../src/base/result.ts';
import { composeProgram } from '../../../src/capture/compose.ts';
import { examineHost } from '../../../src/capture/doctor/examine.ts';
import { diagnosisText } from '../../../src/commands/doctor.ts';
import { fakeBpftrace, type Step } from '../../fixtures/fake-bpftrace.ts';
import { POOR_KERNEL } from '../../fixtures/poor-kernel.ts';
import { rowText } from '../../fixtures/rows.ts';

const HELLO: Step = { print: rowText('hello', { ts: 1e9 }) };

async function examine(context: TestContext, steps: readonly Step[]) {
  process.env.WHOPINS_BPFTRACE = await fakeBpftrace(context, { steps });
  return examineHost({ offers: ok(POOR_KERNEL), compose: composeProgram });
}

describe('the doctor', () => {
  it('tells of each path what is attached, what its answers lack and why', async (t) => {
    const { paths, can_trace } = await examine(t, [HELLO]);
    assert.equal(can_trace, true);
    const of = (name: string) => paths.find(({ path }) => path === name);
    assert.equal(of('session')?.sees, 'all');
    assert.equal(of('lease')?.sees, 'part');
    assert.equal(of('pin')?.sees, 'nothing');
    assert.match(of('pin')?.lacks.join() ?? '', /no kprobes/);
    assert.ok(of('pin')?.refused.every(({ why }) => why !== ''));
  });

  it('names a hook that is offered and fails to attach, and keeps the rest', async (t) => {
    const hook = 'tracepoint:sched:sched_process_exec';
    const { paths, checks, can_trace } = await examine(t, [{ refuseHook: hook }, HELLO]);
    assert.equal(can_trace, true);
    const path = paths.find((each) => each.path === 'fd-passing');
    assert.equal(path?.sees, 'part');
    assert.ok(!path?.hooks.includes(hook));
    assert.ok(path?.hooks.includes('tracepoint:sched:sched_process_exit'));
    assert.match(path?.refused.find((each) => each.hook === hook)?.why ?? '', /Error attaching probe/);
    // The same hook stands for all tracepoints in the check of the host.
    assert.equal(checks.find(({ name }) => name === 'tracepoints')?.ok, false);
  });

  it('says why nothing can be traced, of every path', async () => {
    const message = 'Tracing needs root: use sudo.';
    const diagnosis = await examineHost({
      offers: err({ what: 'not-root', message }),
      compose: composeProgram,
    });
    assert.equal(diagnosis.can_trace, false);
    assert.ok(diagnosis.paths.every(({ sees, lacks }) => sees === 'nothing' && lacks[0] === message));
    assert.match(diagnosisText(diagnosis), /nothing can be traced here: Tracing needs root/);
  });

  it('fits into 80 columns, and says at the end what is not seen', async (t) => {
    const text = diagnosisText(await examine(t, [HELLO]));
    for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
    assert.match(text, /^lease +part +who takes, changes and loses a lease/m);
    assert.match(
      text.replaceAll('\n', ' '),
      /tracing works here; not all is seen of lease, lease-break, pin/,
    );
  });
});
