/** What `--help` prints. */
export const USAGE = `npx breakwater-dashboard [flags]

Serves a page of the endpoints of a configuration: whether they are well and how far they are, as probes
from this machine find them (GET /models, which is not billed). The calls of another process are not on it:
there serveDashboard(client) shows them.

  -c, --config <file>   the configuration; default: the first router.config.{mjs,js,ts,mts,cjs,json} here
      --port <number>   where to listen; 0 takes any that is free; default 4400
      --host <name>     default 127.0.0.1; anything but loopback needs a token
      --token <text>    who wants to see the page brings it; default: BREAKWATER_DASHBOARD_TOKEN of the
                        environment, which others on this machine cannot read
      --allow-control   the page has buttons that open and close breakers, of its own client alone
  -h, --help            prints this

Ends with 0 on Ctrl-C, 1 when it cannot listen, 2 for a wrong flag or configuration.
`;
