/**
 * How far an answer can be trusted, and why no further.
 *
 * `definite`: every row that bears on it was seen. `likely`: it follows from rows, but some may be missing, or it
 * rests on what was there before tracing began. `unknown`: the rows do not say. Each step down carries its reason.
 */
import type { Certainty } from './answer.ts';

export interface Judgement {
  readonly certainty: Certainty;
  readonly reasons: readonly string[];
}

export const DEFINITE: Judgement = { certainty: 'definite', reasons: [] };

export function likely(reason: string): Judgement {
  return { certainty: 'likely', reasons: [reason] };
}

export function unknown(reason: string): Judgement {
  return { certainty: 'unknown', reasons: [reason] };
}

const ORDER: readonly Certainty[] = ['definite', 'likely', 'unknown'];

/** The least certain of them, with all their reasons. */
export function combine(...judgements: readonly Judgement[]): Judgement {
  let worst = 0;
  const reasons = new Set<string>();
  for (const judgement of judgements) {
    worst = Math.max(worst, ORDER.indexOf(judgement.certainty));
    for (const reason of judgement.reasons) reasons.add(reason);
  }
  return { certainty: ORDER[worst] ?? 'unknown', reasons: [...reasons] };
}
