/** A surface that keeps frames as text: for tests, which also press its keys and change its size. */
import { type Frame, lineText, type Size } from './frame.ts';
import type { KeyName, Surface } from './surface.ts';

export interface TextSurface extends Surface {
  /** The rows painted last. */
  readonly rows: () => readonly string[];
  readonly press: (key: KeyName) => void;
  readonly resize: (size: Size) => void;
  readonly isClosed: () => boolean;
}

/** Creates a surface of the given size that paints into memory. */
export function createTextSurface(initial: Size): TextSurface {
  let size = initial;
  let painted: Frame = [];
  let closed = false;
  const keyListeners: ((key: KeyName) => void)[] = [];
  const resizeListeners: (() => void)[] = [];
  return {
    size: () => size,
    draw(frame) {
      painted = frame;
    },
    onKey(listener) {
      keyListeners.push(listener);
    },
    onResize(listener) {
      resizeListeners.push(listener);
    },
    pause() {},
    resume() {},
    close() {
      closed = true;
    },
    rows: () => painted.map(lineText),
    press(key) {
      for (const listener of keyListeners) listener(key);
    },
    resize(next) {
      size = next;
      for (const listener of resizeListeners) listener();
    },
    isClosed: () => closed,
  };
}
