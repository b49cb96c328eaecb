#!/usr/bin/env node
import { run } from './doctor/run.js';

const { exitCode, out, error } = await run(process.argv.slice(2), process.env);
process.stderr.write(error);
// Not left to end by itself: a configuration may have started something that goes on.
process.stdout.write(out, () => process.exit(exitCode));
