/** `record --until RULE`: what is recorded is judged while it is written, and recording ends when a rule is broken. */
import { err, ok, type Result } from '../base/result.ts';
import { parseRule, type Rule } from '../check/rule.ts';
import { judgeRules } from '../check/verdict.ts';
import type { Model } from '../model/model.ts';

/** Judging takes milliseconds; rows come by thousands. */
const LOOK_MS = 500;

export interface StopRules {
  /** The rule that is broken, and by what; null while all are kept, or where it is not yet time to look again. */
  readonly look: (model: Model) => string | null;
}

/** Reads the rules. The error is one line. */
export function readStopRules(texts: readonly string[]): Result<StopRules> {
  const rules: Rule[] = [];
  for (const text of texts) {
    const rule = parseRule(text);
    if (!rule.ok) return rule;
    if (rule.value.kind === 'none-left')
      return err(`'${rule.value.text}' is about the end of a trace: it cannot tell when to stop`);
    rules.push(rule.value);
  }
  let lookedAt = 0;

  function look(model: Model): string | null {
    const now = performance.now();
    if (rules.length === 0 || now - lookedAt < LOOK_MS) return null;
    const broken = judgeRules(model, rules).find(({ outcome }) => outcome === 'broken');
    lookedAt = performance.now();
    return broken === undefined ? null : `${broken.rule}: ${broken.reasons[0] ?? 'broken'}`;
  }

  return ok({ look });
}
