// Makes sure that the machine has the programs this project calls. Installs them where it may (Debian, as root),
// otherwise names what is missing in one sentence. `node scripts/prepare-machine.ts [git] [bubblewrap] [btrfs?] ...`
// A question mark marks what can be done without: tests that need it are skipped and say so.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Need {
  /** Any one of these on the PATH is enough. */
  programs: string[]
  /** Debian's package. */
  debian: string
  /** What does not work without it. */
  lost: string
}

const needs: Record<string, Need> = {
  git: { programs: ['git'], debian: 'git', lost: 'nothing works' },
  bubblewrap: { programs: ['bwrap'], debian: 'bubblewrap', lost: 'trials have no sandbox' },
  chromium: { programs: ['chromium', 'google-chrome'], debian: 'chromium', lost: 'browser tests cannot run' },
  postgres: {
    programs: ['/usr/lib/postgresql/*/bin/postgres', 'postgres'],
    debian: 'postgresql',
    lost: 'the suite on PostgreSQL cannot run',
  },
  iproute: { programs: ['ip'], debian: 'iproute2', lost: 'network namespaces cannot be made for tests' },
  curl: { programs: ['curl'], debian: 'curl', lost: 'attacks over HTTP cannot be tried' },
  python: { programs: ['python3'], debian: 'python3', lost: 'some attacks cannot be tried' },
  compiler: { programs: ['gcc', 'cc'], debian: 'gcc', lost: 'one attack cannot be tried' },
  btrfs: { programs: ['mkfs.btrfs'], debian: 'btrfs-progs', lost: 'the snapshot rung cannot be tried' },
  xfs: { programs: ['mkfs.xfs'], debian: 'xfsprogs', lost: 'the reflink rung cannot be tried' },
  fonts: { programs: ['fc-list'], debian: 'fontconfig', lost: 'screenshots have no fonts' },
}

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']

function found(program: string): boolean {
  if (program.startsWith('/')) return spawnSync('sh', ['-c', `ls ${program}`], { stdio: 'ignore' }).status === 0
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const asked = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['git', 'bubblewrap']
const spare = new Set(asked.filter((name) => name.endsWith('?')).map((name) => name.slice(0, -1)))
const wanted = asked.map((name) => name.replace(/\?$/, ''))
const missing = wanted
  .map((name) => {
    const need = needs[name]
    if (!need) throw new Error(`Nobody knows how to prepare ${name}; known are ${Object.keys(needs).join(', ')}.`)
    return { ...need, isSpare: spare.has(name) }
  })
  .filter((need) => !need.programs.some(found))

if (missing.length > 0) {
  const packages = missing.map((need) => need.debian)
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && found('apt-get')
  if (mayInstall) {
    process.stderr.write(`Installing ${packages.join(', ')}…\n`)
    const apt = (...args: string[]): number | null =>
      spawnSync('apt-get', ['-qq', ...args], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }).status
    apt('update')
    apt('install', '-y', '--no-install-recommends', ...packages)
  }
  const still = missing.filter((need) => !need.isSpare && !need.programs.some(found))
  if (still.length > 0) {
    const list = still.map((need) => `${need.debian} (${need.lost} without it)`).join(', ')
    process.stderr.write(
      `Please install ${list}; on Debian: sudo apt-get install ${still.map((need) => need.debian).join(' ')}\n`,
    )
    process.exit(1)
  }
}
