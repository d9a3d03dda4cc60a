/** An axis of time in seconds: round numbers, each at the cell of its moment. */
import { columnOf, type TimeWindow } from '../base/lanes.ts';
import { NS_PER_S } from '../base/time.ts';

const STEPS = [1, 2, 5] as const;
/** Cells between two numbers, at least. */
const GAP = 4;
const FINEST = -9;
const COARSEST = 9;

/** "|2        |4        |6": seconds since `originNs`, none where not one round moment lies in the window. */
export function axisText(window: TimeWindow, originNs: number, cells: number): string {
  const ticks = ticksOf(window, originNs, cells);
  return ticks.reduce((line, { at, text }) => `${line.padEnd(at)}|${text}`, '');
}

interface Tick {
  readonly at: number;
  readonly text: string;
}

/** The finest round numbers that have room beside each other. */
function ticksOf(window: TimeWindow, originNs: number, cells: number): readonly Tick[] {
  const length = window.toNs - window.fromNs;
  for (let exponent = FINEST; exponent <= COARSEST; exponent += 1) {
    for (const digit of STEPS) {
      const stepNs = digit * 10 ** exponent * NS_PER_S;
      // So many would never have room, and take long to try.
      if (length / stepNs > cells) continue;
      const ticks = ticksBy(stepNs, Math.max(0, -exponent), window, originNs, cells);
      if (haveRoom(ticks)) return ticks;
    }
  }
  return [];
}

function ticksBy(
  stepNs: number,
  decimals: number,
  window: TimeWindow,
  originNs: number,
  cells: number,
): readonly Tick[] {
  const first = Math.ceil((window.fromNs - originNs) / stepNs);
  const last = Math.floor((window.toNs - originNs) / stepNs);
  const ticks: Tick[] = [];
  for (let i = first; i <= last; i += 1) {
    const at = columnOf(originNs + i * stepNs, window, cells);
    const text = ((i * stepNs) / NS_PER_S).toFixed(decimals);
    if (at >= 0 && at + 1 + text.length <= cells) ticks.push({ at, text });
  }
  return ticks;
}

function haveRoom(ticks: readonly Tick[]): boolean {
  return ticks.every(({ at }, i) => {
    const before = ticks[i - 1];
    return before === undefined || before.at + 1 + before.text.length + GAP <= at;
  });
}
