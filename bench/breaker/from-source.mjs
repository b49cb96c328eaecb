// Lets `node --import` run the breaker's sources as they stand: Node takes the types away by itself, but does not know that an import
// of `./machine.js` means `./machine.ts`. So nothing has to be built, and parts that no package exports can be measured too.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = specifier.startsWith('.') && context.parentURL?.includes('/packages/core/src/');
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
