#!/usr/bin/env node
import { run } from './cli/run.js';

const ended = await run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
});
if ('exitCode' in ended) process.exitCode = ended.exitCode;
else {
  const close = () => void ended.simulator.close();
  process.once('SIGINT', close);
  process.once('SIGTERM', close);
}
