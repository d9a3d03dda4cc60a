/** A filter as words of the composed program: what is followed, by whom, and that nothing else fires a row. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeProgram } from '../../src/capture/compose.ts';
import { type Filter, kindsOf, NO_FILTER, targetOf } from '../../src/capture/filter.ts';
import { readBlocks } from '../../src/capture/probe-block.ts';
import { POOR_KERNEL } from '../fixtures/poor-kernel.ts';
import { richKernel } from '../fixtures/rich-kernel.ts';

const filterOf = (part: Partial<Filter>): Filter => ({ ...NO_FILTER, words: 'that', ...part });
const FILE = filterOf({ files: [{ dev: 8, ino: 12 }] });
const TASK = filterOf({ pids: [41, 43], comms: ['a holder'], cgroups: ['77'] });
const BOTH = filterOf({ ...TASK, files: [{ dev: 8, ino: null }] });

/** What a row must depend on: the filter's own words, or a mark that was left when something was followed. */
const FOLLOWS =
  /@(?:hot|hot_numbers|followed|knows|truncating|punching|waiting|break_state|break_opening|break_dev|lease_owner|pipe_pages|pin_first|dio_bio|dio_held|pin_pages|in_flight)\[|\bpid == 41|== 12\b|\(0\)/;

describe('a filter', () => {
  it('leaves the program as it is where nothing is asked for', () => {
    assert.equal(
      composeProgram(richKernel(), new Set(), NO_FILTER).program,
      composeProgram(richKernel()).program,
    );
    assert.equal(kindsOf(NO_FILTER).size, 0);
  });

  for (const [name, filter] of Object.entries({ file: FILE, task: TASK, both: BOTH })) {
    it(`by ${name} guards each block that fires rows, on a rich kernel and on a poor one`, () => {
      for (const offers of [richKernel(), POOR_KERNEL]) {
        const { program } = composeProgram(offers, new Set(), filter);
        const firing = readBlocks(program).filter(({ body, hooks }) => {
          const isSession = hooks.some((hook) => /^(?:BEGIN|END|interval)/.test(hook));
          return body.includes('@fired[') && !isSession;
        });
        assert.ok(firing.length > 3);
        for (const { hooks, predicate, body } of firing)
          assert.match(predicate + body, FOLLOWS, hooks.join(', '));
      }
    });
  }

  it('compares the numbers of files, and all of them where a device is meant', () => {
    const { program } = composeProgram(richKernel(), new Set(), FILE);
    assert.match(program, /s_dev == 8 && \(*\(struct inode \*\)\$inode\)->i_ino == 12/);
    const device = composeProgram(richKernel(), new Set(), filterOf({ files: [{ dev: 8, ino: null }] }));
    assert.match(device.program, /s_dev == 8\)/);
  });

  it('takes any process of a list, and one that is in all lists', () => {
    const { program } = composeProgram(richKernel(), new Set(), TASK);
    assert.ok(program.includes('((pid == 41) || (pid == 43)) && ((comm == "a holder")) && ((cgroup == 77))'));
  });

  it('keeps forks, execs and exits to those who know something that is followed', () => {
    const fork = (filter: Filter) =>
      readBlocks(composeProgram(richKernel(), new Set(), filter).program).find(({ hooks }) =>
        hooks.includes('tracepoint:task:task_newtask'),
      )?.body ?? '';
    assert.match(fork(TASK), /pid == 41.*\|\| @knows\[pid\] != 0/);
    // A file is chosen: who never touched it is nobody’s business, whatever its name.
    assert.ok(!fork(BOTH).includes('pid == 41'));
  });

  it('is said in every answer, and so is that there was no walk', () => {
    const gaps = (filter: Filter) => composeProgram(POOR_KERNEL, new Set(), filter).leftOut[0]?.reason ?? '';
    assert.match(gaps(FILE), /^only what matches that was followed/);
    assert.ok(!gaps(FILE).includes('not looked at'));
    assert.match(gaps(TASK), /what was there before was not looked at/);
  });

  it('lets a walk look for one file, and for all where there is no filter', () => {
    assert.deepEqual(targetOf(FILE), { dev: 8, ino: 12 });
    assert.equal(targetOf(NO_FILTER), undefined);
    assert.equal(targetOf(BOTH), null);
    assert.equal(targetOf(filterOf({ files: [...FILE.files, ...FILE.files] })), null);
  });
});
