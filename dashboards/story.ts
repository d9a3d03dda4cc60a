/** The model as the dashboard reads it: the one place that knows the model's functions. */
import type { InodeKey } from '../src/event/event.ts';
import type { Header } from '../src/event/header.ts';
import type { FileSummary, Finding } from '../src/model/answer.ts';
import {
  applyEvent,
  coverage,
  createModel,
  fileSummaries,
  findings,
  type Model,
  timeline,
  whoAnswer,
} from '../src/model/model.ts';
import type { Story } from './feed.ts';
import type { Reading } from './scene.ts';

/** An empty story of what a trace with this header will tell. */
export function createStory(header: Header): Story {
  const model = createModel(header);
  return {
    apply: (event) => applyEvent(model, event),
    read: (nowNs) => readModel(model, nowNs),
  };
}

/** The model's answers; each file is asked for once, however many views show it. */
function readModel(model: Model, nowNs: number): Reading {
  return {
    nowNs,
    coverage: coverage(model),
    files: [...fileSummaries(model)].sort(byTrouble),
    findings: [...findings(model)].sort(byWeight),
    who: remember((key) => whoAnswer(model, key)),
    timeline: remember((key) => timeline(model, key)),
  };
}

function remember<Answer>(ask: (key: InodeKey) => Answer): (key: InodeKey) => Answer {
  const known = new Map<InodeKey, Answer>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const answer = ask(key);
    known.set(key, answer);
    return answer;
  };
}

const WEIGHT: Readonly<Record<Finding['severity'], number>> = { critical: 3, warning: 2, note: 1 };

function weigh(severity: Finding['severity'] | null): number {
  return severity === null ? 0 : WEIGHT[severity];
}

/** Who waits comes first, the longest wait before the others; then by findings, breaking leases, pinned bytes. */
export function byTrouble(one: FileSummary, other: FileSummary): number {
  return (
    waitStart(one) - waitStart(other) ||
    weigh(other.worst) - weigh(one.worst) ||
    other.breaking - one.breaking ||
    other.pinnedBytes - one.pinnedBytes ||
    other.leases - one.leases ||
    other.changed_ns - one.changed_ns ||
    (one.key < other.key ? -1 : 1)
  );
}

/** When the longest wait began; later than anything where nobody waits. */
function waitStart(file: FileSummary): number {
  return Math.min(Number.MAX_VALUE, ...file.waiting.map((wait) => wait.since_ns));
}

/** Worst first, what still holds before what is over, latest first. */
export function byWeight(one: Finding, other: Finding): number {
  return (
    weigh(other.severity) - weigh(one.severity) ||
    Number(one.end_ns !== null) - Number(other.end_ns !== null) ||
    other.start_ns - one.start_ns
  );
}
