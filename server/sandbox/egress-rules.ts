// Which host and port a trial may reach: pure decisions over the configured patterns.
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { type EgressRule, Refusal } from '@seatrial/protocol'
import { egressPresets } from './egress-presets.ts'

/** Ports a pattern without one stands for. */
const usualPorts = [443, 80]

/** The hosts of all presets. Throws `Refusal` for a name that is none. */
export function presetHosts(names: string[]): string[] {
  return names.flatMap((name) => {
    const hosts = Object.hasOwn(egressPresets, name) ? egressPresets[name] : undefined
    if (!hosts)
      throw new Refusal(
        'bad_request',
        `There is no egress preset "${name}"; there are ${Object.keys(egressPresets).join(', ')}.`,
      )
    return hosts
  })
}

/** Name and port of a pattern. */
function split(pattern: string): [name: string, port: string | undefined] {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(pattern.trim().toLowerCase()) ?? []
  return [name, port]
}

/** Does a pattern (`host`, `*.host`, either with `:port`) cover the host and port? `*.host` does not cover `host`. */
export function covers(pattern: string, host: string, port: number): boolean {
  const [name, ownPort] = split(pattern)
  if (ownPort ? Number(ownPort) !== port : !usualPorts.includes(port)) return false
  if (name.startsWith('*.')) return host.endsWith(name.slice(1)) && host.length > name.length - 1 && isIP(host) === 0
  return cleanHost(name) === host
}

/** Is it a pattern that `covers` understands? Without it a typing error would be a rule that never holds. */
export function isPattern(text: string): boolean {
  const [name, port] = split(text)
  // A URL's parser would make a host of an address with a path.
  if (/[/?#@\\\s]/.test(text)) return false
  return cleanHost(name.replace(/^\*\./, '')) !== null && (port === undefined || (+port > 0 && +port < 65_536))
}

/** What is wrong with the settings of a project, as a sentence; null when nothing is. */
export function mistakeIn({ allow, presets }: { allow: string[]; presets: string[] }): string | null {
  const wrong = allow.find((pattern) => !isPattern(pattern))
  if (wrong !== undefined) return `\`egress.allow\`: ${notAHost(wrong)}.`
  const unknown = presets.find((name) => !Object.hasOwn(egressPresets, name))
  if (unknown === undefined) return null
  return `\`egress.presets\`: there is no "${unknown}", but ${Object.keys(egressPresets).join(', ')}.`
}

/** What is wrong with a pattern that is none, without a full stop. */
export const notAHost = (text: string): string =>
  `"${text}" is no host; write it like api.example.org, *.example.org or api.example.org:8443`

/** The pattern that stands for one host and port. */
export function patternOf(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host
  return usualPorts.includes(port) ? name : `${name}:${port}`
}

/** What rules say of a host and port: `never` is stronger, and without a port of its own it means every port. */
export function ruling(rules: EgressRule[], host: string, port: number): EgressRule['verdict'] | null {
  const holds = ({ host: pattern, verdict }: EgressRule): boolean =>
    covers(pattern, host, port) || (verdict === 'never' && covers(`${pattern}:${port}`, host, port))
  const found = rules.filter(holds).map(({ verdict }) => verdict)
  return found.includes('never') ? 'never' : (found[0] ?? null)
}

/** Does a rule answer the question about the host of a `patternOf`? */
export function isAbout(rule: EgressRule, subject: string): boolean {
  const place = readAuthority(subject) ?? readAuthority(`${subject}:${usualPorts[0]}`)
  return place !== null && ruling([rule], place.host, place.port) !== null
}

/** A host in the one form that rules are compared in, or null when it is none. */
export function cleanHost(host: string): string | null {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host.replace(/\.$/, '')
  if (isIP(bare)) return bare.toLowerCase()
  const ascii = domainToASCII(bare)
  return /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(ascii) && ascii.length <= 253 ? ascii : null
}

/** `host:port` as CONNECT names it; null when it is malformed. */
export function readAuthority(authority: string): { host: string; port: number } | null {
  const [, name, digits] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]/@?#\s]+):(\d{1,5})$/.exec(authority) ?? []
  const host = name && cleanHost(name)
  const port = Number(digits)
  return host && port > 0 && port < 65_536 ? { host, port } : null
}
