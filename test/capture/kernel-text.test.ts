import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  findSymbol,
  iommuKinds,
  parseBpftraceVersion,
  parseFunctions,
  parsePreemption,
  parseTracepointFields,
  parseUverbsMajor,
} from '../../src/capture/kernel-text.ts';

describe('what a kernel writes about itself', () => {
  it('functions, those of modules with their name', () => {
    const text = '__fput\nib_umem_get [ib_uverbs]\n\n';
    assert.deepEqual([...parseFunctions(text)], ['__fput', 'ib_uverbs:ib_umem_get']);
  });

  it('fields of a tracepoint, arrays too', () => {
    const format =
      'name: e\nID: 7\nformat:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n';
    assert.deepEqual([...parseTracepointFields(format)], ['common_type', 'comm']);
  });

  it('addresses of symbols by their whole name, unless they are hidden', () => {
    const text =
      'ffffffff81000000 T jiffies_64\nffffffff82000000 D jiffies\nffffffffc0000010 d vfio_group_fops\t[vfio]\n0000000000000000 T hidden\n';
    assert.equal(findSymbol(text, 'jiffies'), 0xffffffff82000000n);
    assert.equal(findSymbol(text, 'vfio_group_fops'), 0xffffffffc0000010n);
    assert.equal(findSymbol(text, 'hidden'), null);
    assert.equal(findSymbol(text, 'fops'), null);
  });

  it('the major of uverbs, which a block device of that number is not', () => {
    const devices = 'Character devices:\n  1 mem\n239 infiniband_verbs\n\nBlock devices:\n  7 loop\n';
    assert.equal(parseUverbsMajor(devices), 239);
    assert.equal(
      parseUverbsMajor('Character devices:\n  1 mem\n\nBlock devices:\n  9 infiniband_verbs\n'),
      231,
    );
  });

  it('how a kernel is preempted: as it is switched, else as it was built, else unknown', () => {
    const built = (words: string) => `Linux version 6.12.0 (x) #1 SMP ${words} Debian 6.12.1-1`;
    assert.equal(parsePreemption('none (voluntary) full \n', built('PREEMPT_DYNAMIC')), 'voluntary');
    assert.equal(parsePreemption('full (lazy) \n', built('PREEMPT_DYNAMIC')), 'lazy');
    assert.equal(parsePreemption('(none) voluntary full lazy \n', ''), 'none');
    assert.equal(parsePreemption('', built('PREEMPT_DYNAMIC')), 'unknown');
    assert.equal(parsePreemption('', built('PREEMPT')), 'full');
    assert.equal(parsePreemption('', built('PREEMPT_RT')), 'full');
    assert.equal(parsePreemption('', built('PREEMPT_LAZY')), 'lazy');
    assert.equal(parsePreemption('', built('')), 'none');
    assert.equal(parsePreemption('', ''), 'unknown');
  });

  it('IOMMUs by kind, and a version', () => {
    assert.deepEqual([...iommuKinds(['dmar0', 'dmar1', 'smmu3.0x1'])], ['dmar', 'smmu']);
    assert.equal(parseBpftraceVersion('bpftrace v0.23.2\n'), 'v0.23.2');
    assert.equal(parseBpftraceVersion('sh: bpftrace: not found'), null);
  });
});
