import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptied, wholeNames } from './hooks.ts';

const PROGRAM = `
BEGIN { @a = 1; }
fentry:fd_install /@a == 1/ { print((1, { 2 })); }
tracepoint:sched:sched_process_exec,
tracepoint:sched:sched_process_exit { @a = 2; }
fexit:ib_core:ib_umem_get { }
fentry:__fput { }
END { clear(@a); }
`;

test('an emptied program has all hooks, and does nothing', () => {
  assert.deepEqual(emptied(PROGRAM).split('\n'), [
    'BEGIN { printf("recording to nothing\\n"); }',
    'fentry:fd_install',
    '{ }',
    'tracepoint:sched:sched_process_exec,',
    'tracepoint:sched:sched_process_exit',
    '{ }',
    'fexit:ib_core:ib_umem_get',
    '{ }',
    'fentry:__fput',
    '{ }',
  ]);
});

test('names that the kernel cut short are told apart by their order', () => {
  const loaded = [
    'BEGIN_1',
    'fentry_vmlinux_',
    'tracepoint_sche',
    'tracepoint_sche',
    'fexit_ib_core_i',
    'fentry_vmlinux_',
  ];
  assert.deepEqual(wholeNames(loaded, PROGRAM), [
    'BEGIN_1',
    'fentry:fd_install',
    'tracepoint:sched:sched_process_exec',
    'tracepoint:sched:sched_process_exit',
    'fexit:ib_core:ib_umem_get',
    'fentry:__fput',
  ]);
});
