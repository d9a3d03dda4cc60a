/**
 * A recording as one page that needs nothing else: no network, no server, no file beside it. The browser is told to run
 * only the script that was put in (Content-Security-Policy, CSP level 3): should a name ever get through the escaping,
 * nothing would run it.
 */
import { createHash } from 'node:crypto';
import { cleanName, formatCount, plural } from '../base/text.ts';
import { bootToWall, formatDuration, formatOffset } from '../base/time.ts';
import type { Header } from '../event/header.ts';
import type { Finding, ReportAnswer } from '../model/answer.ts';
import { applyEvent, coverage, createModel, lastingOf, type Model, reportAnswer } from '../model/model.ts';
import type { Conversion } from './conversion.ts';
import { type Drawing, draw, type FileDrawing, SEVERITIES } from './drawing.ts';
import { type Markup, markup, trusted } from './markup.ts';
import { fileSvg } from './svg.ts';

/** What the page is made of besides the recording. */
export interface PageParts {
  readonly style: string;
  readonly script: string;
  /** The report as text, which the page shows too. */
  readonly report: (model: Model) => string;
}

const MOST_FINDINGS = 200;

export function toHtml(header: Header, parts: PageParts): Conversion {
  const model = createModel(header);
  function add(events: Parameters<Conversion['add']>[0]): string {
    for (const event of events) applyEvent(model, event);
    return '';
  }
  return { begin: () => '', add, end: () => pageOf(model, parts) };
}

function* pageOf(model: Model, { style, script, report }: PageParts): Generator<string> {
  // Files are drawn from what the model has of them.
  const answer = reportAnswer(model, 0);
  const clock = { from: answer.from_ns, to: Math.max(answer.from_ns, answer.at_ns) };
  const drawing = draw(lastingOf(model), answer.findings, clock);
  yield markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titleOf(model.header)}</title>
<style>${trusted(style)}</style>
</head>
<body data-length="${Math.round(clock.to - clock.from)}">
${headOf(model, answer)}
${findingsOf(answer)}
${legend(drawing, coverage(model).evicted)}
`.html;
  for (const file of drawing.files) yield sectionOf(file, drawing).html;
  yield markup`<details class="report"><summary>The same as text</summary><pre>${report(model)}</pre></details>
<div id="tip" role="status" hidden></div>
<script>${trusted(script)}</script>
</body>
</html>
`.html;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function titleOf({ kernel, command }: Header): string {
  const what = command === null ? '' : `${cleanName(command.join(' '))}, `;
  return `whopins: ${what}Linux ${cleanName(kernel)}`;
}

function headOf({ header }: Model, answer: ReportAnswer): Markup {
  const { rows, from_ns, at_ns, certainty, reasons, not_covered, complete } = answer;
  const started = bootToWall(from_ns, header.clock);
  const facts: readonly (readonly [string, string])[] = [
    ['kernel', `${cleanName(header.kernel)}, bpftrace ${cleanName(header.bpftrace)}`],
    ['host', cleanName(header.host)],
    ...(header.command === null ? [] : ([['command', cleanName(header.command.join(' '))]] as const)),
    [
      'traced',
      `${formatDuration(at_ns - from_ns)}${started === null ? '' : `, from ${started}`}, ${complete ? 'to its end' : 'but not to its end'}`,
    ],
    [
      'rows',
      `${formatCount(rows.seen)} seen, ${formatCount(rows.lost)} lost, ${formatCount(rows.late)} late, ${formatCount(rows.bad)} unreadable`,
    ],
    [
      certainty === 'definite' ? 'certain' : certainty,
      reasons.map(cleanName).join('; ') || 'no row that matters was lost',
    ],
    ...not_covered.map(
      ({ path, reason }) => ['not seen', `${cleanName(path)}: ${cleanName(reason)}`] as const,
    ),
  ];
  return markup`<header><h1>whopins: who pins this file?</h1>
<dl>${facts.map(([key, value]) => markup`<dt>${key}</dt><dd>${value}</dd>`)}</dl></header>`;
}

function findingsOf({ findings, from_ns, at_ns }: ReportAnswer): Markup {
  const ranked = SEVERITIES.flatMap((severity) => findings.filter((each) => each.severity === severity));
  const shown = ranked.slice(0, MOST_FINDINGS);
  const hidden = findings.length - shown.length;
  return markup`<section><h2>${plural(findings.length, 'finding')}</h2>
<ul class="findings">${shown.map((finding) => findingItem(finding, from_ns, at_ns))}</ul>
${hidden > 0 ? markup`<p class="more">${plural(hidden, 'more finding')} left out here: whopins report tells all.</p>` : ''}</section>`;
}

function findingItem(finding: Finding, fromNs: number, atNs: number): Markup {
  const { id, severity, certainty, file, text, start_ns, end_ns, thread } = finding;
  const name = file.path === null ? `${file.dev} inode ${file.ino}` : cleanName(file.path);
  const doubt = certainty === 'definite' ? '' : ` (${certainty})`;
  return markup`<li><button type="button" class="finding ${severity}" data-from="${Math.round(start_ns - fromNs)}" data-to="${Math.round((end_ns ?? atNs) - fromNs)}"><b>${severity}</b> ${id}${doubt} <span class="file">${name}</span> <span class="when">${formatOffset(start_ns, fromNs)}</span><br>${cleanName(text)} <cite>${thread}</cite></button></li>
`;
}

function legend({ hiddenFiles }: Drawing, evicted: number): Markup {
  const kinds = ['lease', 'pin', 'hand', 'operation', 'wait'] as const;
  const words = {
    lease: 'lease',
    pin: 'pin',
    hand: 'in this process’s hands',
    operation: 'call',
    wait: 'waits',
  };
  return markup`<section class="controls"><h2>Time line</h2>
<p class="legend">${kinds.map((kind) => markup`<span><i class="bar ${kind}"></i>${words[kind]}</span>`)}<span>▼ finding</span></p>
<p class="buttons" hidden><button type="button" data-do="in">zoom in</button> <button type="button" data-do="out">zoom out</button> <button type="button" data-do="left">←</button> <button type="button" data-do="right">→</button> <button type="button" data-do="all">all</button> <output></output> <span class="hint">drag over a part to see it closer; + − ← → 0</span></p>
${hiddenFiles > 0 ? markup`<p class="more">${plural(hiddenFiles, 'more file')} left out here, those with findings come first.</p>` : ''}
${evicted > 0 ? markup`<p class="more">The recording is long: ${formatCount(evicted)} things that ended earlier are not drawn. whopins export --to perfetto draws all.</p>` : ''}</section>
`;
}

function sectionOf(file: FileDrawing, drawing: Drawing): Markup {
  return markup`<section class="file"><h3>${file.title} <small>${file.numbers}</small></h3>
${fileSvg(file, drawing)}
${file.hidden > 0 ? markup`<p class="more">${plural(file.hidden, 'more lease, pin or call', 'more leases, pins and calls')} left out here.</p>` : ''}</section>
`;
}
