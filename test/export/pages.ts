/** Exported pages, for tests. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Event } from '../../src/event/event.ts';
import type { Header } from '../../src/event/header.ts';
import { type PageParts, toHtml } from '../../src/export/html.ts';
import { reportAnswer, timelines } from '../../src/model/model.ts';
import { reportText } from '../../src/report/report-text.ts';
import { convert } from './convert.ts';

function pagePart(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../src/export/page/${name}`, import.meta.url)), 'utf8');
}

const PARTS: PageParts = {
  style: pagePart('page.css'),
  script: pagePart('page.js'),
  report: (model) => reportText(reportAnswer(model), timelines(model), model.header),
};

export function pageOf(events: readonly Event[], header: Header): string {
  return convert(toHtml(header, PARTS), events, 1000);
}
