#!/usr/bin/env node
/** The whopins command. */
import { runCommandLine } from './commands/command-line.ts';
import { THIS_HOST } from './commands/tracing.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), THIS_HOST);
