/** Why hooks of a path are not used here: the running kernel does not offer them, or refused them. */
import { parametersOf } from '../btf.ts';
import { readProbe } from '../dialect.ts';
import type { KernelOffers } from '../kernel.ts';

/** What a kernel without ftrace says to all of them. */
export const NO_FUNCTIONS = 'this kernel lets no function be hooked';

export interface RefusedHook {
  readonly hook: string;
  readonly why: string;
}

/** All hooks that a path's script names, whichever rung of a ladder they are on. */
export function hooksOfScript(path: string): readonly string[] {
  const text = readProbe(`${path}.bt`).replace(/^\/\/.*$/gm, '');
  const named = text.match(/\b(?:fentry|fexit|kprobe|kretprobe|tracepoint):[a-z_]\w*(?::\w+)?/g) ?? [];
  return [...new Set(named)];
}

/** What this path may be for, by the first line of its script. */
export function purposeOf(path: string): string {
  return /^\/\/ [\w-]+: (.*)$/m.exec(readProbe(`${path}.bt`))?.[1] ?? '';
}

/**
 * The hooks of a path that are refused here. What is offered but not used is not among them: a better rung is attached.
 * @param said what bpftrace said of hooks that failed to attach.
 */
export function refusedHooks(
  path: string,
  offers: KernelOffers,
  said: ReadonlyMap<string, string>,
): readonly RefusedHook[] {
  return hooksOfScript(path).flatMap((hook) => {
    const why = said.get(hook) ?? whyNotOffered(hook, offers);
    return why === null ? [] : [{ hook, why }];
  });
}

/** Why this kernel does not offer a hook; null where it does. */
export function whyNotOffered(hook: string, offers: KernelOffers): string | null {
  const [kind = '', ...rest] = hook.split(':');
  const name = rest.join(':');
  if (kind === 'tracepoint')
    return offers.tracepointFields(name) === null ? 'this kernel has no such tracepoint' : null;
  const [fn = '', module] = rest.toReversed();
  const types = module === undefined ? offers.btf : offers.moduleBtf(module);
  if (offers.functions.size === 0) return NO_FUNCTIONS;
  if (module !== undefined && types === null) return `module ${module} is not loaded`;
  const isKnown = types !== null && parametersOf(types, fn) !== null;
  if (!offers.functions.has(name)) {
    return isKnown
      ? 'this kernel does not let it be hooked (inlined, or notrace)'
      : 'this kernel has no such function';
  }
  const needsTypes = kind === 'fentry' || kind === 'fexit';
  return needsTypes && !isKnown ? 'this kernel has no type information for it' : null;
}
