/** A file's story in words, for a mailing list: one moment after the other, when it was and what happened. */
import { REPORT_COLUMNS, wrapText } from '../base/text.ts';
import { formatOffset } from '../base/time.ts';
import type { TimelineEntry } from '../model/answer.ts';

/** Of a longer story the middle is left out. */
const MOST_ENTRIES = 200;
const TIME_COLUMNS = 12;

/** Lines of at most 80 columns, without newlines. */
export function storyLines(entries: readonly TimelineEntry[], startNs: number): readonly string[] {
  const half = MOST_ENTRIES / 2;
  const hidden = entries.length > MOST_ENTRIES ? entries.length - MOST_ENTRIES : 0;
  return entries.flatMap((entry, i) => {
    if (hidden > 0 && i >= half && i < half + hidden) {
      return i === half ? [`${' '.repeat(TIME_COLUMNS)}  ... ${hidden} moments are left out here`] : [];
    }
    const time = formatOffset(entry.at_ns, startNs).padStart(TIME_COLUMNS);
    const rest = ' '.repeat(TIME_COLUMNS + 4);
    return wrapText(entry.text, { width: REPORT_COLUMNS, first: `${time}  `, rest });
  });
}
