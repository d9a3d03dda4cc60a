/** The exported page in a browser: it is drawn, zooms, tells what is pointed at, and asks the network for nothing. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Event } from '../../src/event/event.ts';
import { eventsOf } from '../fixtures/recordings.ts';
import { temporaryDirectory } from '../fixtures/temporary.ts';
import { header } from '../model/rows.ts';
import { rdmaHandedOver } from '../model/stories.ts';
import { type Browser, findBrowser, type Page, startBrowser, WITHOUT_BROWSER } from './browser.ts';
import { pageOf } from './pages.ts';

const path = findBrowser();
const RECORDING = fileURLToPath(new URL('../recordings/rdma-handed-over.7.3.ndjson.gz', import.meta.url));

const BARS = `[...document.querySelectorAll('svg .bar')]`;
const PIN = `document.querySelector('rect.pin')`;

describe('the page in Chromium', { skip: path === null ? WITHOUT_BROWSER : false }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser(path ?? '');
  });
  after(() => browser.close());

  async function open(context: TestContext, events: readonly Event[], width?: number): Promise<Page> {
    const file = join(await temporaryDirectory(context), 'page.html');
    await writeFile(file, pageOf(events, header));
    return browser.open(pathToFileURL(file).href, width);
  }

  async function pinWidth(page: Page): Promise<number> {
    return Number(await page.ask(`${PIN}.getBoundingClientRect().width`));
  }

  it('is drawn, without an error and without asking for anything else', async (t) => {
    const page = await open(t, await eventsOf(RECORDING));
    assert.deepEqual(page.errors, []);
    assert.equal(page.requests.length, 1, page.requests.join());
    assert.equal(await page.ask(`${BARS}.length`), 5);
    const seen = await page.ask(`${BARS}.every((bar) => bar.getBoundingClientRect().width >= 3)`);
    assert.equal(seen, true);
  });

  it('lays time out over the width of the window', async (t) => {
    const events = await eventsOf(RECORDING);
    const [narrow, wide] = [
      await pinWidth(await open(t, events, 700)),
      await pinWidth(await open(t, events, 1500)),
    ];
    // The pin lasts 6.05 of 14.3 s; labels take 300 pixels, the window's margins some more.
    assert.ok(wide > 450 && wide < 560, `${wide}`);
    assert.ok(narrow > 120 && narrow < 170, `${narrow}`);
  });

  it('zooms by buttons, keys, a drag and a finding, and back', async (t) => {
    const page = await open(t, await eventsOf(RECORDING));
    const whole = await pinWidth(page);
    await page.ask(`document.querySelector('[data-do=in]').click()`);
    assert.ok((await pinWidth(page)) > whole * 1.5);
    await page.press('0');
    assert.equal(await pinWidth(page), whole);
    await page.press('+');
    await page.press('ArrowRight');
    assert.notEqual(await pinWidth(page), whole);
    await page.press('0');
    const [x, y] = JSON.parse(
      String(
        await page.ask(
          `${PIN}.scrollIntoView({ block: 'center' }); (({ left, top }) => JSON.stringify([left, top + 6]))(${PIN}.getBoundingClientRect())`,
        ),
      ),
    );
    await page.drag([x + 20, y], [x + 60, y]);
    const shown = String(await page.ask(`document.querySelector('output').textContent`));
    assert.match(shown, /^\+3\.\d{3} s to \+4\.\d{3} s$/);
    await page.ask(`document.querySelector('.finding.critical').click()`);
    assert.match(
      String(await page.ask(`document.querySelector('output').textContent`)),
      /^\+5\.33\d s to \+9\.83\d s$/,
    );
    assert.deepEqual(page.errors, []);
  });

  it('tells what is under the pointer, and what has the focus', async (t) => {
    const page = await open(t, await eventsOf(RECORDING));
    const place = `${PIN}.scrollIntoView({ block: 'center' }); (({ left, top }) => JSON.stringify([left + 30, top + 3]))(${PIN}.getBoundingClientRect())`;
    const [x, y] = JSON.parse(String(await page.ask(place)));
    await page.hover(x, y);
    const told = String(await page.ask(`document.getElementById('tip').innerText`));
    assert.match(
      told,
      /^pin of 256 pages \(1\.0 MiB\), RDMA memory region on rxe0\ntaken by rdma\[265\]\n\+3\.038 s/,
    );
    await page.hover(2, 2);
    assert.equal(await page.ask(`document.getElementById('tip').hidden`), true);
    await page.ask(`document.querySelector('.link').focus()`);
    assert.match(
      String(await page.ask(`document.getElementById('tip').innerText`)),
      /received over SCM_RIGHTS/,
    );
  });

  it('shows names as they are, and runs none of them', async (t) => {
    const name = `</script><script>window.run=1</script><img src=x onerror="window.run=1">'"`;
    const events = rdmaHandedOver().map((event) => ({
      ...event,
      ...('comm' in event ? { comm: name } : {}),
      ...('name' in event && event.name !== '/' ? { name } : {}),
    }));
    const page = await open(t, events as Event[]);
    assert.equal(await page.ask('typeof window.run'), 'undefined');
    assert.equal(await page.ask(`document.querySelectorAll('img, script').length`), 1);
    assert.ok(String(await page.ask(`document.querySelector('h3').textContent`)).includes(name));
    assert.deepEqual(page.errors, []);
    assert.equal(page.requests.length, 1);
  });

  it('runs nothing that was put in later: its policy allows its own script alone', async (t) => {
    const page = await open(t, rdmaHandedOver());
    await page.ask(
      `document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.run=1">')`,
    );
    await page.ask(
      `(() => { const s = document.createElement('script'); s.textContent = 'window.run=1'; document.body.append(s); })()`,
    );
    assert.equal(await page.ask('typeof window.run'), 'undefined');
    assert.ok(page.errors.some((error) => error.includes('Content Security Policy')));
  });

  it('is readable in the dark and in the light', async (t) => {
    const page = await open(t, await eventsOf(RECORDING));
    const colours = `JSON.stringify([document.body, document.querySelector('h1'), ${PIN}, document.querySelector('svg text')].map((each, i) => getComputedStyle(each)[['backgroundColor', 'color', 'fill', 'fill'][i]]))`;
    await page.setScheme('light');
    const light: string[] = JSON.parse(String(await page.ask(colours)));
    await page.setScheme('dark');
    const dark: string[] = JSON.parse(String(await page.ask(colours)));
    for (const [paper, ...inks] of [light, dark].map((each) => each.map(brightness))) {
      for (const ink of inks) assert.ok(Math.abs((paper ?? 0) - ink) > 60, `${light} ${dark}`);
    }
    assert.ok(brightness(light[0]) > 200 && brightness(dark[0]) < 60);
    const picture = await page.screenshot(800);
    assert.ok(picture.length > 10_000 && picture.subarray(1, 4).toString() === 'PNG');
  });
});

/** 0 black, 255 white. */
function brightness(colour = ''): number {
  const [red = 0, green = 0, blue = 0] = colour.match(/\d+/g)?.map(Number) ?? [];
  return 0.3 * red + 0.6 * green + 0.1 * blue;
}
