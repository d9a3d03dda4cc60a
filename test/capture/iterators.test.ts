import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseBtf } from '../../src/capture/btf.ts';
import { whyNoIterators } from '../../src/capture/iterators.ts';

/** Type information with one empty struct (include/uapi/linux/btf.h: kind 4). */
function typesWith(struct: string) {
  const names = Buffer.from(`\0${struct}\0`);
  const words = [0xeb9f | (1 << 16), 24, 0, 12, 12, names.length, 1, 4 << 24, 8];
  const head = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) head.writeUInt32LE(word, index * 4);
  return parseBtf(Buffer.concat([head, names]));
}

it('says what the walk lacks and how to get it', () => {
  const btf = typesWith('bpf_iter__task_file');
  for (const bpftrace of ['v0.17.0', 'v0.23.2', 'v1.0.0']) {
    assert.equal(whyNoIterators({ bpftrace, btf }), null, bpftrace);
  }
  assert.match(
    whyNoIterators({ bpftrace: 'v0.14.1', btf }) ?? '',
    /^bpftrace v0\.14\.1 is too old; install 0\.17/,
  );
  assert.match(whyNoIterators({ bpftrace: 'v0.17.0', btf: null }) ?? '', /CONFIG_DEBUG_INFO_BTF$/);
  assert.match(
    whyNoIterators({ bpftrace: 'v0.17.0', btf: typesWith('task_struct') }) ?? '',
    /no BPF iterators/,
  );
});
