// Which package manager a JavaScript project uses and how it is called: one table.

import { hasCommand, jsonIn, type Place, textIn } from './detection.ts'
import { parse as parseSemver } from './version.ts'

export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'berry' | 'bun'

interface Manager {
  binary: string
  lockfiles: string[]
  /** Installs exactly what the lockfile says, and writes nothing into the tree. */
  install: string
  /** The same where there is no lockfile. */
  installLoose: string
  /** Runs a script with more arguments. */
  run(script: string, more: string): string
  /** Runs an installed tool. */
  exec: string
  /** npm package that brings the manager itself, where neither it nor corepack is installed. */
  package: string
}

export const managers: Record<ManagerName, Manager> = {
  npm: {
    binary: 'npm',
    lockfiles: ['package-lock.json', 'npm-shrinkwrap.json'],
    install: 'ci --no-audit --no-fund',
    installLoose: 'install --no-package-lock --no-audit --no-fund',
    run: (script, more) => `run ${script}${more && ` -- ${more}`}`,
    exec: 'exec --no --',
    package: 'npm',
  },
  pnpm: {
    binary: 'pnpm',
    lockfiles: ['pnpm-lock.yaml'],
    install: 'install --frozen-lockfile --prefer-offline',
    installLoose: 'install --no-lockfile',
    run: (script, more) => `run ${script}${more && ` ${more}`}`,
    exec: 'exec',
    package: 'pnpm',
  },
  yarn: {
    binary: 'yarn',
    lockfiles: ['yarn.lock'],
    install: 'install --frozen-lockfile --non-interactive --prefer-offline',
    installLoose: 'install --no-lockfile --non-interactive',
    run: (script, more) => `run ${script}${more && ` ${more}`}`,
    exec: 'run --silent',
    package: 'yarn',
  },
  berry: {
    binary: 'yarn',
    lockfiles: ['yarn.lock'],
    install: 'install --immutable',
    installLoose: 'install',
    run: (script, more) => `run ${script}${more && ` ${more}`}`,
    exec: 'exec',
    package: '@yarnpkg/cli-dist',
  },
  bun: {
    binary: 'bun',
    lockfiles: ['bun.lock', 'bun.lockb'],
    install: 'install --frozen-lockfile',
    installLoose: 'install --no-save',
    run: (script, more) => `run ${script}${more && ` ${more}`}`,
    exec: 'x --no-install',
    package: 'bun',
  },
}

export interface FoundManager {
  name: ManagerName
  /** File that says so. */
  from: string
  lockfile: string | null
  /** How the manager is called on this machine. */
  command: string
}

/** The manager of a folder with a package.json: by `packageManager`, else by lockfile, else npm. */
export async function findManager(place: Place): Promise<FoundManager> {
  const manifest = (await jsonIn(place, 'package.json')) ?? {}
  const declared = /^(npm|pnpm|yarn|bun)@(\d[^+]*)/.exec(String(manifest.packageManager ?? ''))
  const name = declared ? await declaredName(declared) : await nameByLockfile(place)
  const lockfile = managers[name].lockfiles.find((file) => place.names.has(file)) ?? null
  const from = declared ? 'package.json' : (lockfile ?? 'package.json')
  return { name, from, lockfile, command: await commandOf(place, name, declared?.[2] ?? null) }
}

const declaredName = async ([, name, version]: RegExpExecArray): Promise<ManagerName> =>
  name === 'yarn' && (parseSemver(version!)?.major ?? 1) >= 2 ? 'berry' : (name as ManagerName)

async function nameByLockfile(place: Place): Promise<ManagerName> {
  for (const name of ['pnpm', 'bun', 'yarn', 'npm'] as const) {
    if (!managers[name].lockfiles.some((file) => place.names.has(file))) continue
    if (name !== 'yarn') return name
    return /^__metadata:/m.test(await textIn(place, 'yarn.lock')) ? 'berry' : 'yarn'
  }
  return 'npm'
}

/** The manager itself where it is installed, else through corepack, else through npm. */
async function commandOf(place: Place, name: ManagerName, version: string | null): Promise<string> {
  const { binary, package: packageName } = managers[name]
  if (name === 'berry') {
    const own = /^yarnPath:\s*["']?([^\s"']+)/m.exec(await textIn(place, '.yarnrc.yml'))?.[1]
    if (own) return `node ${own}`
  }
  if (await hasCommand(binary)) return binary
  if (name !== 'bun' && (await hasCommand('corepack'))) return `corepack ${binary}`
  const pinned = version ? `${packageName}@${version}` : packageName
  return `npm exec --yes --package=${pinned} -- ${binary}`
}
