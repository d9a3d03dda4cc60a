/** Files stay in order however many of them move, come and go at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Dev, type InodeKey, inodeKey } from '../../src/event/event.ts';
import type { FileSummary } from '../../src/model/answer.ts';
import { createRanking, type FileOrder } from '../../src/model/select/ranking.ts';
import { filesIn, RDMA_SUMMARY } from '../dashboards/scenes.ts';
import { assertProperty } from '../property.ts';

const ORDER: FileOrder = {
  rank: ({ pins }) => pins,
  compareTies: (one, other) => one.leases - other.leases || Number(one.target.ino) - Number(other.target.ino),
};

const byBoth = (one: FileSummary, other: FileSummary): number =>
  one.pins - other.pins || ORDER.compareTies(one, other);

/** Many pieces of the list. */
const MANY = 2500;
const keyOf = (ino: number): InodeKey => inodeKey('259:0' as Dev, ino);

function summary(ino: number, pins: number, leases: number): FileSummary {
  return { ...RDMA_SUMMARY, key: keyOf(ino), target: { ...RDMA_SUMMARY.target, ino }, pins, leases };
}

test('whatever moves, comes or goes between two looks, the list is the one that sorting gives', () => {
  const change = fc.tuple(
    fc.nat(MANY - 1),
    fc.option(fc.tuple(fc.nat(5), fc.nat(3)), { nil: null, freq: 4 }),
  );
  assertProperty(
    fc.property(
      fc.array(fc.array(change, { maxLength: 12 }), { maxLength: 6 }),
      fc.nat(MANY),
      (looks, first) => {
        const ranking = createRanking(ORDER);
        const expected = new Map<number, FileSummary>();
        function put(ino: number, file: FileSummary): void {
          ranking.put(file);
          expected.set(ino, file);
        }
        for (let ino = 0; ino < first; ino += 1) put(ino, summary(ino, (ino * 7) % 5, ino % 3));
        for (const changes of looks) {
          for (const [ino, now] of changes) {
            if (now !== null) put(ino, summary(ino, ...now));
            else if (expected.delete(ino)) ranking.drop(keyOf(ino));
          }
          assert.deepEqual(filesIn(ranking.files()), [...expected.values()].sort(byBoth));
        }
      },
    ),
    60,
  );
});
