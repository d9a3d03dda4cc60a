/** Composes the real probes for made-up kernels: what is offered is used, what is not is left out and named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeProgram } from '../../src/capture/compose.ts';
import type { KernelOffers } from '../../src/capture/kernel.ts';
import { readBlocks } from '../../src/capture/probe-block.ts';
import { POOR_KERNEL as POOR } from '../fixtures/poor-kernel.ts';
import { richKernel } from '../fixtures/rich-kernel.ts';

test('a kernel with tracepoints alone still gets leases, breaks and truncates, and the rest is named', () => {
  const { program, probes, leftOut } = composeProgram(POOR);
  const hooks = probes.flatMap((probe) => probe.hooks);
  assert.ok(hooks.includes('tracepoint:filelock:generic_add_lease'));
  assert.ok(hooks.includes('tracepoint:filelock:break_lease_block'));
  assert.ok(hooks.includes('tracepoint:syscalls:sys_enter_truncate'));
  assert.ok(!/fentry|kfunc|kprobe/.test(program));
  assert.deepEqual(
    new Set(leftOut.map((gap) => gap.path)),
    new Set([
      'lease',
      'lease-break',
      'pin',
      'direct-io',
      'rdma-region',
      'vmsplice',
      'uring-buffer',
      'xdp-umem',
      'vfio',
      'fd-passing',
      'final-close',
      'truncate',
      'hole-punch',
    ]),
  );
});

test('a hook that failed to attach is dropped alone and named', () => {
  const hook = 'tracepoint:syscalls:sys_exit_creat';
  const { program, leftOut } = composeProgram(POOR, new Set([hook]));
  assert.ok(!program.includes(hook));
  assert.ok(program.includes('tracepoint:syscalls:sys_exit_openat'));
  assert.ok(leftOut.some((gap) => gap.path === 'lease-break' && gap.reason.includes(hook)));
});

test('older kernels call the fields of a lease by other names', () => {
  const old = {
    ...POOR,
    tracepointFields: (name: string) => (POOR.tracepointFields(name) ? new Set(['fl_owner']) : null),
  };
  assert.ok(composeProgram(old).program.includes('args->fl_owner'));
  assert.ok(composeProgram(POOR).program.includes('args->owner'));
});

test('nothing at all is a program too: it says that it sees nothing', () => {
  const nothing = { ...POOR, tracepointFields: () => null };
  const { program, probes } = composeProgram(nothing);
  assert.deepEqual(
    probes.flatMap((probe) => probe.hooks),
    ['BEGIN', 'interval:s:1', 'END'],
  );
  assert.ok(program.includes('@fired["hello"]'));
});

test('every map is cleared at the end, so that bpftrace does not dump it', () => {
  const { program } = composeProgram(POOR);
  const end = readBlocks(program).find((block) => block.hooks.includes('END'));
  for (const map of new Set(program.match(/@[a-z_]+/g))) assert.ok(end?.body.includes(`clear(${map});`), map);
});

test('a map that is only read is given a value, or bpftrace refuses the program', () => {
  // The read of @break_state stands in lease-break, its writers too; without them @lease_fd is the one left over.
  const { program } = composeProgram(POOR, new Set(['tracepoint:syscalls:sys_enter_fcntl']));
  assert.match(program, /BEGIN\n\{[^}]*@lease_fd\[0\] = 0;/);
});

test('bpftrace before 0.20 gets no casts of plain numbers: it searches all types of the kernel for each', () => {
  const rich = richKernel();
  const casts = (bpftrace: string) =>
    composeProgram({ ...rich, bpftrace }).program.match(/\(int64\)\d/g)?.length ?? 0;
  assert.equal(casts('v0.17.0'), 0);
  assert.ok(casts('v0.23.2') > 50);
});

test('bpftrace before 0.20 gets one block for a tracepoint that two paths want', () => {
  const count = (program: string) =>
    readBlocks(program).filter(({ hooks }) => hooks.includes('tracepoint:syscalls:sys_exit_truncate')).length;
  const rich = richKernel();
  assert.equal(count(composeProgram(rich).program), 2);
  const { program } = composeProgram({ ...rich, bpftrace: 'v0.17.0' });
  assert.equal(count(program), 1);
  const merged = readBlocks(program).find(({ hooks }) =>
    hooks.includes('tracepoint:syscalls:sys_exit_truncate'),
  );
  assert.match(merged?.body ?? '', /if \(@break_opening\[tid\] == 1\)/);
  assert.match(merged?.body ?? '', /"truncate\.ended"/);
  // What shares a block with another hook keeps it.
  assert.ok(program.includes('tracepoint:syscalls:sys_exit_ftruncate'));
});

test('a kind of row that several programs fire is counted by each under a name of its own', () => {
  for (const bpftrace of ['v0.17.0', 'v0.23.2']) {
    const blocks = readBlocks(composeProgram({ ...richKernel(), bpftrace }).program);
    const names = blocks.flatMap(({ body }) => [
      ...new Set([...body.matchAll(/@fired\["([^"]+)"\]/g)].map((use) => use[1] ?? '')),
    ]);
    assert.equal(new Set(names).size, names.length, names.join(' '));
    assert.ok(names.includes('fd.closed') && names.includes('fd.closed#2'));
  }
});

test('on a kernel that is preempted, what every open and close passes are kprobes: fentry would miss hits', () => {
  const hot = ['fd_install', 'filp_flush', '__fput'];
  const hooksOn = (preemption: KernelOffers['preemption']) => {
    const { probes, kinds } = composeProgram({ ...richKernel(), preemption });
    assert.deepEqual(kinds.get(preemption === 'none' ? 'fexit:file_close_fd' : 'kretprobe:file_close_fd'), [
      'fd.closed',
    ]);
    return probes.flatMap(({ hooks }) => hooks);
  };
  for (const preemption of ['lazy', 'full', 'unknown'] as const) {
    const hooks = hooksOn(preemption);
    for (const fn of hot) assert.ok(hooks.includes(`kprobe:${fn}`) && !hooks.includes(`fentry:${fn}`), fn);
    assert.ok(!hooks.includes('fexit:file_close_fd'));
  }
  for (const fn of hot) assert.ok(hooksOn('none').includes(`fentry:${fn}`), fn);
});
