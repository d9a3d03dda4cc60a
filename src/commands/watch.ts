/** `who --watch`: looks again and again until nothing waits any more, and tells what changed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bootToWall } from '../base/time.ts';
import type { Holder, Operation, WhoAnswer } from '../model/answer.ts';
import type { Model } from '../model/model.ts';
import { print, say } from './output.ts';
import { type Answer, isWaitedFor, type Question } from './question.ts';

export interface WatchOptions {
  /** `isFirst`: somebody waits for it. */
  readonly look: (isFirst: boolean) => Promise<Model>;
  readonly question: Question;
  /** Between the end of one look and the next. */
  readonly everyMs: number;
  readonly json: boolean;
  readonly stop: AbortSignal;
}

/** Prints each answer that differs from the one before it. Ends when nothing waits, or when it is stopped. */
export async function watch({ look, question, everyMs, json, stop }: WatchOptions): Promise<void> {
  let last: string | null = null;
  for (;;) {
    const model = await look(last === null);
    if (stop.aborted) return;
    const answer = question(model);
    const shape = JSON.stringify(answer.files.map(shapeOf));
    if (shape !== last) await print(json ? `${JSON.stringify(answer.json)}\n` : dated(answer, model));
    if (!answer.files.some(isWaitedFor)) {
      say(last === null ? 'nothing is seen to wait' : 'nothing is seen to wait any more');
      return;
    }
    last = shape;
    await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) return;
  }
}

function dated({ text }: Answer, { header, coverage }: Model): string {
  return `at ${bootToWall(coverage.now, header.clock) ?? 'an unknown time'}\n${text}\n`;
}

/** What makes an answer another one: everything but the passing of time. */
function shapeOf({ target, holders, operations, users, certainty, to_free }: WhoAnswer): unknown {
  return {
    target,
    holders: holders.map(shapeOfHolder),
    operations: operations.map(shapeOfOperation),
    users,
    certainty,
    freed: to_free.length,
  };
}

function shapeOfHolder(holder: Holder): unknown {
  const { kind, taken_by, held_by, in_flight, certainty } = holder;
  const hands = held_by.map(({ pid, fds, through }) => [pid, fds, through]);
  const held = holder.kind === 'pin' ? [holder.pages, holder.object, holder.orphan] : holder.lease.state;
  return [kind, taken_by?.pid, hands, in_flight, certainty, held, holder.ended_ns !== undefined];
}

function shapeOfOperation({ op, pid, state, waits }: Operation): unknown {
  return [op, pid, state, waits.map(({ on, blockers, idle }) => [on, blockers, idle])];
}
