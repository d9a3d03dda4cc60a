/** The words of `whopins who` at a story's late point: they must name whom the JSON names, and nobody where it is nobody. */
import type { WhoAnswer } from '../../src/model/answer.ts';
import type { Walked } from '../lab/story.ts';
import { textIn } from './truth.ts';
import type { ExpectedWalk } from './walked.ts';

/** What to let go of must name each process that holds, and nobody else's descriptors; a forgotten sleeper is woken. */
export function agreeOnRemedy({ to_free }: WhoAnswer, { holder, waiting }: ExpectedWalk): string[] {
  const named = (holder?.heldBy ?? []).map(({ pid, comm }) => `${comm}[${pid}]`);
  const wanted = waiting?.idle === true ? [...named, 'CONT'] : named;
  const useless = to_free.filter((step) => !wanted.some((word) => step.includes(word)));
  return [
    ...wanted
      .filter((word) => !to_free.some((step) => step.includes(word)))
      .map((word) => `to free: no step names ${word}`),
    ...useless.map((step) => `to free: that would free nothing: ${step}`),
  ];
}

/** The same in words: each process with each of its descriptors; for nobody, just that. */
export function agreeOnWords({ text }: Walked, { holder, waiting }: ExpectedWalk): string[] {
  const lines = text.split('\n');
  const says = (...words: readonly (string | RegExp)[]): boolean =>
    lines.some((line) =>
      words.every((word) => (typeof word === 'string' ? line.includes(word) : word.test(line))),
    );
  const missing = (words: string): string[] => [`the text does not say ${words}: ${text}`];
  return [
    ...(holder?.heldBy ?? []).flatMap(({ pid, comm, fds }) =>
      says(`${comm}[${pid}]`, ...fds.map((fd) => new RegExp(`\\bfds? [^;]*\\b${fd}\\b`)))
        ? []
        : missing(`${comm}[${pid}] ${fds.join(', ')}`),
    ),
    ...(holder === undefined && !says(/\bnobody\b/i) ? missing('nobody') : []),
    ...(waiting === undefined || says(`${textIn(waiting.began, 'comm')}[${waiting.began.pid}]`)
      ? []
      : missing(`that ${waiting.began.pid} waits`)),
    ...(waiting?.idle === true && !says(/STOP\b.*CONT\b/) ? missing('to stop and continue it') : []),
  ];
}
