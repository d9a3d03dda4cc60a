/** The walk's programs for made-up kernels: what was asked for stands in them, and what a kernel lacks is named. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeWalk, type WalkParameters } from '../../../src/capture/walk/compose.ts';
import { madeUpKernel } from './made-up-kernel.ts';

function textOf(name: string, parameters: WalkParameters = {}, offers = madeUpKernel()): string {
  const { text, missing } = composeWalk(name, offers, parameters);
  assert.ok(text !== null, missing.join());
  return text;
}

describe('a program of the walk', () => {
  it('has the file that is asked about; without one it compares with nothing', () => {
    const asked = textOf('open-files', { target: { dev: 271_581_184, ino: '18446744073709551615' } });
    assert.match(asked, /== \(uint64\)18446744073709551615 && .* == \(uint64\)271581184 /);
    assert.match(textOf('open-files'), /== \(uint64\)0 && .* == \(uint64\)0 /);
  });

  it('visits hidden files at our own descriptors', () => {
    const placeholder = { pid: 77, fd: 20, visits: 1 };
    const text = textOf('pipes', { hidden: [{ file: '-59075390699328704', placeholder }] });
    const [high, low] = halvesOf('-59075390699328704');
    assert.ok(
      text.includes(
        `if ($pid == 77 && $fd >= 20 && $fd < 21) { $file = ((uint64)${high} << 32) + (uint64)${low}; }`,
      ),
    );
    assert.ok(!textOf('pipes').includes('$fd >='));
  });

  it('goes on, at each visit but the first, and looks at what is meant inside', () => {
    const placeholder = { pid: 77, fd: 20, visits: 3 };
    const text = textOf('region-pages', { hidden: [{ file: '-64', inner: '-128', placeholder }] });
    const [high, low] = halvesOf('-128');
    assert.match(text, /\$fd >= 20 && \$fd < 23\) \{[^}]* if \(\$fd > 20\) \{ \$again = [^}]+; \}/);
    assert.ok(text.includes(`$inner = ((uint64)${high} << 32) + (uint64)${low};`));
  });

  it('has no number that bpftrace 0.17 does not read: addresses come in halves', () => {
    const placeholder = { pid: 77, fd: 20, visits: 1 };
    for (const file of ['-8', '-9223372036854775808', '18446603336221196288']) {
      const text = textOf('pipes', { hidden: [{ file, placeholder }] });
      for (const [number] of text.matchAll(/\b\d+\b/g)) assert.ok(BigInt(number) < 2n ** 63n, number);
      const [high, low] = halvesOf(file);
      assert.ok(text.includes(`((uint64)${high} << 32) + (uint64)${low}`));
    }
  });

  it('has the addresses of symbols as numbers: bpftrace would look each up by reading all of them', () => {
    const address = madeUpKernel().symbol('user_page_pipe_buf_ops') ?? 0n;
    const [high, low] = halvesOf(String(address));
    const text = textOf('pipes');
    assert.ok(text.includes(`== (((uint64)${high} << 32) + (uint64)${low})`));
    assert.doesNotMatch(text, /kaddr/);
  });

  it('asks for the threads that wait, and for none where none does', () => {
    assert.match(
      textOf('waiters', { waiters: [263, 264] }),
      /\(ctx->task->pid == 263 \|\| ctx->task->pid == 264\)/,
    );
    assert.match(textOf('waiters'), /&& \(0\)\)/);
  });

  it('leaves no word unexpanded', () => {
    const words =
      /\b(OFFSET|SIZE|ENUM|READ(16|32|64)|ROUNDS|NOTHING|VISITOR|HIDDEN_FILE|IS_WAITER|TARGET_\w+|FIND_VFIO_CONTAINER|VFIO_DEVICE_AT|TABLES_OF|TABLE_AT|ENTRY_OF|FRAME_IN|IB_UVERBS_MAJOR|HEAD_OF_PAGE|LOOP|NEXT|REST|CURSOR)\b/;
    for (const name of ['open-files', 'pipes', 'sockets', 'rings', 'regions', 'region-pages', 'waiters']) {
      assert.doesNotMatch(textOf(name), words, name);
    }
  });
});

describe('a kernel that lacks something', () => {
  it('gets no program with a member that it does not have, and the member is named', () => {
    const { text, missing } = composeWalk('pipes', madeUpKernel(['pipe_buffer.ops']));
    assert.equal(text, null);
    assert.match(missing.join(), /type information has no OFFSET\(pipe_buffer\.ops\)/);
  });

  it('without type information gets none at all, and no error', () => {
    const offers = { ...madeUpKernel(), btf: null, moduleBtf: () => null };
    for (const name of ['open-files', 'pipes', 'leases', 'regions', 'umems']) {
      const { text, missing } = composeWalk(name, offers);
      assert.equal(text, null, name);
      assert.ok(missing.length > 0, name);
    }
  });

  it('is told without what it was built without', () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['rings', 'io_uring_fops', /^buffers of io_uring/],
      ['ring-files', 'io_uring_fops', /^files registered with io_uring/],
      ['waiters', 'var_wake_function', /^the page that a sleeping thread waits for/],
      ['regions', 'ib_uverbs/ib_uverbs_file.uobjects', /^memory regions of RDMA/],
      ['region-pages', 'ib_uverbs/ib_umem.sgt_append.sgt.sgl', /^pages of RDMA's memory regions/],
    ];
    for (const [name, without, words] of cases) {
      const { text, missing } = composeWalk(name, madeUpKernel([without]));
      assert.equal(text, null, name);
      assert.match(missing.join(), words);
    }
    assert.equal(composeWalk('ring-mappings', madeUpKernel([], 'v0.17.0')).text, null);
  });

  it('without a driver finds no pages in its regions, but the regions', () => {
    assert.match(textOf('regions'), /\$driver == 14/);
    assert.doesNotMatch(textOf('regions', {}, madeUpKernel(['rdma_rxe/rxe_mr.umem'])), /\$driver == 14/);
  });

  it('of before 6.9 has its leases in struct file_lock', () => {
    assert.match(textOf('leases'), /\(struct file_lease \*\)/);
    const lease = ['c.flc_list', 'fl_break_time', 'fl_downgrade_time'].map((name) => `file_lease.${name}`);
    const { missing } = composeWalk('leases', madeUpKernel(lease));
    assert.match(missing.join(), /file_lock\.fl_list/);
  });
});

/** Of an address as the kernel has it, without a sign. */
function halvesOf(address: string): readonly [high: bigint, low: bigint] {
  const unsigned = BigInt.asUintN(64, BigInt(address));
  return [unsigned / 2n ** 32n, unsigned % 2n ** 32n];
}
