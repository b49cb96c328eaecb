// Loaded before the blocks of a page: every host that a page names is played by the simulator, and nothing leaves this machine.
const { SIMULATOR } = process.env;
const real = globalThis.fetch;

/** What a page's provider serves, by the end of its path; Azure names the deployment before it. */
const served = (path) => path.replace(/^.*?\/(?:v1|openai(?:\/deployments\/[^/]+)?)\//, '/');

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const { hostname, pathname } = new URL(request.url);
  if (hostname === '127.0.0.1') return real(input, init);
  // Those who are told of alerts.
  if (!/\/(?:v1|openai)\//.test(pathname)) return Response.json({ ok: true });
  return real(`${SIMULATOR}${served(pathname)}`, init ?? request);
};
