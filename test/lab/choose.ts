/** Which stories are played: those of the project, by name or all, from the start or late; what is left out is said. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, LabError, say } from './messages.ts';
import { REPO } from './paths.ts';
import type { Story } from './story.ts';

interface Stories {
  readonly stories: readonly Story[];
  readonly pending: readonly { readonly name: string; readonly reason: string }[];
}

/** The stories of the project, and those that are not judged yet, with the reason. */
export async function loadStories(): Promise<Stories> {
  const index = join(REPO, 'test', 'stories', 'index.ts');
  if (!existsSync(index)) return { stories: [], pending: [] };
  return (await import(index)) as Stories;
}

/** The stories to play; without names, all that can be played so. Throws a LabError for a name that cannot be. */
export function chooseStories(
  { stories, pending }: Stories,
  names: readonly string[],
  late: boolean,
): readonly Story[] {
  for (const name of names) {
    const refusal = refuse({ stories, pending }, name, late);
    if (refusal !== null) throw new LabError(refusal, [], EXIT.wrongUse);
  }
  if (names.length > 0) return stories.filter(({ name }) => names.includes(name));
  for (const { name, reason } of pending) say(`not judged yet: ${name} (${reason})`);
  if (late) return stories.filter((story) => story.late === true);
  for (const { name, lateOnly } of stories)
    if (lateOnly !== undefined) say(`played with --late only: ${name} (${lateOnly})`);
  return stories.filter((story) => story.lateOnly === undefined);
}

/** Why the story of this name cannot be played so; null when it can. */
function refuse({ stories, pending }: Stories, name: string, late: boolean): string | null {
  const reason = pending.find((each) => each.name === name)?.reason;
  if (reason !== undefined) return `${name} is not judged yet: ${reason}`;
  const story = stories.find((each) => each.name === name);
  if (story === undefined)
    return `there is no story ${name}; there are: ${stories.map((each) => each.name).join(', ')}`;
  if (late && story.late !== true)
    return `${name} cannot be played late: nothing in it outlives the process that took it`;
  if (!late && story.lateOnly !== undefined) return `${name} is played with --late only: ${story.lateOnly}`;
  return null;
}

/** Why a story is not played on a pair; null when it is. */
export function whyNotOn({ kernels, lateCannot }: Story, kernel: string, late: boolean): string | null {
  if (!kernels.includes(kernel)) return 'it is not made for this kernel';
  return (late ? lateCannot?.[kernel] : undefined) ?? null;
}
