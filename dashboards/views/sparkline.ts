/** A row of small bars: how much happened in each second. */
import { formatCount } from '../../src/base/text.ts';
import { type Line, type Style, span } from '../frame.ts';
import type { Rate, Rates } from '../rates.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** One bar for each number; a blank for nothing, and the lowest bar for the least that is not nothing. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(1, ...counts.filter(Number.isFinite));
  return counts
    .map((count) => {
      if (!(count > 0)) return ' ';
      const height = Math.ceil((Math.min(count, most) / most) * BARS.length) - 1;
      return BARS[Math.max(0, height)] ?? '█';
    })
    .join('');
}

/** `pins ▁▃█ 12/s`: the last `cells` seconds, and the last whole second in figures. */
export function rateSpans(rates: Rates, rate: Rate, nowNs: number, cells: number, style: Style): Line {
  const counts = rates.lately(rate, nowNs, cells);
  const last = counts.at(-2) ?? counts.at(-1) ?? 0;
  return [span(`${rate} `, 'dim'), span(sparkline(counts), style), span(` ${formatCount(last)}/s  `)];
}
