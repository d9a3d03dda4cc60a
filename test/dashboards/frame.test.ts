import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fitFrame, fitLine, labelled, lineText, lineWidth, span, spread } from '../../dashboards/frame.ts';
import { assertProperty } from '../property.ts';
import { arbitraryText } from './arbitrary-scene.ts';

test('a line is padded, cut, and never splits a wide character', () => {
  assert.equal(lineText(fitLine([span('ab')], 4)), 'ab  ');
  assert.equal(lineText(fitLine([span('ab'), span('cdef')], 4)), 'abc…');
  assert.equal(lineText(fitLine([span('ab'), span('cdef')], 2)), 'a…');
  assert.equal(lineText(fitLine([span('漢字漢')], 4)), '漢… ');
  assert.equal(lineText(fitLine([span('x')], 0)), '');
});

test('any spans fit to exactly the width', () => {
  assertProperty(
    fc.property(
      fc.array(arbitraryText, { maxLength: 4 }),
      fc.integer({ min: 0, max: 40 }),
      (texts, width) => {
        const line = texts.flatMap((text) => [span(text), span('|', 'bar')]);
        assert.equal(lineWidth(fitLine(line, width)), width);
      },
    ),
  );
});

test('a frame is exactly as high as asked', () => {
  const rows = fitFrame([[span('a')], [span('b')], [span('c')]], { width: 2, height: 2 });
  assert.deepEqual(rows.map(lineText), ['a ', 'b ']);
  assert.deepEqual(fitFrame([], { width: 1, height: 2 }).map(lineText), [' ', ' ']);
});

test('the right part keeps its place, the left one gives way', () => {
  assert.equal(lineText(spread([span('left left')], [span(' right')], 12)), 'left … right');
  assert.equal(lineText(spread([span('l')], [span('right')], 12)), 'l      right');
});

test('labelled text wraps beside its label', () => {
  assert.deepEqual(labelled([span('who ')], 'one two three four', 16).map(lineText), [
    'who one two',
    '    three four',
  ]);
});
