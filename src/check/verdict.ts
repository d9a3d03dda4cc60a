/**
 * Judges rules by a model. Each rule is kept, broken, or not known: where rows are missing or nobody listened, silence
 * is no proof. Pure: the same model and rules give the same verdicts.
 */
import { unreachable } from '../base/brand.ts';
import { cleanName, formatCount, joinWords } from '../base/text.ts';
import { formatDuration } from '../base/time.ts';
import type { Certainty, Finding, ReportAnswer } from '../model/answer.ts';
import { combine, type Judgement, likely } from '../model/judgement.ts';
import { coverage, findings, type Model } from '../model/model.ts';
import { cutReasons, judgeTrace } from '../model/select/who.ts';
import { offset } from '../model/wording.ts';
import { breakLengths, forgottenReasons, heldNow, holdLengths, type Length, waitLengths } from './lengths.ts';
import type { Rule } from './rule.ts';
import { halfSeenPaths, unseenPaths } from './sight.ts';

export interface Verdict {
  /** The rule as it was written. */
  readonly rule: string;
  readonly outcome: 'kept' | 'broken' | 'unknown';
  /** How sure the outcome is; of a broken rule, the surest of what breaks it. */
  readonly certainty: Certainty;
  /** One line each: what breaks it, worst first; what was seen instead; why it is not certain. */
  readonly reasons: readonly string[];
  /** What breaks a `no` rule. */
  readonly findings: readonly Finding[];
}

export type Outcome = Verdict['outcome'];

/** What `check --json` prints: the verdicts, and how completely the trace saw what they rest on. */
export interface CheckAnswer
  extends Pick<
    ReportAnswer,
    'rows' | 'complete' | 'not_covered' | 'kernel' | 'bpftrace' | 'at_ns' | 'from_ns'
  > {
  /** The worst of all rules: one that is broken, then one that is not known. */
  readonly outcome: Outcome;
  readonly rules: readonly Verdict[];
}

/** So many breaches are told; the rest is counted. */
const MOST_BREACHES = 20;

/** One verdict for each rule, in their order. */
export function judgeRules(model: Model, rules: readonly Rule[]): readonly Verdict[] {
  return rules.map((rule) => judgeRule(model, rule));
}

/** The verdicts, with what they rest on. */
export function checkAnswer(model: Model, rules: readonly Rule[]): CheckAnswer {
  const verdicts = judgeRules(model, rules);
  const { rows, ended, cut, not_covered, from_ns, now_ns } = coverage(model);
  return {
    outcome: worstOf(verdicts.map(({ outcome }) => outcome)),
    rules: verdicts,
    rows,
    complete: ended && cut === null,
    not_covered,
    kernel: model.header.kernel,
    bpftrace: model.header.bpftrace,
    at_ns: now_ns,
    from_ns: from_ns ?? now_ns,
  };
}

function worstOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('broken')) return 'broken';
  return outcomes.includes('unknown') ? 'unknown' : 'kept';
}

/** The verdicts of the rules that are broken. */
export function brokenRules(model: Model, rules: readonly Rule[]): readonly Verdict[] {
  return judgeRules(model, rules).filter(({ outcome }) => outcome === 'broken');
}

function judgeRule(model: Model, rule: Rule): Verdict {
  switch (rule.kind) {
    case 'no-finding':
      return judgeFindings(model, rule);
    case 'none-left':
      return judgeLengths(model, rule, heldNow(model, rule.what), -1);
    case 'max-break':
      return judgeLengths(model, rule, breakLengths(model), rule.ns);
    case 'max-wait':
      return judgeLengths(model, rule, waitLengths(model, rule.op), rule.ns);
    case 'max-hold':
      return judgeLengths(model, rule, holdLengths(model, rule.what), rule.ns);
    default:
      return unreachable(rule);
  }
}

/** Something that may break a rule. */
interface Breach {
  readonly text: string;
  readonly path: string | null;
  readonly judgement: Judgement;
  readonly finding: Finding | null;
}

function judgeFindings(model: Model, rule: Extract<Rule, { kind: 'no-finding' }>): Verdict {
  const isForbidden = ({ id, severity }: Finding) =>
    rule.what === 'finding' || rule.what === id || rule.what === severity;
  const breaches = findings(model)
    .filter(isForbidden)
    .map((finding) => ({
      text: `${finding.id}: ${nameOf(finding.file)}: ${finding.text}`,
      path: finding.file.path,
      judgement: { certainty: finding.certainty, reasons: [] },
      finding,
    }));
  return verdictOf(model, rule, breaches, 'nothing of the kind was found');
}

function judgeLengths(model: Model, rule: Rule, lengths: readonly Length[], limitNs: number): Verdict {
  const about = lengths.filter(({ target }) => isThere(rule, target.path) !== false);
  const breaches = about
    .filter(({ ns }) => ns > limitNs)
    .sort((one, other) => other.ns - one.ns)
    .map((length) => ({
      text: lengthText(model, length),
      path: length.target.path,
      judgement: length.judgement,
      finding: null,
    }));
  return verdictOf(model, rule, breaches, keptText(rule, about));
}

function keptText(rule: Rule, lengths: readonly Length[]): string {
  if (rule.kind === 'none-left') return 'nothing is held any more';
  const longest = lengths.reduce((most, { ns }) => Math.max(most, ns), 0);
  if (lengths.length === 0) return 'nothing of the kind happened';
  if (lengths.length === 1) return `the only one took ${formatDuration(longest)}`;
  return `the longest of ${formatCount(lengths.length)} took ${formatDuration(longest)}`;
}

function lengthText(model: Model, { ns, goesOn, text, target, since }: Length): string {
  const time = goesOn ? `${formatDuration(ns)} so far` : formatDuration(ns);
  return `${text}: ${time}, from ${offset(model, since)} (${nameOf(target)})`;
}

function nameOf({ path, dev, ino }: Finding['file']): string {
  return path === null ? `${dev} inode ${ino}` : cleanName(path);
}

/** Breaches that are no more than possible leave the rule unknown; so does silence where nobody listened. */
function verdictOf(model: Model, rule: Rule, breaches: readonly Breach[], kept: string): Verdict {
  const sure = breaches.filter(
    ({ path, judgement }) => isThere(rule, path) === true && judgement.certainty !== 'unknown',
  );
  const possible = breaches.filter((each) => !sure.includes(each) && isThere(rule, each.path) !== false);
  const shown = sure.length > 0 ? sure : possible;
  const common = {
    rule: rule.text,
    findings: shown.flatMap(({ finding }) => (finding === null ? [] : [finding])),
  };
  if (sure.length > 0) {
    const isSure = sure.some(({ judgement }) => judgement.certainty === 'definite');
    return {
      ...common,
      outcome: 'broken',
      certainty: isSure ? 'definite' : 'likely',
      reasons: breachTexts(sure),
    };
  }
  if (possible.length > 0) {
    const reasons = breachTexts(possible).map((text) => `perhaps broken: ${text}`);
    return { ...common, outcome: 'unknown', certainty: 'unknown', reasons };
  }
  const unseen = unseenPaths(model.header, rule);
  if (unseen.length > 0) {
    const reasons = [`not traced here: ${joinWords(unseen)}`];
    return { ...common, outcome: 'unknown', certainty: 'unknown', reasons };
  }
  const { certainty, reasons } = judgeSilence(model, rule);
  const isKnown = certainty !== 'unknown';
  return { ...common, outcome: isKnown ? 'kept' : 'unknown', certainty, reasons: [kept, ...reasons] };
}

function breachTexts(breaches: readonly Breach[]): string[] {
  const hidden = breaches.length - MOST_BREACHES;
  const texts = breaches.slice(0, MOST_BREACHES).map(({ text, judgement }) => {
    const { certainty, reasons } = judgement;
    const why = reasons.length === 0 ? '' : `: ${reasons[0]}`;
    return certainty === 'definite' ? text : `${text} (${certainty}${why})`;
  });
  return hidden > 0 ? [...texts, `and ${formatCount(hidden)} more`] : texts;
}

/** How far it can be trusted that nothing was seen. */
function judgeSilence(model: Model, rule: Rule): Judgement {
  const half = halfSeenPaths(model.header, rule);
  const doubts = [...forgottenReasons(model), ...half.map((path) => `${path} is traced only in part here`)];
  return combine(judgeTrace(model), ...[...doubts, ...cutReasons(model)].map(likely));
}

/** Whether a file is one that the rule is about; null where its name is not known. */
function isThere({ where }: Rule, path: string | null): boolean | null {
  if (where === null) return true;
  if (path === null) return null;
  return path === where || path.startsWith(where.endsWith('/') ? where : `${where}/`);
}
