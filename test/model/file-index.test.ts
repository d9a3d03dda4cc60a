/** The index of files must end with what a fresh look at all of them would tell, however it came there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fileFilter } from '../../dashboards/file-filter.ts';
import { FILE_ORDERS } from '../../dashboards/file-orders.ts';
import { SORTS } from '../../dashboards/scene.ts';
import { byTrouble, byWeight } from '../../dashboards/trouble.ts';
import { applyEvent, createModel, fileSummaries, findings, type Model } from '../../src/model/model.ts';
import { createFileIndex, type FileIndex } from '../../src/model/select/file-index.ts';
import type { FileFilter } from '../../src/model/select/listing.ts';
import { taskOf } from '../../src/model/select/process.ts';
import { sharesOf } from '../../src/model/select/process-shares.ts';
import { HANDED_OVER, HEADER, LEASE_BREAK } from '../dashboards/made-up-trace.ts';
import { filesIn, sortFiles } from '../dashboards/scenes.ts';
import { assertProperty } from '../property.ts';
import { eventsArbitrary } from './arbitrary.ts';
import { a, b, begin } from './cast.ts';
import { at, row, SHM } from './rows.ts';
import { LEASE } from './stories.ts';

/** In every order, those asked for all along and those asked for now; by trouble also as all of the trouble tells. */
function assertOrders(index: FileIndex, model: Model): void {
  const all = fileSummaries(model);
  for (const sort of SORTS) {
    const order = FILE_ORDERS[sort];
    assert.deepEqual(filesIn(index.files(order)), sortFiles(all, order), sort);
  }
  assert.deepEqual(filesIn(index.files(FILE_ORDERS.trouble)), all.toSorted(byTrouble));
  for (const [at, { key }] of all.toSorted(byTrouble).entries())
    assert.equal(index.files(FILE_ORDERS.trouble).indexOf(key), at);
  assert.equal(index.held(), all.filter(({ leases, pins }) => leases + pins > 0).length);
  assert.deepEqual(index.processes(), sharesOf(all));
}

const FILTERS = ['', '1', '1:', 'truncate', '[2]', 'nowhere'];

function filterOf(model: Model, text: string): FileFilter {
  return fileFilter(text, (pid) => taskOf(model, pid));
}

/** What each filter lets through, whatever was filtered by before. */
function assertFiltered(index: FileIndex, model: Model): void {
  for (const sort of SORTS) {
    for (const text of FILTERS) {
      const filter = filterOf(model, text);
      const expected = sortFiles(fileSummaries(model).filter(filter.has), FILE_ORDERS[sort]);
      assert.deepEqual(filesIn(index.filtered(FILE_ORDERS[sort], filter).files), expected, `${sort} ${text}`);
    }
  }
}

test('after each event, a look at everything gives the same files in the same order', () => {
  const model = createModel(HEADER);
  const index = createFileIndex(model, byWeight);
  for (const event of [...HANDED_OVER, ...LEASE_BREAK]) {
    applyEvent(model, event);
    index.refresh(100);
    index.refresh(100);
    assertOrders(index, model);
    assert.deepEqual(index.findings(), [...findings(model)].sort(byWeight));
  }
});

test('after each event, a filter lets through what it would let through of everything', () => {
  for (const text of ['405]', '406]', 'truncate', 'open', 'LEASED', 'nowhere']) {
    const model = createModel(HEADER);
    const index = createFileIndex(model, byWeight);
    for (const event of [...HANDED_OVER, ...LEASE_BREAK]) {
      applyEvent(model, event);
      index.refresh(100);
      const filter = filterOf(model, text);
      const expected = sortFiles(fileSummaries(model).filter(filter.has), FILE_ORDERS.trouble);
      const { files, isWhole } = index.filtered(FILE_ORDERS.trouble, filter);
      assert.deepEqual(filesIn(files), expected, text);
      assert.ok(isWhole);
    }
  }
});

test('where a new inode takes over the number of one that is held, its holder stays listed', () => {
  const model = createModel(HEADER);
  const index = createFileIndex(model, byWeight);
  const file = { ...at(SHM), file: 900, owner: 900, flags: LEASE, type: 1, fd: 9 };
  const events = [
    ...begin,
    row(1, a, 'lease.added', file),
    row(2, a, 'inode.evicted', { ...at(SHM), inode: 1 }),
    row(3, b, 'lease.refused', { ...file, error: -11 }),
  ];
  for (const event of events) {
    applyEvent(model, event);
    index.refresh(1);
  }
  index.refresh(1);
  assert.deepEqual([...index.processes().keys()], [a.pid]);
  assertOrders(index, model);
});

test('looked at a file or two at a time it ends with the same, whatever happened', () => {
  assertProperty(
    fc.property(
      eventsArbitrary(),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(...SORTS),
      (events, limit, asked) => {
        const model = createModel(HEADER);
        const index = createFileIndex(model, byWeight);
        for (const event of events) {
          applyEvent(model, event);
          index.refresh(limit);
          index.files(FILE_ORDERS[asked]);
        }
        const inodes = [...model.inodes.keys()];
        for (let looks = 0; looks < 2 * inodes.length + 4; looks += 1) index.refresh(limit);
        assertOrders(index, model);
        assertFiltered(index, model);
      },
    ),
    200,
  );
});

test('tended between pictures it ends with the same, orders that nobody asked for yet included', () => {
  assertProperty(
    fc.property(eventsArbitrary(), fc.integer({ min: 1, max: 3 }), (events, limit) => {
      const model = createModel(HEADER);
      const index = createFileIndex(model, byWeight);
      for (const [turn, event] of events.entries()) {
        applyEvent(model, event);
        index.tend(limit, FILE_ORDERS[SORTS[turn % SORTS.length] ?? 'trouble']);
        if (turn % 16 === 0) index.refresh(0);
      }
      const inodes = [...model.inodes.keys()];
      for (let looks = 0; looks < 2 * inodes.length + 4; looks += 1) index.tend(limit, FILE_ORDERS.path);
      assertOrders(index, model);
    }),
    200,
  );
});

test('a filter that is asked for all along lets through what a fresh look would, while files change', () => {
  assertProperty(
    fc.property(
      eventsArbitrary(),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.constantFrom(...FILTERS), { minLength: 1, maxLength: 4 }),
      (events, limit, texts) => {
        const model = createModel(HEADER);
        const index = createFileIndex(model, byWeight);
        const textAt = (turn: number): string => texts[Math.floor(turn / 8) % texts.length] ?? '';
        for (const [turn, event] of events.entries()) {
          applyEvent(model, event);
          index.refresh(limit);
          index.filtered(FILE_ORDERS.trouble, filterOf(model, textAt(turn)));
        }
        const filter = filterOf(model, textAt(events.length - 1));
        for (let looks = 0; looks < 2 * model.inodes.size + 4; looks += 1) {
          index.refresh(limit);
          index.filtered(FILE_ORDERS.trouble, filter);
        }
        const expected = sortFiles(fileSummaries(model).filter(filter.has), FILE_ORDERS.trouble);
        assert.deepEqual(filesIn(index.filtered(FILE_ORDERS.trouble, filter).files), expected);
      },
    ),
    200,
  );
});
