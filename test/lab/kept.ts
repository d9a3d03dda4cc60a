/**
 * `stories --kept`: judges the plays that are kept once more, by the code as it is now. After a change of the model that
 * is what a guest would show, in a second instead of minutes: rows and truth are those of the real kernel. Of a late play
 * the answer of its walk is the one that was given in the guest.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseStories, loadStories, whyNotOn } from './choose.ts';
import { verdictOn } from './judge.ts';
import { PLAYED, stemOf } from './keep.ts';
import { targetIn, textOf } from './late.ts';
import { say } from './messages.ts';
import type { StoryOptions, StoryResult } from './stories.ts';
import type { Story } from './story.ts';
import type { Traced } from './trace.ts';

/** Judges stories; results come in the order of kernels, then stories. */
export async function judgeKeptStories({
  pairs,
  names,
  late,
}: Pick<StoryOptions, 'pairs' | 'names' | 'late'>): Promise<StoryResult[]> {
  const chosen = chooseStories(await loadStories(), names, late);
  return pairs.flatMap(({ kernel }) => chosen.map((story) => judgeKept(story, kernel, late)));
}

/** Judges one story; one of which no play is kept is failed, since nothing shows it. */
export function judgeKept(story: Story, kernel: string, late: boolean, directory = PLAYED): StoryResult {
  const result = judgeOne(story, kernel, late, directory);
  const { outcome, complaints, seconds } = result;
  const told = `${story.name} on ${kernel}, as it was kept: ${outcome} after ${seconds.toFixed(0)} s`;
  say([told, ...complaints].join('\n       '));
  return result;
}

function judgeOne(story: Story, kernel: string, late: boolean, directory: string): StoryResult {
  const started = performance.now();
  const about = { story: story.name, kernel };
  const reason = whyNotOn(story, kernel, late);
  if (reason !== null) {
    return { ...about, outcome: 'cannot-play', complaints: [reason], seconds: 0, recording: undefined };
  }
  const traced = readKept(join(directory, stemOf({ name: story.name, kernel, late })));
  if (traced === null) {
    const complaints = ['no play of it is kept: play it first, without --kept'];
    return { ...about, outcome: 'failed', complaints, seconds: 0, recording: undefined };
  }
  const { recording } = traced;
  const verdict = verdictOn(story, { traced, recording, kernel, late });
  return { ...about, ...verdict, seconds: (performance.now() - started) / 1000, recording };
}

/** What `keepPlayed` wrote; null when it has not. */
function readKept(stem: string): Traced | null {
  const path = (extension: string): string => `${stem}.${extension}`;
  const read = (extension: string): string =>
    existsSync(path(extension)) ? readFileSync(path(extension), 'utf8') : '';
  if (!existsSync(path('ended.json'))) return null;
  const { exitCode, timedOut } = JSON.parse(read('ended.json')) as Pick<Traced, 'exitCode' | 'timedOut'>;
  const stdout = read('truth.ndjson');
  const recording = existsSync(path('ndjson.gz')) ? path('ndjson.gz') : undefined;
  const traced: Traced = { exitCode, timedOut, stdout, stderr: read('stderr'), recording };
  const json = read('json');
  if (json === '') return traced;
  const asked = {
    target: targetIn(stdout),
    exitCode: 0,
    json,
    text: textOf(json),
    stderr: read('who.stderr'),
  };
  return { ...traced, asked };
}
