/**
 * What bpftrace's exit and its words on standard error mean, in all supported versions: they are the only way to learn
 * which probe a kernel refuses. Texts as 0.17 to 0.27 and libbpf write them.
 */

export type ExitReason =
  | 'not-installed'
  | 'not-root'
  /** The kernel does not let anyone load BPF programs: no BPF, or lockdown. */
  | 'refused'
  | 'attach-failed'
  | 'verifier'
  /** It was asked to stop, and did. */
  | 'stopped'
  | 'killed'
  | 'crashed';

export interface ExitFacts {
  /** The error code where it could not be started at all. */
  readonly code: string | undefined;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: readonly string[];
  readonly isStopping: boolean;
}

/** The first pattern that matches decides. */
const WORDS: readonly (readonly [RegExp, ExitReason])[] = [
  [/supports running as the root user|must be run as root/i, 'not-root'],
  [
    /program is too large|verifier|back-edge|unbounded|load(?:ing)? (?:BPF )?program|R\d+ (?:invalid|!read_ok)/i,
    'verifier',
  ],
  [/attach|not found|resolve|not traceable|no such probe|not available for your kernel/i, 'attach-failed'],
  [/Operation not permitted|lockdown|creat(?:e|ing) map|Function not implemented/i, 'refused'],
];

/** Tells how bpftrace ended. */
export function classifyExit({ code, exitCode, signal, stderr, isStopping }: ExitFacts): ExitReason {
  if (code === 'ENOENT' || code === 'EACCES') return 'not-installed';
  if (isStopping && (exitCode === 0 || signal === 'SIGINT')) return 'stopped';
  if (signal !== null) return 'killed';
  const text = stderr.filter((line) => !isNoise(line)).join('\n');
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'crashed';
}

/**
 * The hooks that bpftrace's errors are about: named whole, named by the function alone, or the ones at the place in
 * the program that an error points to (`stdin:12:3-9: ERROR: …`).
 */
export function blamedHooks(
  stderr: readonly string[],
  program: string,
  hooks: readonly string[],
): readonly string[] {
  const errors = stderr.filter(
    (line) => /error|fail|not found|could not|unable/i.test(line) && !isNoise(line),
  );
  const text = errors.join('\n');
  const named = hooks.filter((hook) => mentions(text, hook));
  if (named.length > 0) return named;
  const placed = errors.flatMap((line) => hooksAt(program, Number(/^stdin:(\d+):/.exec(line)?.[1]), hooks));
  if (placed.length > 0) return placed;
  return hooks.filter((hook) => mentionsWord(text, hook.split(':').at(-1) ?? hook));
}

/** Hooks that bpftrace ran on without: one of several of a probe (0.17: "could not attach probe X, skipping."). */
export function skippedHooks(stderr: readonly string[], hooks: readonly string[]): readonly string[] {
  const text = stderr.filter((line) => /skipping/i.test(line)).join('\n');
  return hooks.filter((hook) => mentions(text, hook));
}

/** The first error that says something. */
export function firstError(stderr: readonly string[]): string {
  const telling = stderr.filter((line) => !isNoise(line));
  return (telling.find((line) => /error/i.test(line)) ?? telling.at(-1) ?? 'it said nothing').trim();
}

/** Words of the C library and of the kernel's verifier that are a reason by themselves. */
const REASONS =
  /No such file|Invalid argument|not permitted|Permission denied|No such process|not traceable|not available|No BTF|invalid .*access/i;

/** Why something was refused: the first error, with the line that tells the reason where that is another one. */
export function reasonOf(stderr: readonly string[]): string | null {
  const telling = stderr.filter((line) => !isNoise(line)).map(withoutPlace);
  const error = telling.find((line) => /^error|: error/i.test(line)) ?? null;
  if (error === null) return null;
  const words = error.replace(/^ERROR: /, '');
  const reason = telling.find((line) => REASONS.test(line) && !/WARNING/.test(line));
  return REASONS.test(error) || reason === undefined ? words : `${words} (${reason})`;
}

/** Without `stdin:1:40-55: `, where it stands in a program that nobody sees. */
function withoutPlace(line: string): string {
  return line.trim().replace(/^stdin:[\d:-]+ /, '');
}

/** The last words that say something, or null. */
export function lastWords(stderr: readonly string[]): string | null {
  return stderr.findLast((line) => !isNoise(line))?.trim() ?? null;
}

/** 0.17 says so on every kernel that has no memory lock limit for BPF any more, and goes on. */
function isNoise(line: string): boolean {
  return line.includes('RLIMIT_MEMLOCK');
}

/** The hooks of the probe that line `number` (from 1) of the program is in. */
function hooksAt(program: string, number: number, hooks: readonly string[]): readonly string[] {
  const lines = Number.isInteger(number) ? program.split('\n').slice(0, number).reverse() : [];
  for (const line of lines) {
    const found = hooks.filter((hook) => mentions(line, hook));
    if (found.length > 0) return found;
  }
  return [];
}

/** Before bpftrace 0.22 fentry and fexit were kfunc and kretfunc. */
function mentions(text: string, hook: string): boolean {
  const oldName = hook.replace(/^fentry:/, 'kfunc:').replace(/^fexit:/, 'kretfunc:');
  return mentionsWord(text, hook) || mentionsWord(text, oldName);
}

function mentionsWord(text: string, word: string): boolean {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<!\\w)${escaped}(?![\\w:])`).test(text);
}
