/** What `who` is asked, about one file or about all, and the answer: in words and as JSON. */
import { cleanName, plural } from '../base/text.ts';
import type { InodeKey } from '../event/event.ts';
import type { FileSummary, NotCovered, PinBalance, WhoAnswer } from '../model/answer.ts';
import { coverage, fileSummaries, type Model, pinBalance, whoAnswer } from '../model/model.ts';
import { pinBalanceText, whoText } from '../report/who-text.ts';
import { print, printJson } from './output.ts';

/** Asks a model. */
export type Question = (model: Model) => Answer;

export interface Answer {
  readonly files: readonly WhoAnswer[];
  readonly text: string;
  readonly json: unknown;
}

/** Asks about one file. Doubts about its numbers are doubts about the answer. */
export function askAbout(key: InodeKey, doubts: readonly string[] = []): Question {
  return (model) => {
    const answer = withDoubts(whoAnswer(model, key), doubts);
    return { files: [answer], text: toText(answer), json: answer };
  };
}

/** Asks about each file that is pinned or waited for, worst first. */
export const askAboutAll: Question = (model) => {
  const files = fileSummaries(model)
    .filter(isPinnedOrWaitedFor)
    .map((summary) => ({ summary, answer: whoAnswer(model, summary.key) }))
    .sort((one, other) => compareTrouble(other, one))
    .map(({ answer }) => answer);
  const { not_covered } = coverage(model);
  const pin_balance = pinBalance(model);
  const closing = closingLine(files.length, pin_balance);
  const blocks = files.length === 0 ? [closing + gapLines(not_covered)] : [...files.map(toText), closing];
  return { files, text: blocks.join('\n'), json: { files, pin_balance, not_covered } };
};

/** Prints an answer, as JSON or in words. */
export async function printAnswer({ text, json }: Answer, asJson: boolean): Promise<void> {
  if (asJson) await printJson(json);
  else await print(text);
}

/** Whether a file of the answer is waited for now. */
export function isWaitedFor({ operations }: WhoAnswer): boolean {
  return operations.some(({ state }) => state === 'waiting');
}

function withDoubts(answer: WhoAnswer, doubts: readonly string[]): WhoAnswer {
  if (doubts.length === 0) return answer;
  const certainty = answer.certainty === 'definite' ? 'likely' : answer.certainty;
  return { ...answer, certainty, reasons: [...doubts, ...answer.reasons] };
}

function isPinnedOrWaitedFor({ pins, waiting }: FileSummary): boolean {
  return pins > 0 || waiting.length > 0;
}

interface Candidate {
  readonly summary: FileSummary;
  readonly answer: WhoAnswer;
}

/** Waited for, then pages that are no file's any more, then how much is pinned. */
function compareTrouble(one: Candidate, other: Candidate): number {
  return (
    Number(isWaitedFor(one.answer)) - Number(isWaitedFor(other.answer)) ||
    Number(isLostPages(one.answer)) - Number(isLostPages(other.answer)) ||
    one.summary.pinnedBytes - other.summary.pinnedBytes
  );
}

/** Pages that are no file's any more are told of under inode 0 of their device. */
function isLostPages({ target }: WhoAnswer): boolean {
  return target.ino === 0;
}

function closingLine(count: number, balance: PinBalance | null): string {
  const what =
    count === 0 ? 'no file is pinned or waited for' : `${plural(count, 'file')} pinned or waited for`;
  const compared = pinBalanceText(balance);
  return compared === null ? `${what}\n` : `${what}; ${compared}\n`;
}

function gapLines(gaps: readonly NotCovered[]): string {
  return gaps.map(({ path, reason }) => `  not seen  ${path}: ${cleanName(reason)}\n`).join('');
}

/** Broken into lines for a terminal; one line for each fact where a program reads. */
function toText(answer: WhoAnswer): string {
  const width = process.stdout.columns;
  return whoText(answer, width === undefined ? {} : { width });
}
