import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeProgram } from '../../../src/capture/compose.ts';
import { inspectKernel, type KernelOffers } from '../../../src/capture/kernel.ts';
import { inspectRemote, namesInProbes } from '../../../src/capture/ssh/remote-kernel.ts';
import { fakeBpftrace } from '../../fixtures/fake-bpftrace.ts';
import { POOR_KERNEL } from '../../fixtures/poor-kernel.ts';
import { richKernel } from '../../fixtures/rich-kernel.ts';
import { standInSsh, whyNoRemote } from '../../fixtures/ssh.ts';

describe('another machine', { skip: whyNoRemote() }, () => {
  it('offers what it would offer to a whopins that runs on it', async (t) => {
    const bpftrace = await fakeBpftrace(t, { steps: [] });
    process.env.WHOPINS_BPFTRACE = bpftrace;
    process.env.WHOPINS_SSH = await standInSsh(t, { bpftrace });
    const [here, there] = [await inspectKernel(), await inspectRemote('there')];
    assert.ok(here.ok && there.ok, JSON.stringify([here, there]));
    assert.deepEqual(composeProgram(there.value.offers), composeProgram(here.value));
    assert.equal(there.value.offers.release, here.value.release);
    assert.ok(there.value.offers.tracepointFields('sched:sched_process_exec')?.has('pid'));
    assert.equal(there.value.offers.tracepointFields('sched:no_such_event'), null);
    assert.ok(there.value.cpus >= 1);
    const { clock, mounts } = there.value.facts;
    assert.ok(mounts.some(({ path }) => path === '/'));
    assert.ok(Math.abs(clock.realtime_ns / 1e6 - Date.now()) < 3_600_000);
    assert.ok(clock.boottime_ns > 0);
  });
});

it('is asked for every name that the probes may ask about', () => {
  const { modules, categories, symbols } = namesInProbes();
  const unasked: string[] = [];
  const note = (names: readonly string[], name: string) => {
    if (!names.includes(name)) unasked.push(name);
  };
  const watched = (offers: KernelOffers): KernelOffers => ({
    ...offers,
    moduleBtf(name) {
      note(modules, name);
      return offers.moduleBtf(name);
    },
    symbol(name) {
      note(symbols, name);
      return offers.symbol(name);
    },
    tracepointFields(name) {
      note(categories, name.split(':')[0] ?? '');
      return offers.tracepointFields(name);
    },
  });
  for (const offers of [richKernel(), POOR_KERNEL]) composeProgram(watched(offers));
  assert.deepEqual(unasked, []);
});
