/** What the values of filter options mean on the host that the test runs on, and what is said of those that mean nothing. */
import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type FilterWords, findFilter } from '../../src/capture/filter-words.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { READY, runWhopins } from '../fixtures/whopins.ts';

const errorOf = async (flags: FilterWords) => {
  const found = await findFilter(flags);
  return found.ok ? null : found.error;
};

describe('filter options', () => {
  it('become numbers that the kernel compares', async (t) => {
    const path = join(await temporaryDirectory(t), 'data');
    await writeFile(path, 'x');
    const found = await findFilter({ path: [path], pid: [process.pid], comm: ['node'] });
    assert.ok(found.ok);
    const { files, pids, comms, words } = found.value.filter;
    assert.equal(files.length, 1);
    assert.equal(Number(files[0]?.ino), (await stat(path)).ino);
    assert.deepEqual([pids, comms], [[process.pid], ['node']]);
    assert.equal(words, `--path ${path} --pid ${process.pid} --comm node`);
  });

  it('that name nothing are refused, each with its own words', async (t) => {
    const directory = await temporaryDirectory(t);
    assert.match((await errorOf({ path: [join(directory, 'absent')] })) ?? '', /there is no such file/);
    assert.match((await errorOf({ path: [directory] })) ?? '', /is a directory/);
    assert.match((await errorOf({ pid: [4_194_303] })) ?? '', /there is no process 4194303/);
    assert.match((await errorOf({ device: ['250:4095'] })) ?? '', /no file system with device 250:4095/);
    assert.match((await errorOf({ device: [join(directory, 'absent')] })) ?? '', /cannot find the device/);
    assert.match((await errorOf({ cgroup: [directory] })) ?? '', /is no cgroup/);
    assert.match((await errorOf({ cgroup: [join(directory, 'absent')] })) ?? '', /cannot read the cgroup/);
  });

  it('end a command with 2 before anything is traced', async () => {
    for (const args of [
      ['live', '--plain', '--pid', '4194303'],
      ['live', '--plain', '--pid', 'seven'],
      ['live', '--plain', '--inode', '12'],
      ['live', '--plain', '--comm', 'longer than fifteen'],
      ['live', '--plain', '--comm', 'a"b'],
      ['record', '-o', '/dev/null/x', '--pid', '4194303'],
    ]) {
      const { code, stderr } = await runWhopins(args, READY);
      assert.equal(code, 2, args.join(' '));
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    }
  });
});
