/**
 * What a view returns: rows of styled spans. The screen composer fits them to exactly width × height cells, so that
 * a surface only has to paint, and a test can compare text.
 */
import { wrapText } from '../src/base/text.ts';
import { clean, cutEnd, displayWidth, type SafeText } from './text.ts';

/**
 * What a span means; the surface decides how that looks, with colours or without. No meaning rests on style alone:
 * each is also said by a word or a mark.
 */
export type Style =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'heading'
  | 'good'
  | 'warning'
  | 'critical'
  | 'selected'
  | 'bar';

export interface Span {
  readonly text: SafeText;
  readonly style: Style;
}

export type Line = readonly Span[];
export type Frame = readonly Line[];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A piece of a line; any text, it is cleaned here. */
export function span(text: string, style: Style = 'plain'): Span {
  return { text: clean(text), style };
}

export const BLANK: Line = [];

export function lineWidth(line: Line): number {
  return line.reduce((cells, part) => cells + displayWidth(part.text), 0);
}

/** The line's text without its styles. */
export function lineText(line: Line): string {
  return line.map((part) => part.text).join('');
}

/** The line in exactly `width` cells: cut with an ellipsis, or padded in the style of its last span if that is a bar. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = Math.max(0, width);
  const overflows = lineWidth(line) > left;
  for (const part of line) {
    const cells = displayWidth(part.text);
    const isCut = cells > left || (overflows && cells === left);
    const text = isCut ? cutEnd(clean(`${part.text} `), left) : part.text;
    fitted.push({ text, style: part.style });
    left -= displayWidth(text);
    if (isCut) break;
  }
  if (left > 0) fitted.push(span(' '.repeat(left), padStyle(line)));
  return fitted;
}

function padStyle(line: Line): Style {
  const style = line.at(-1)?.style;
  return style === 'selected' || style === 'bar' ? style : 'plain';
}

/** Text in exactly `width` cells. */
export function fitText(text: SafeText, width: number, align: 'left' | 'right' = 'left'): SafeText {
  const cut = cutEnd(text, width);
  const padding = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return clean(align === 'left' ? cut + padding : padding + cut);
}

/** The frame in exactly the given size: cut below, or filled with blank lines. */
export function fitFrame(lines: readonly Line[], { width, height }: Size): Frame {
  return Array.from({ length: Math.max(0, height) }, (_, row) => fitLine(lines[row] ?? BLANK, width));
}

/** Left and right part on one line, the right one at the edge; the left one gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  return room > 0 ? [...fitLine(left, room), ...right] : fitLine(left, width);
}

/** One style for the whole line: the selected row of a table. */
export function restyle(line: Line, style: Style): Line {
  return line.map((part) => ({ text: part.text, style }));
}

/** `label` once, then the text wrapped beside it in `width` cells. */
export function labelled(label: Line, text: string, width: number, style: Style = 'plain'): readonly Line[] {
  const indent = lineWidth(label);
  const room = Math.max(10, width - indent);
  return wrapText(clean(text), { width: room }).map((part, index) => [
    ...(index === 0 ? label : [span(' '.repeat(indent))]),
    span(part, style),
  ]);
}
