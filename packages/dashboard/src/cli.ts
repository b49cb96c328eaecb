#!/usr/bin/env node
import { run } from './cli/run.js';

const ran = await run(process.argv.slice(2), process.env);
process.stderr.write(ran.error);
if ('exitCode' in ran) {
  const { exitCode } = ran;
  // Not left to end by itself: a configuration may have started something that goes on.
  process.stdout.write(ran.out, () => process.exit(exitCode));
} else {
  const { close } = ran;
  process.stdout.write(ran.out);
  // Neither the page nor its probes keep a process alive.
  setInterval(() => {}, 60_000);
  const end = () => void close().then(() => process.exit(0));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}
