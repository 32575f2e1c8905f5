// Preloaded by every house (house-launch.ts): finds the modules of drizzle-orm without its package.json, which Node would
// parse once for each of them (179 kB, more than a hundred modules, 0.4 s of CPU time).
import { registerHooks } from 'node:module'

const library = '/node_modules/drizzle-orm/'

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL } = context
    const near = specifier.startsWith('.') && parentURL?.includes(library) && parentURL.endsWith('.js')
    return near
      ? { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true }
      : next(specifier, context)
  },
})
