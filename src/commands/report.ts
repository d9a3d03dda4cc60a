/** `whopins report FILE`: findings and timelines of a recording. */
import { openRecording } from '../recording/reader.ts';
import { EXIT } from './exit-codes.ts';
import { say } from './output.ts';

export async function report(path: string, _options: { readonly json: boolean }): Promise<number> {
  const recording = await openRecording(path);
  if (!recording.ok) {
    say(recording.error);
    return EXIT.unreadable;
  }
  throw new Error('the model is not there yet');
}
