/** `npm run picture:export`: takes the README's picture of an exported page, of a recording of a real kernel. */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openRecording } from '../../src/recording/reader.ts';
import { eventsOf } from '../fixtures/recordings.ts';
import { findBrowser, startBrowser, WITHOUT_BROWSER } from './browser.ts';
import { pageOf } from './pages.ts';

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const RECORDING = inRoot('test/recordings/rdma-handed-over.7.3.ndjson.gz');
const PICTURE = inRoot('src/export/example.png');
const [WIDTH, HEIGHT] = [1000, 950];

const path = findBrowser();
const recording = await openRecording(RECORDING);
if (path === null || !recording.ok) throw new Error(path === null ? WITHOUT_BROWSER : `no ${RECORDING}`);
const { header, close } = recording.value;
await close();

const page = join(tmpdir(), `whopins-picture-${process.pid}.html`);
await writeFile(page, pageOf(await eventsOf(RECORDING), header));
const browser = await startBrowser(path);
try {
  const shown = await browser.open(pathToFileURL(page).href, WIDTH);
  // The truncate is pointed at.
  const place = `(({ left, top }) => JSON.stringify([left + 1, top + 6]))(document.querySelector('rect.operation').getBoundingClientRect())`;
  const [x, y] = JSON.parse(String(await shown.ask(place)));
  await shown.hover(x, y);
  for (const scheme of ['light', 'dark'] as const) {
    await shown.setScheme(scheme);
    const file = scheme === 'light' ? PICTURE : process.argv[2];
    if (file !== undefined) await writeFile(file, await shown.screenshot(HEIGHT));
  }
} finally {
  await browser.close();
}
