/**
 * What a report is compared with, and how a recording is entered, each in a process of its own: prints one line of JSON.
 *
 *   tsx loops.ts parse|ndjson PLAIN-FILE    reads the rows, unpacked already, and does nothing with them
 *   tsx loops.ts seek RECORDING             opens the recording, and draws a frame of a hundred places in it
 */
import { createReadStream } from 'node:fs';
import ndjson from 'ndjson';
import type * as SceneRoom from '../../../dashboards/scene.ts';
import type { Scene } from '../../../dashboards/scene.ts';
import type * as StoryRoom from '../../../dashboards/story.ts';
import type * as Screen from '../../../dashboards/views/screen.ts';
import type { Model } from '../../../src/model/model.ts';
import type * as Seek from '../../../src/recording/seek.ts';
import type * as EventLine from '../../../src/report/event-line.ts';
import { createChance } from '../../property.ts';
import { importBuilt } from './built.ts';

const CHUNK_BYTES = 1 << 18;
const SEEKS = 100;
const SCREEN = { width: 120, height: 40 };

const [what = '', path = ''] = process.argv.slice(2);
const started = performance.now();
const seconds = () => (performance.now() - started) / 1000;

async function parseLines(): Promise<object> {
  let rows = 0;
  let broken = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES })) {
    const lines = (broken + chunk).split('\n');
    broken = lines.pop() ?? '';
    for (const line of lines) {
      JSON.parse(line);
      rows++;
    }
  }
  return { rows, seconds: seconds() };
}

async function parseWithNdjson(): Promise<object> {
  let rows = 0;
  const parser = ndjson.parse();
  createReadStream(path, { highWaterMark: CHUNK_BYTES }).pipe(parser);
  for await (const _row of parser) rows++;
  return { rows, seconds: seconds() };
}

/** Draws what the dashboard shows of a model first. */
async function firstFrame(): Promise<(model: Model) => void> {
  const { createStory } = await importBuilt<typeof StoryRoom>('../dashboards/story');
  const { FIRST_GAZE } = await importBuilt<typeof SceneRoom>('../dashboards/scene');
  const { renderScreen } = await importBuilt<typeof Screen>('../dashboards/views/screen');
  const { eventLine } = await importBuilt<typeof EventLine>('report/event-line');
  return (model) => {
    const { header, coverage } = model;
    const scene: Scene = {
      mode: 'replay',
      ...header,
      notice: null,
      recordingTo: null,
      motion: { state: 'paused', held: 0 },
      extent: null,
      silentMs: 0,
      gaze: FIRST_GAZE,
      reading: createStory(header, eventLine, model).read(coverage.now),
    };
    renderScreen(scene, SCREEN);
  };
}

async function seekAbout(): Promise<object> {
  const { openSeekable } = await importBuilt<typeof Seek>('recording/seek');
  const draw = await firstFrame();
  const opening = performance.now();
  const trace = await openSeekable(path);
  if (!trace.ok) throw new Error(trace.error);
  const ms: number[] = [];
  const chance = createChance();
  for (let n = 0; n <= SEEKS; n++) {
    const began = performance.now();
    const { model, batches } = await trace.value.seek({ percent: n === 0 ? 0 : chance() * 100 });
    draw(model);
    for await (const _events of batches) break;
    ms.push(n === 0 ? performance.now() - opening : performance.now() - began);
  }
  const [firstMs = 0, ...seeks] = ms;
  seeks.sort((one, other) => one - other);
  return { firstMs, p50: seeks[SEEKS / 2], p99: seeks[SEEKS - 2], max: seeks.at(-1) };
}

const work = { parse: parseLines, ndjson: parseWithNdjson, seek: seekAbout }[what];
if (work === undefined) throw new Error(`no such loop: ${what}`);
console.log(JSON.stringify({ ...(await work()), rssMb: process.resourceUsage().maxRSS / 1024 }));
