/** A probe block of a bpftrace program: its hooks, its predicate and its body, so that single hooks can be left out. */

export interface ProbeBlock {
  /** `fentry:fd_install`, `tracepoint:sched:sched_process_exec`, `BEGIN`, … */
  readonly hooks: readonly string[];
  /** With its slashes, or ''. */
  readonly predicate: string;
  /** With its braces. */
  readonly body: string;
}

/** Splits preprocessed text into blocks. Throws when braces do not match: a mistake in a probe. */
export function readBlocks(text: string): ProbeBlock[] {
  const blocks: ProbeBlock[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('{', at);
    if (open < 0) {
      if (text.slice(at).trim() !== '')
        throw new Error(`text after the last probe: ${text.slice(at).trim()}`);
      return blocks;
    }
    const close = closingBrace(text, open);
    const head = text.slice(at, open).trim();
    const [, hooks = '', predicate = ''] = /^([^/]*?)\s*(\/[\s\S]*\/)?$/.exec(head) ?? [];
    blocks.push({
      hooks: hooks
        .split(',')
        .map((hook) => hook.trim())
        .filter((hook) => hook !== ''),
      predicate,
      body: text.slice(open, close + 1),
    });
    at = close + 1;
  }
}

/** The block as bpftrace reads it. */
export function printBlock(block: ProbeBlock): string {
  return [block.hooks.join(',\n'), block.predicate, block.body].filter((part) => part !== '').join('\n');
}

/** Makes one block of all that hang on the same tracepoint, in their order: one after the other, each if it applies. */
export function mergeTracepoints(blocks: readonly ProbeBlock[]): ProbeBlock[] {
  const uses = (hook: string) => blocks.filter((block) => block.hooks.includes(hook));
  const shared = [...new Set(blocks.flatMap((block) => block.hooks))].filter(
    (hook) => hook.startsWith('tracepoint:') && uses(hook).length > 1,
  );
  const single = blocks
    .map((block) => ({ ...block, hooks: block.hooks.filter((hook) => !shared.includes(hook)) }))
    .filter((block) => block.hooks.length > 0);
  const merged = shared.map((hook) => {
    const parts = uses(hook).map(({ predicate, body }) => {
      const condition = predicate === '' ? '1' : predicate.slice(1, -1);
      return `if (${condition}) ${body}`;
    });
    return { hooks: [hook], predicate: '', body: `{\n${parts.join('\n')}\n}` };
  });
  return [...single, ...merged];
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = open; at < text.length; at++) {
    const c = text[at];
    if (c === '"' && text[at - 1] !== '\\') quoted = !quoted;
    if (quoted) continue;
    if (c === '{') depth++;
    if (c === '}') depth--;
    if (depth === 0) return at;
  }
  throw new Error('a probe is not closed');
}
