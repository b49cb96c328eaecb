// Runs the modules it is given, one after the other, in one process; says of each what it threw, in the last line.
import { pathToFileURL } from 'node:url';

const LONGEST_MS = 20_000;
const faults = {};
let current = '';
const blame = (error) => {
  faults[current] ??= String(error?.stack ?? error);
};
process.on('unhandledRejection', blame);
process.on('uncaughtException', blame);

for (const file of process.argv.slice(2)) {
  current = file;
  const tooLong = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('it does not come to its end')), LONGEST_MS).unref();
  });
  await Promise.race([import(pathToFileURL(file).href), tooLong]).catch(blame);
}
process.stdout.write(`\n${JSON.stringify(faults)}\n`, () => process.exit(0));
