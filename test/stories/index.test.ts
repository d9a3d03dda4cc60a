/** Every workload is in the index, played or pending with its reason, and every story has its workload. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pending, stories } from './index.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const listed = [...stories, ...pending].map((story) => story.name);

test('no story is listed twice', () => {
  assert.deepEqual(listed, [...new Set(listed)]);
});

test('every workload is played or pending', () => {
  const workloads = readdirSync(here)
    .filter((name) => name.endsWith('.c'))
    .map((name) => name.slice(0, -'.c'.length));
  assert.deepEqual(
    workloads.filter((name) => !listed.includes(name)),
    [],
  );
});

test('every story with a conclusion has a workload', () => {
  const judged = [...stories.map(({ name }) => name), ...pending.flatMap(({ story }) => story?.name ?? [])];
  assert.deepEqual(
    judged.filter((name) => !existsSync(`${here}${name}.c`)),
    [],
  );
});

test('every pending story says why', () => {
  assert.ok(pending.every(({ reason }) => reason.length > 10));
});
