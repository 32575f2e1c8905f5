// Descriptors this house got from its own parent and would pass on to every child: doors nobody meant to leave open.
import { openSync, readdirSync, readFileSync } from 'node:fs'

const closeOnExec = 0o2000000

/** Numbers of the open descriptors above standard error that a child would inherit. */
export function leakedDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((number) => number > 2 && isInherited(number))
}

function isInherited(number: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, 'utf8'))?.[1] ?? '0'
    return (Number.parseInt(flags, 8) & closeOnExec) === 0
  } catch {
    // Closed since the list was read.
    return false
  }
}

let nowhere: number | undefined

/** Standard streams for `spawn` in which each leaked descriptor leads nowhere. */
export function sealed<T>(streams: T[], leaked: number[]): (T | 'ignore' | number)[] {
  nowhere ??= openSync('/dev/null', 'r')
  const all: (T | 'ignore' | number)[] = [...streams]
  for (const number of leaked) {
    if (number < streams.length) continue
    while (all.length < number) all.push('ignore')
    all[number] = nowhere
  }
  return all
}
