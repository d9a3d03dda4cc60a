/**
 * Whether a trace could have seen that a rule is broken. Silence is no proof where nobody listened: a kernel without
 * kprobes tells of no pins, so `no freed-under-pin` is not kept there, it is not known.
 */
import type { Header } from '../event/header.ts';
import type { Rule } from './rule.ts';

/** The paths (probes/*.bt) that tell of what a rule is about. */
function pathsFor(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case 'max-break':
      return ['lease', 'lease-break'];
    case 'max-wait':
      return waitPaths(rule.op);
    case 'max-hold':
    case 'none-left':
      return rule.what === 'pin' ? ['pin'] : ['lease'];
    case 'no-finding':
      return findingPaths(rule.what);
  }
}

function waitPaths(op: Extract<Rule, { kind: 'max-wait' }>['op']): readonly string[] {
  if (op === 'open') return ['lease-break'];
  return op === 'hole-punch' ? ['hole-punch'] : ['lease-break', 'truncate'];
}

function findingPaths(what: Extract<Rule, { kind: 'no-finding' }>['what']): readonly string[] {
  switch (what) {
    case 'zombie-lease':
    case 'sigio-stray':
      return ['lease', 'fd-passing'];
    case 'lease-break-timeout':
      return ['lease'];
    case 'refused-pin':
    case 'pin-leak':
      return ['pin'];
    case 'pin-without-lease':
    case 'pin-outlives-lease':
      return ['lease', 'pin'];
    case 'freed-under-pin':
    case 'wait-without-holder':
      return ['pin', 'truncate'];
    case 'handed-over-without-lease':
    case 'holder-gone':
      return ['pin', 'fd-passing'];
    case 'late-final-close':
      return ['fd-passing', 'final-close'];
    case 'blocked-operation':
    case 'refused-operation':
      return ['lease-break', 'truncate'];
    case 'trace-contradiction':
      return [];
    case 'wait-cycle':
    case 'critical':
    case 'warning':
    case 'note':
    case 'finding':
      return ['lease', 'lease-break', 'pin', 'fd-passing', 'truncate'];
  }
}

/** The paths that the rule needs and that no hook of this trace watches. */
export function unseenPaths(header: Header, rule: Rule): readonly string[] {
  if (header.probes.length === 0) return [];
  const isWatched = (path: string) =>
    header.probes.some((probe) => probe.path === path && probe.hooks.length > 0);
  return pathsFor(rule).filter((path) => !isWatched(path));
}

/** Those that are watched, but not whole: some hook of theirs was left out. */
export function halfSeenPaths({ left_out }: Header, rule: Rule): readonly string[] {
  return pathsFor(rule).filter((path) => left_out.some((gap) => gap.path === path));
}
