/** The model takes any events and answers every question about them, in text that is safe to show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {
  applyEvent,
  coverage,
  createModel,
  fileSummaries,
  findings,
  findTarget,
  type Model,
  pathOfFile,
  reportAnswer,
  timeline,
  timelines,
  whoAnswer,
} from '../../src/model/model.ts';
import { eventLine } from '../../src/report/event-line.ts';
import { reportText } from '../../src/report/report-text.ts';
import { whoText } from '../../src/report/who-text.ts';
import { assertProperty } from '../property.ts';
import { eventsArbitrary } from './arbitrary.ts';
import { header, play } from './rows.ts';

/** Controls, bidirectional marks, lone surrogates: nothing of it may reach a terminal. Newlines only end lines. */
const UNSAFE = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\u200e\u200f]|\p{Cs}/u;

function answersOf(model: Model) {
  const files = fileSummaries(model);
  return {
    coverage: { ...coverage(model), lostByKind: [...coverage(model).lostByKind] },
    files,
    findings: findings(model),
    report: reportAnswer(model),
    timelines: timelines(model),
    who: files.map(({ key }) => [whoAnswer(model, key), timeline(model, key)]),
  };
}

test('any sequence of events is taken, and every question has an answer', () => {
  assertProperty(
    fc.property(eventsArbitrary(), (events) => {
      const model = createModel(header);
      for (const event of events) applyEvent(model, event);
      answersOf(model);
      findTarget(model, 'data');
      for (const event of events) {
        eventLine(event, { startNs: 0, nameOf: (dev, ino) => pathOfFile(model, dev, ino) });
      }
    }),
    500,
  );
});

test('asking changes nothing: questions between events lead to the same answers as one at the end', () => {
  assertProperty(
    fc.property(eventsArbitrary(80), (events) => {
      const asked = createModel(header);
      for (const event of events) {
        applyEvent(asked, event);
        fileSummaries(asked);
        findings(asked);
      }
      assert.deepEqual(answersOf(asked), answersOf(play(events)));
    }),
    200,
  );
});

test('a copy of the model goes on as the model does: a checkpoint and the rest equal the whole', () => {
  assertProperty(
    fc.property(eventsArbitrary(100), fc.nat(100), (events, cut) => {
      const copy = structuredClone(play(events.slice(0, cut)));
      for (const event of events.slice(cut)) applyEvent(copy, event);
      assert.deepEqual(answersOf(copy), answersOf(play(events)));
    }),
    200,
  );
});

test('no line of a report is wider than 80 columns, and nothing in any text can harm a terminal', () => {
  assertProperty(
    fc.property(eventsArbitrary(), (events) => {
      const model = play(events);
      const report = reportText(reportAnswer(model), timelines(model), header);
      const whos = fileSummaries(model).map(({ key }) => whoText(whoAnswer(model, key), { width: 80 }));
      for (const text of [report, ...whos]) {
        for (const line of text.split('\n')) assert.ok(stringWidth(line) <= 80, line);
        assert.doesNotMatch(text, UNSAFE);
      }
      for (const event of events) {
        const line = eventLine(event, { startNs: 0, nameOf: (dev, ino) => pathOfFile(model, dev, ino) });
        assert.doesNotMatch(line, UNSAFE);
        assert.ok(!line.includes('\n'));
      }
    }),
    300,
  );
});
