/**
 * A file's lanes as SVG. It is drawn whole here, so that it shows without a script; what has `data-from` is put in its
 * place again by page/page.js when the reader zooms. Times in there are nanoseconds since the recording began.
 */
import { formatDuration } from '../base/time.ts';
import type { Drawing, FileDrawing, Mark } from './drawing.ts';
import type { Bar, Lane, Link } from './lanes.ts';
import { type Markup, markup } from './markup.ts';

/** Units of the picture as it is drawn here; page.js has LABELS from the picture itself. */
const WIDTH = 1100;
const LABELS = 300;
const RIGHT = 12;
const TOP = 30;
const LANE = 20;
const BAR = 12;

/** What is shorter than a pixel is still to be seen. */
const LEAST_WIDTH = 3;

/** Labels beyond this would run into the bars. */
const LABEL_CHARACTERS = 46;

type Place = (ns: number) => string;

/** One file's picture. */
export function fileSvg(file: FileDrawing, { from, to }: Drawing): Markup {
  const length = Math.max(1, to - from);
  const x: Place = (ns) => (LABELS + ((ns - from) / length) * (WIDTH - LABELS - RIGHT)).toFixed(2);
  const height = TOP + file.lanes.length * LANE + 4;
  const since = (ns: number) => Math.round(ns - from);
  return markup`<svg class="lanes" viewBox="0 0 ${WIDTH} ${height}" data-labels="${LABELS}" role="group" aria-label="${file.title}">
${file.lanes.map((lane, i) => laneMarkup(lane, i))}
<g class="ticks">${ticks(length, x, from, height)}</g>
<g class="plot">${file.lanes.flatMap((lane, i) => lane.bars.map((bar) => barMarkup(bar, i, x, since)))}
${file.links.map((link) => linkMarkup(link, x, since))}
${file.marks.map((mark) => markMarkup(mark, x, since))}</g>
</svg>`;
}

function laneMarkup({ label, isInner }: Lane, lane: number): Markup {
  const y = TOP + lane * LANE;
  const shown = label.length > LABEL_CHARACTERS ? `${label.slice(0, LABEL_CHARACTERS - 1)}…` : label;
  return markup`<g><rect class="stripe${lane % 2 === 0 ? '' : ' odd'}" x="0" y="${y}" width="100%" height="${LANE}"/><text class="label${isInner ? ' inner' : ''}" x="${isInner ? 18 : 4}" y="${y + 14}">${shown}<title>${label}</title></text></g>`;
}

function barMarkup(bar: Bar, lane: number, x: Place, since: (ns: number) => number): Markup {
  const y = TOP + lane * LANE + (LANE - BAR) / 2;
  const width = Math.max(LEAST_WIDTH, Number(x(bar.to)) - Number(x(bar.from))).toFixed(2);
  const height = bar.kind === 'wait' ? BAR / 2 : BAR;
  return markup`<rect class="bar ${bar.kind}${bar.isOpen ? ' open' : ''}" tabindex="0" x="${x(bar.from)}" y="${bar.kind === 'wait' ? y + BAR / 4 : y}" width="${width}" height="${height}" rx="2" data-from="${since(bar.from)}" data-to="${since(bar.to)}"><title>${bar.tip}</title></rect>
`;
}

/** From the middle of the giver's lane to the middle of the taker's. */
function linkMarkup({ at, giver, taker, tip }: Link, x: Place, since: (ns: number) => number): Markup {
  const middle = (lane: number) => TOP + lane * LANE + LANE / 2;
  const tail = middle(giver);
  const head = middle(taker) + (taker > giver ? -5 : 5);
  const back = head + (taker > giver ? -6 : 6);
  return markup`<g class="link" tabindex="0" data-at="${since(at)}" transform="translate(${x(at)} 0)"><path d="M0 ${tail}V${back}"/><path class="head" d="M-4 ${back}L0 ${head}L4 ${back}Z"/><title>${tip}</title></g>
`;
}

function markMarkup({ from, severity, tip }: Mark, x: Place, since: (ns: number) => number): Markup {
  return markup`<g class="mark ${severity}" tabindex="0" data-at="${since(from)}" transform="translate(${x(from)} 0)"><path d="M-6 15H6L0 26Z"/><title>${tip}</title></g>
`;
}

/** Lines at round times, some ten of them. */
function ticks(length: number, x: Place, from: number, height: number): Markup[] {
  const step = roundStep(length / 10);
  const count = Math.min(20, Math.floor(length / step));
  return Array.from({ length: count + 1 }, (_, i) => {
    const ns = i * step;
    return markup`<g class="tick" transform="translate(${x(from + ns)} 0)"><path d="M0 0V${height}"/><text x="3" y="10">${ns === 0 ? '0' : `+${formatDuration(ns)}`}</text></g>`;
  });
}

/** The least of 1, 2, 5, 10, … that is not below. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least) ?? 10 * power;
}
