import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blamedHooks, classifyExit, firstError, skippedHooks } from '../../src/capture/bpftrace-errors.ts';

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
    assert.equal(classify('ERROR: Error loading program: kprobe:foo (try -v)'), 'verifier');
    assert.equal(classify(NOISE), 'crashed');
    assert.equal(classify('', { exitCode: null, signal: 'SIGSEGV' }), 'killed');
  });

  it('is a stop only when it was asked for and went well', () => {
    assert.equal(classify('', { isStopping: true, exitCode: 0 }), 'stopped');
    assert.equal(classify('', { isStopping: true, exitCode: null, signal: 'SIGINT' }), 'stopped');
    assert.equal(classify('', { isStopping: true, exitCode: null, signal: 'SIGKILL' }), 'killed');
    assert.equal(classify('', { exitCode: 0 }), 'crashed');
  });
});

/** What 0.17 prints first on kernels from 5.11 on, whatever happens next. */
const NOISE =
  'ERROR: Unknown error -1: couldn\'t set RLIMIT_MEMLOCK for bpftrace. If your program is not loading, you can try "ulimit -l 8192" to fix the problem';

it('the first error that says something is the one to tell', () => {
  assert.equal(
    firstError([NOISE, 'stdin:1:9-17: ERROR: Undefined map: @x']),
    'stdin:1:9-17: ERROR: Undefined map: @x',
  );
  assert.equal(firstError([NOISE, 'oops']), 'oops');
  assert.equal(firstError([NOISE]), 'it said nothing');
});

describe('the probe that failed', () => {
  const hooks = [
    'BEGIN',
    'tracepoint:syscalls:sys_exit_open',
    'tracepoint:syscalls:sys_exit_openat',
    'fentry:ib_core:__ib_umem_release',
    'kprobe:fput',
    'kprobe:__fput',
    'tracepoint:filelock:break_lease_block',
  ];
  const program = [
    'BEGIN',
    '{',
    '}',
    'tracepoint:syscalls:sys_exit_open,',
    'tracepoint:syscalls:sys_exit_openat',
    '{',
    '  print(args->nope);',
    '}',
    'kfunc:ib_core:__ib_umem_release',
    '{',
    '}',
  ].join('\n');
  const blamed = (...stderr: string[]) => blamedHooks([NOISE, ...stderr], program, hooks);

  it('is found under its whole name, old or new', () => {
    assert.deepEqual(blamed("ERROR: Error attaching probe: 'kprobe:fput'"), ['kprobe:fput']);
    assert.deepEqual(blamed('ERROR: Error attaching probe: kfunc:ib_core:__ib_umem_release'), [
      'fentry:ib_core:__ib_umem_release',
    ]);
    assert.deepEqual(blamed("ERROR: attaching 'tracepoint:syscalls:sys_exit_openat' failed"), [
      'tracepoint:syscalls:sys_exit_openat',
    ]);
  });

  it('is found by the place that an error points to', () => {
    assert.deepEqual(blamed('stdin:9:1-32: ERROR: kfunc/kretfunc not available for your kernel version.'), [
      'fentry:ib_core:__ib_umem_release',
    ]);
    assert.deepEqual(
      blamed("stdin:7:3-9: ERROR: Struct/union of type 'x' does not contain a field named 'nope'"),
      ['tracepoint:syscalls:sys_exit_openat'],
    );
  });

  it('is found by its function where nothing more is said', () => {
    assert.deepEqual(blamed('ERROR: Could not find __fput in BTF'), ['kprobe:__fput']);
  });

  it('is not guessed from lines that are no errors', () => {
    assert.deepEqual(blamed('kprobe:fput { print(1); }', 'ERROR: out of memory'), []);
  });

  it('may be one that bpftrace goes on without', () => {
    const warning = 'WARNING: could not attach probe kprobe:__fput, skipping.';
    assert.deepEqual(skippedHooks([NOISE, warning], hooks), ['kprobe:__fput']);
  });
});
