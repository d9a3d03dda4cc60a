import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifyExit, namedHooks } from '../../src/capture/bpftrace.ts';

function classify(stderr: string, facts: Partial<Parameters<typeof classifyExit>[0]> = {}): string {
  return classifyExit({
    code: undefined,
    exitCode: 1,
    signal: null,
    isStopping: false,
    stderr: [stderr],
    ...facts,
  });
}

describe('the end of bpftrace', () => {
  it('is classified by what it said', () => {
    assert.equal(classify('', { code: 'ENOENT', exitCode: null }), 'not-installed');
    assert.equal(classify('ERROR: bpftrace currently only supports running as the root user.'), 'not-root');
    assert.equal(classify("ERROR: Error attaching probe: 'kprobe:foo'"), 'attach-failed');
    assert.equal(classify('stdin:1:1-20: ERROR: tracepoint not found: filelock:nope'), 'attach-failed');
    assert.equal(classify('ERROR: Could not resolve symbol: /proc/self/exe:BEGIN_trigger'), 'attach-failed');
    assert.equal(classify('Error log: \nR1 invalid mem access; verifier says no'), 'verifier');
    assert.equal(classify('ERROR: bpf: Operation not permitted'), 'refused');
    assert.equal(classify('something else'), 'crashed');
    assert.equal(classify('', { exitCode: null, signal: 'SIGSEGV' }), 'killed');
  });

  it('is a stop only when it was asked for and went well', () => {
    assert.equal(classify('', { isStopping: true, exitCode: 0 }), 'stopped');
    assert.equal(classify('', { isStopping: true, exitCode: null, signal: 'SIGINT' }), 'stopped');
    assert.equal(classify('', { isStopping: true, exitCode: null, signal: 'SIGKILL' }), 'killed');
    assert.equal(classify('', { exitCode: 0 }), 'crashed');
  });
});

describe('the probe that failed', () => {
  const hooks = [
    'fentry:ib_core:__ib_umem_release',
    'kprobe:fput',
    'kprobe:__fput',
    'tracepoint:filelock:break_lease_block',
  ];
  const named = (...stderr: string[]) => namedHooks(stderr, hooks);

  it('is found under its whole name, old or new', () => {
    assert.deepEqual(named("ERROR: Error attaching probe: 'kprobe:fput'"), ['kprobe:fput']);
    assert.deepEqual(named('ERROR: Error attaching probe: kfunc:ib_core:__ib_umem_release'), [hooks[0]]);
    assert.deepEqual(named('stdin:4:1-9: ERROR: tracepoint not found: filelock:break_lease_block'), [
      hooks[3],
    ]);
  });

  it('is found by its function where nothing more is said', () => {
    assert.deepEqual(named('ERROR: Could not find __fput in BTF'), ['kprobe:__fput']);
  });

  it('is not guessed from lines that are no errors', () => {
    assert.deepEqual(named('kprobe:fput { print(1); }', 'ERROR: out of memory'), []);
  });
});
