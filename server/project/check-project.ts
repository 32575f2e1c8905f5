// What would go wrong with a project's settings on this machine, found before any token is spent.
import { join } from 'node:path'
import type { DoctorFinding, ProjectSettings } from '@seatrial/protocol'
import { execa } from 'execa'
import { commandDirs } from './command-dirs.ts'
import { exists, hasCommand, jsonIn, lookAt, type Place, textIn } from './detect/detection.ts'
import { editorFiles, readJsonc } from './detect/editor.ts'
import { findManager, managers } from './detect/package-manager.ts'
import { satisfies } from './detect/version.ts'

const warn = (sentence: string): DoctorFinding => ({ area: 'project', level: 'warning', sentence })
const fail = (sentence: string): DoctorFinding => ({ area: 'project', level: 'error', sentence })

/** Findings about set-up, checks, tools and files; with nothing wrong, one that says what will run. */
export async function checkProject(path: string, settings: ProjectSettings): Promise<DoctorFinding[]> {
  const place = await lookAt(path, '')
  const findings = [
    ...(await missingCommands(settings)),
    ...(await lockfiles(place, settings)),
    ...(await checks(path, settings)),
    ...(await nodeVersion(place)),
    ...(await carriedFiles(path, settings)),
    ...(await services(path)),
  ]
  if (settings.sandbox === 'off') {
    findings.push(warn('The sandbox is off: whatever an agent runs has the rights of the house.'))
  }
  if (findings.some((one) => one.level === 'error')) return findings
  const names = settings.checks.map((one) => one.name).join(', ')
  const setup = settings.setup.length > 0 ? `is set up by \`${settings.setup.join(' && ')}\`` : 'needs no set-up'
  return [{ area: 'project', level: 'ok', sentence: `The project ${setup}; checks: ${names || 'none'}.` }, ...findings]
}

/** The first word of each part of a command, shell words and variables aside. */
function commandsIn(command: string): string[] {
  const builtin = /^(cd|mkdir|printf|echo|export|test|set|true|exec|if|then|fi|source|\.|\[)$/
  return command.split(/&&|\|\||;|\n/).flatMap((part) => {
    const word = part
      .trim()
      .split(/\s+/)
      .find((one) => !/^\w+=/.test(one))
    return word && /^[\w.+-]+$/.test(word) && !builtin.test(word) ? [word] : []
  })
}

async function missingCommands(settings: ProjectSettings): Promise<DoctorFinding[]> {
  const users = new Map<string, string>()
  for (const command of [...settings.setup, ...settings.checks.map((one) => one.command)]) {
    for (const name of commandsIn(command)) if (!users.has(name)) users.set(name, command)
  }
  const dirs = settings.env.PATH?.split(':') ?? commandDirs
  const findings: DoctorFinding[] = []
  for (const [name, command] of users) {
    if (await hasCommand(name, dirs)) continue
    findings.push(
      fail(
        `\`${name}\` is in none of the folders that trials look in (${dirs.join(', ')}), but \`${command}\` needs it.`,
      ),
    )
  }
  return findings
}

async function lockfiles(place: Place, settings: ProjectSettings): Promise<DoctorFinding[]> {
  if (!(await jsonIn(place, 'package.json'))) return []
  const manager = await findManager(place)
  const there = [...new Set(Object.values(managers).flatMap((one) => one.lockfiles))].filter((name) =>
    place.names.has(name),
  )
  const findings: DoctorFinding[] = []
  const foreign = there.filter((name) => !managers[manager.name].lockfiles.includes(name))
  if (foreign.length > 0 && manager.lockfile === null) {
    const says = `package.json asks for ${managers[manager.name].binary}`
    findings.push(warn(`${says}, but the lockfile is ${foreign.join(' and ')}; installs are not repeatable.`))
  } else if (foreign.length > 0) {
    findings.push(warn(`There are several lockfiles (${there.join(', ')}); ${manager.lockfile} is used.`))
  } else if (there.length === 0 && settings.setup.length > 0) {
    findings.push(warn('There is no lockfile; every base layer may get other versions of its dependencies.'))
  }
  const indirect = settings.setup.some((one) => /^(corepack|npm exec --yes)/.test(one))
  if (indirect) {
    const { binary } = managers[manager.name]
    findings.push(warn(`${binary} is not installed; it is fetched from the registry each time a base layer is built.`))
  }
  return findings
}

async function checks(path: string, settings: ProjectSettings): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = []
  if (settings.checks.length === 0) {
    findings.push(
      warn('No checks were found, so candidates come without evidence; name some in .seatrial/config.toml.'),
    )
  } else if (!settings.checks.some((one) => one.kind === 'test')) {
    findings.push(warn('No test command was found, so whether a candidate breaks something is not measured.'))
  }
  for (const one of settings.checks) {
    if (!(await exists(join(path, one.cwd))))
      findings.push(fail(`Check ${one.name} runs in ${one.cwd}, which does not exist.`))
  }
  return findings
}

async function nodeVersion(place: Place): Promise<DoctorFinding[]> {
  const file = ['.nvmrc', '.node-version'].find((name) => place.names.has(name))
  const manifest = await jsonIn(place, 'package.json')
  const wanted = file ? (await textIn(place, file)).trim() : String(manifest?.engines?.node ?? '')
  if (!/\d/.test(wanted)) return []
  const node = await execa('node', ['--version'], { reject: false, stdin: 'ignore' })
  if (node.failed || satisfies(node.stdout, wanted)) return []
  return [warn(`${file ?? 'package.json'} asks for Node ${wanted}, but ${node.stdout} is what commands will find.`)]
}

/** Ignored `.env` files are not carried unless somebody says so: they hold secrets. */
async function carriedFiles(path: string, settings: ProjectSettings): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = []
  for (const pattern of settings.carry) {
    const plain = !/[*?[{]/.test(pattern)
    if (plain && !(await exists(join(path, pattern)))) {
      findings.push(warn(`${pattern} is to be carried into workspaces, but is not there.`))
    }
  }
  const list = ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z']
  const ignored = await execa('git', ['-c', 'core.fsmonitor=false', ...list], {
    cwd: path,
    reject: false,
    stdin: 'ignore',
  })
  const secret = /(^|\/)\.env(\.(?!example|sample|template|dist)[\w.]+)?$/
  const left = ignored.stdout.split('\0').filter((name) => secret.test(name) && !settings.carry.includes(name))
  if (left.length > 0 && settings.carry.length === 0) {
    findings.push(warn(`${left.join(', ')} will not be in workspaces; if checks need it, name it under \`carry\`.`))
  }
  return findings
}

async function services(path: string): Promise<DoctorFinding[]> {
  const environment = await readJsonc(path, editorFiles.environment)
  const start = environment?.start
  if (typeof start !== 'string' || !start.trim()) return []
  return [
    warn(
      `${editorFiles.environment} starts \`${start}\`; trials do not start it, so checks must start what they need.`,
    ),
  ]
}
