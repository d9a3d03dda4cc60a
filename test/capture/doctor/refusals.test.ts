/** Why a hook is not used: each reason that a made-up kernel can give. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PATHS } from '../../../src/capture/compose.ts';
import {
  hooksOfScript,
  purposeOf,
  refusedHooks,
  whyNotOffered,
} from '../../../src/capture/doctor/refusals.ts';
import { POOR_KERNEL } from '../../fixtures/poor-kernel.ts';

const FTRACE_ONLY = { ...POOR_KERNEL, functions: new Set(['vfs_setlease', 'ib_uverbs:ib_umem_get']) };

describe('why a hook is not offered', () => {
  it('is the whole kernel’s lack where no function can be hooked', () => {
    assert.match(whyNotOffered('fentry:vfs_setlease', POOR_KERNEL) ?? '', /lets no function be hooked/);
  });

  it('is a module that is not loaded, by name', () => {
    assert.equal(whyNotOffered('fexit:ib_uverbs:ib_umem_get', FTRACE_ONLY), 'module ib_uverbs is not loaded');
  });

  it('is a function that the kernel does not have', () => {
    assert.match(whyNotOffered('kprobe:vaddr_pin_pages', FTRACE_ONLY) ?? '', /no such function/);
  });

  it('is missing type information for fentry, not for a kprobe', () => {
    assert.match(whyNotOffered('fentry:vfs_setlease', FTRACE_ONLY) ?? '', /no type information/);
    assert.equal(whyNotOffered('kprobe:vfs_setlease', FTRACE_ONLY), null);
  });

  it('is a tracepoint that does not exist', () => {
    assert.match(whyNotOffered('tracepoint:filelocks:nothing', POOR_KERNEL) ?? '', /no such tracepoint/);
    assert.equal(whyNotOffered('tracepoint:filelock:generic_add_lease', POOR_KERNEL), null);
  });
});

describe('the hooks of a path', () => {
  it('are found in each script, with the rungs of its ladder that are not taken', () => {
    for (const path of PATHS.filter((each) => each !== 'session')) {
      assert.ok(hooksOfScript(path).length > 0, path);
      assert.ok(purposeOf(path).length > 20, path);
    }
    assert.ok(hooksOfScript('lease').includes('fentry:lease_modify'));
    assert.ok(hooksOfScript('lease').includes('tracepoint:syscalls:sys_enter_fcntl'));
  });

  it('are refused in bpftrace’s own words where it tried them', () => {
    const said = new Map([['tracepoint:sched:sched_process_exec', 'no, said bpftrace']]);
    const refused = refusedHooks('fd-passing', POOR_KERNEL, said);
    assert.equal(
      refused.find(({ hook }) => hook === 'tracepoint:sched:sched_process_exec')?.why,
      'no, said bpftrace',
    );
    assert.ok(!refused.some(({ hook }) => hook === 'tracepoint:sched:sched_process_exit'));
  });
});
