/**
 * HTML that cannot be broken out of: what is put into a template is escaped, unless it came out of a template itself.
 * Names of processes and files are chosen by whoever was traced.
 */

/** HTML or SVG. An object, so that no text from outside can pass for it. */
export interface Markup {
  readonly html: string;
}

type Part = string | number | Markup | readonly Markup[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template: text is escaped for elements and for quoted attributes, markup goes in as it is. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { html: strings.map((string, i) => string + partToHtml(parts[i] ?? '')).join('') };
}

/** Trusted text of our own: a style sheet, a script. */
export function trusted(html: string): Markup {
  return { html };
}

function partToHtml(part: Part): string {
  if (typeof part === 'string') return part.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(({ html }) => html).join('');
}
