/** `whopins who [PATH]`: one answer. */
import { openRecording } from '../recording/reader.ts';
import { EXIT } from './exit-codes.ts';
import { parseMoment } from './moment.ts';
import { say } from './output.ts';

export interface WhoOptions {
  readonly recording?: string;
  readonly at?: string;
  readonly json: boolean;
}

export async function who(_path: string | null, options: WhoOptions): Promise<number> {
  const moment = options.at === undefined ? null : parseMoment(options.at);
  if (moment !== null && !moment.ok) {
    say(moment.error);
    return EXIT.wrongUse;
  }
  if (options.recording === undefined) {
    say('cannot answer live yet; record with whopins record -o FILE, then ask with --recording FILE');
    return EXIT.cannotTrace;
  }
  const recording = await openRecording(options.recording);
  if (!recording.ok) {
    say(recording.error);
    return EXIT.unreadable;
  }
  throw new Error('the model is not there yet');
}
