// How specifiers end: with the file's extension, with the extension of the build output, with none, or as a folder.
import { posix } from 'node:path'

const builtEnding: Record<string, string> = {
  '.ts': '.js',
  '.tsx': '.js',
  '.mts': '.mjs',
  '.cts': '.cjs',
  '.d.ts': '.js',
  '.d.mts': '.mjs',
  '.d.cts': '.cjs',
  '.jsx': '.jsx',
}
const ending = /(?:\.d)?\.[cm]?[jt]sx?$/

export const withoutEnding = (file: string): string => file.replace(ending, '')
export const endingOf = (file: string): string => ending.exec(file)?.[0] ?? ''

/** `target` written the way `before` was written for `meant`: `./a.js` for `a.ts` gives `./b.js` for `b.ts`. */
export function restyle(before: string, meant: string, target: string): string {
  const wrote = endingOf(before)
  const stem = withoutEnding(target)
  if (posix.basename(before) === posix.basename(meant) || (wrote !== '' && wrote === endingOf(meant))) return target
  if (wrote !== '')
    return (
      stem +
      (wrote === '.jsx' && endingOf(target) === '.tsx' ? '.jsx' : (builtEnding[endingOf(target)] ?? endingOf(target)))
    )
  const asFolder = posix.basename(withoutEnding(meant)) === 'index' && !/(?:^|\/)index$/.test(before)
  if (asFolder && posix.basename(stem) === 'index') return posix.dirname(stem)
  return stem
}

export function relativeSpecifier(fromFile: string, target: string): string {
  const path = posix.relative(posix.dirname(fromFile), target)
  if (path === '') return '.'
  return path.startsWith('.') ? path : `./${path}`
}
