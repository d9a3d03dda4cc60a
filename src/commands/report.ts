/** `whopins report FILE`: findings, holders and timelines of a recording. */
import { reportAnswer, timelines } from '../model/model.ts';
import { reportText } from '../report/report-text.ts';
import { EXIT } from './exit-codes.ts';
import { exitWhenUnread, print, printJson, say } from './output.ts';
import { readModel } from './recorded-model.ts';
import { exitOnStopSignals } from './signals.ts';

/** Prints the report; returns the exit code. */
export async function report(path: string, options: { readonly json: boolean }): Promise<number> {
  exitOnStopSignals();
  exitWhenUnread();
  const model = await readModel(path);
  if (!model.ok) {
    say(model.error);
    return EXIT.unreadable;
  }
  const answer = reportAnswer(model.value);
  if (options.json) await printJson(answer);
  else await print(reportText(answer, timelines(model.value), model.value.header));
  return EXIT.fine;
}
