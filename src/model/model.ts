/**
 * The model's public face: what the dashboards, the reports and the commands use. Everything else in this folder is
 * its inside.
 */
export { advanceClock, coverageOf as coverage } from './coverage.ts';
export { FINDING_IDS, findings, findingsOfFile } from './findings/index.ts';
export { isHandedOver } from './hand-overs.ts';
export { applyEvent } from './reduce.ts';
export { watchEnds } from './select/ended.ts';
export { type Glance, glanceAt } from './select/glance.ts';
export { lastingOf } from './select/lasting.ts';
export { lifeOf } from './select/lives.ts';
export { countFilesTold, reportAnswer } from './select/report.ts';
export { fileSummaries } from './select/summaries.ts';
export { findTarget, pathOfFile } from './select/target.ts';
export { timeline, timelines } from './select/timeline.ts';
export { pinBalance } from './select/walked.ts';
export { whoAnswer } from './select/who.ts';
export { createModel, type Model } from './state.ts';
