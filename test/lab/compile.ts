/** Workloads: `test/stories/NAME.c` compiled on the host, kept until its source changes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { obtain, recipeHash, withLock } from './cache.ts';
import { installHostPackages, runHost } from './host.ts';
import { EXIT, LabError } from './messages.ts';
import { REPO } from './paths.ts';

const STORIES = join(REPO, 'test', 'stories');

const COMPILER = ['gcc', '-O1', '-g', '-Wall'] as const;

/** Compiles a story's workload and returns the binary's path; see {@link compileProgram}. */
export async function compileStory(name: string): Promise<string> {
  const source = join(STORIES, `${name}.c`);
  if (!existsSync(source)) throw new LabError(`there is no story '${name}' (${source})`, [], EXIT.wrongUse);
  return compileProgram(source);
}

/**
 * Compiles one program, which may use the stories' headers, and returns the binary's path. It is static, so that it runs
 * with any guest's libc; one whose first lines hold a comment `// link: -lNAME…` is linked dynamically with those
 * libraries instead.
 */
export async function compileProgram(source: string): Promise<string> {
  const name = basename(source, '.c');
  const text = readFileSync(source, 'utf8');
  const link = /^\/\/ link: (.*)$/m.exec(text.split('\n').slice(0, 10).join('\n'))?.[1]?.split(/\s+/);
  const options = link === undefined ? ['-static'] : [];
  const headers = readdirSync(STORIES).filter((file) => file.endsWith('.h'));
  const recipe = recipeHash(
    COMPILER,
    text,
    headers.map((file) => readFileSync(join(STORIES, file), 'utf8')),
  );
  const built = await withLock(async () => {
    await installHostPackages();
    return obtain(`story-${name}`, recipe, async (dir) => {
      await runHost(`compile ${source}`, [
        ...COMPILER,
        ...options,
        '-o',
        join(dir, name),
        source,
        ...(link ?? []),
      ]);
      return {};
    });
  });
  return join(built.dir, name);
}
