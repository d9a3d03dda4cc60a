/**
 * The 2019 series' own functions: no kernel that we can boot has them, so they are composed for a made-up list of symbols
 * and compiled, without being run, by the bpftrace that is here.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa, execaSync } from 'execa';
import { composeProgram } from '../../src/capture/compose.ts';
import { inspectKernel } from '../../src/capture/kernel.ts';
import { POOR_KERNEL } from '../fixtures/poor-kernel.ts';
import { richKernel } from '../fixtures/rich-kernel.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';

/** RFC v2 and what its author called them later (Weiny, 9 Aug 2019, and Hubbard's series after it). */
const SYMBOLS = [
  'vaddr_pin_pages',
  'vaddr_pin_user_pages',
  'mapping_inode_has_layout',
  'vaddr_unpin_pages',
  'vaddr_unpin_pages_dirty_lock',
  'vaddr_unpin_user_pages',
];

const hooksOf = (composition: ReturnType<typeof composeProgram>) =>
  composition.probes.find(({ path }) => path === 'rfc2019')?.hooks ?? [];

function whyNotCompiled(): string | false {
  if (process.getuid?.() !== 0) return 'needs root: bpftrace starts for nobody else';
  if (execaSync('bpftrace', ['--version'], { reject: false }).exitCode !== 0)
    return 'needs bpftrace: apt-get install bpftrace';
  return false;
}

describe('rfc2019', () => {
  it('hooks each function of the series that a kernel has, and none that it has not', () => {
    assert.deepEqual(hooksOf(composeProgram(richKernel())).length, SYMBOLS.length + 3);
    const early = richKernel(['vaddr_pin_user_pages', 'vaddr_unpin_user_pages']);
    assert.deepEqual(hooksOf(composeProgram(early)), [
      'kprobe:vaddr_pin_pages',
      'kretprobe:vaddr_pin_pages',
      'kprobe:mapping_inode_has_layout',
      'kretprobe:mapping_inode_has_layout',
      'kprobe:vaddr_unpin_pages',
      'kprobe:vaddr_unpin_pages_dirty_lock',
    ]);
  });

  it('is no gap where the kernel has none of them: there is nothing to miss', () => {
    const stock = composeProgram(richKernel(SYMBOLS));
    assert.deepEqual(hooksOf(stock), []);
    assert.ok(!stock.leftOut.some(({ path }) => path === 'rfc2019'));
  });

  it('is a program that this bpftrace compiles', { skip: whyNotCompiled() }, async (t) => {
    const offers = await inspectKernel();
    assert.ok(offers.ok);
    // Types of this host; functions of the series alone, since nothing is attached.
    const patched = {
      ...POOR_KERNEL,
      bpftrace: offers.value.bpftrace,
      btf: offers.value.btf,
      functions: new Set(SYMBOLS),
      tracepointFields: () => null,
    };
    const composition = composeProgram(patched);
    assert.ok(hooksOf(composition).length > 0, composition.leftOut.map(({ reason }) => reason).join('; '));
    const program = join(await temporaryDirectory(t), 'rfc2019.bt');
    await writeFile(program, composition.program);
    const dryRun = /v0\.(?:1\d|20)\./.test(offers.value.bpftrace) ? '-d' : '--dry-run';
    const { exitCode, all } = await execa('bpftrace', [dryRun, program], { reject: false, all: true });
    const errors = all.split('\n').filter((line) => line.includes('ERROR: '));
    assert.equal(exitCode, 0, errors.join('\n'));
    // -d prints what was compiled.
    if (dryRun === '-d') assert.match(all, /kprobe:vaddr_pin_pages/);
  });
});
