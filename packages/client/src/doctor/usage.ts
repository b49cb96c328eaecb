/** What `--help` prints. */
export const USAGE = `npx breakwater doctor [flags]

Looks at every endpoint of a configuration: its options, the way there, TLS, each key, the models, how fast
it is, the limits that it tells of; and says what to fix.

  -c, --config <file>   the configuration; default: the first router.config.{mjs,js,ts,mts,cjs,json} here
      --model <name>    the model to look for, and to ask; default: those that endpoints name
      --ask             asks one model of each endpoint for an answer and for a stream. That costs money,
                        a few words for each, so it is not done by itself
      --timeout <ms>    for a single request; default 10000. All of it ends within six times that
      --json            prints what was found as JSON
  -h, --help            prints this

Ends with 0 when all is well, 1 when there is something to fix, 2 for a wrong flag or configuration.
`;
