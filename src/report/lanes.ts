/**
 * A file's story as lines, with a lane for each lease, pin and wait drawn in plain ASCII: `o` starts, `|` lasts, `x`
 * ends. Fit for a mailing list.
 */
import { REPORT_COLUMNS, wrapText } from '../base/text.ts';
import { formatOffset } from '../base/time.ts';
import type { TimelineEntry } from '../model/answer.ts';

const MOST_LANES = 8;
/** Of a longer story the middle is left out. */
const MOST_ENTRIES = 200;
const TIME_COLUMNS = 12;

/** Lines of at most 80 columns, without newlines. Lanes beyond the eighth are not drawn. */
export function laneLines(entries: readonly TimelineEntry[], startNs: number): readonly string[] {
  const used = entries.reduce((most, { span }) => Math.max(most, (span?.lane ?? -1) + 1), 0);
  const width = Math.min(used, MOST_LANES);
  const lanes: boolean[] = [];
  const half = MOST_ENTRIES / 2;
  const hidden = entries.length > MOST_ENTRIES ? entries.length - MOST_ENTRIES : 0;
  return entries.flatMap((entry, i) => {
    const drawn = drawLanes(lanes, entry, width);
    if (hidden > 0 && i >= half && i < half + hidden) {
      return i === half ? [`${' '.repeat(TIME_COLUMNS)}  ... ${hidden} moments are left out here`] : [];
    }
    const time = formatOffset(entry.at_ns, startNs).padStart(TIME_COLUMNS);
    return wrapText(entry.text, {
      width: REPORT_COLUMNS,
      first: `${time}  ${drawn.first}`,
      rest: `${' '.repeat(TIME_COLUMNS)}  ${drawn.rest}  `,
    });
  });
}

/** Draws the lanes beside an entry and beside its further lines; moves `lanes` on. */
function drawLanes(
  lanes: boolean[],
  { span }: TimelineEntry,
  width: number,
): { readonly first: string; readonly rest: string } {
  if (span?.edge === 'start') lanes[span.lane] = true;
  const mark = span?.edge === 'start' ? 'o' : 'x';
  const first = draw(width, (lane) => (span?.lane === lane ? mark : lanes[lane] === true ? '|' : ' '));
  if (span?.edge === 'end') lanes[span.lane] = false;
  return { first, rest: draw(width, (lane) => (lanes[lane] === true ? '|' : ' ')) };
}

function draw(width: number, mark: (lane: number) => string): string {
  const marks = Array.from({ length: width }, (_, lane) => mark(lane)).join('');
  return width === 0 ? '' : `${marks}  `;
}
