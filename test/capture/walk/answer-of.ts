/** From a walk's rows to what `who` answers, by the way of all rows: written as lines, decoded, applied to a model. */
import assert from 'node:assert/strict';
import { rowToSource } from '../../../src/capture/walk-rows.ts';
import { createDecoder } from '../../../src/event/decode.ts';
import type { RawRow } from '../../../src/event/encode.ts';
import type { InodeKey } from '../../../src/event/event.ts';
import type { RowKind } from '../../../src/event/schema.ts';
import type { PinHolder, WhoAnswer } from '../../../src/model/answer.ts';
import { applyEvent, createModel, whoAnswer } from '../../../src/model/model.ts';
import { header } from '../../model/rows.ts';

/** The answer about a file, `259:0:131` by default. Fails on a row that the decoder does not take. */
export function answerOf(rows: readonly RawRow[], key = '259:0:131'): WhoAnswer {
  const model = createModel({ ...header, pointers: 'raw' });
  const { decode } = createDecoder();
  for (const row of rows) {
    const { parsed } = rowToSource(row);
    const event = parsed.ok ? decode(parsed.value) : null;
    assert.ok(event !== null && !event.kind.startsWith('stream.'), JSON.stringify([row, event]));
    applyEvent(model, event);
  }
  return whoAnswer(model, key as InodeKey);
}

/** Who holds, by which descriptors, through what: "256 4 socket-queue". */
export function handsIn({ holders }: WhoAnswer): readonly string[] {
  return holders.flatMap(({ held_by }) => held_by.map(({ pid, fds, through }) => `${pid} ${fds} ${through}`));
}

export function pinsIn({ holders }: WhoAnswer): readonly PinHolder[] {
  return holders.flatMap((holder) => (holder.kind === 'pin' ? [holder] : []));
}

export function ofKind<K extends RowKind>(rows: readonly RawRow[], kind: K): readonly RawRow<K>[] {
  return rows.filter((row): row is RawRow<K> => row.kind === kind);
}
