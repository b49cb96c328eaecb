// Lets plain Node run the sources of the packages, with the major of `openai` that the environment names; no build is needed.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

const packages = new URL('../../../packages/', import.meta.url);
const SOURCES = { breakwater: 'client', '@breakwater/core': 'core', '@breakwater/simulator': 'simulator' };

registerHooks({
  resolve(specifier, context, next) {
    const room = SOURCES[specifier];
    if (room) return next(new URL(`${room}/src/index.ts`, packages).href, context);
    if (/^openai(\/|$)/.test(specifier)) {
      // From here, because the packages know only the major they are developed with.
      const name = specifier.replace('openai', process.env.OPENAI_INSTALLED_AS ?? 'openai');
      return next(name, { ...context, parentURL: import.meta.url });
    }
    if (specifier.startsWith('.') && context.parentURL?.startsWith(packages.href)) {
      // All but one of the sources that are imported as .js are .ts.
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(source)) return next(source.href, context);
    }
    return next(specifier, context);
  },
});
