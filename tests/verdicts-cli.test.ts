// The commands of verdicts as people type them: real processes, data on stdout, documented exit codes.
import { existsSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leaks, makeRepo, removeRepo, scriptedPrompt, unmountBelow } from './house.ts'

const bin = resolve(import.meta.dirname, '../cli/bin/seatrial.mjs')
const dossiers = resolve(import.meta.dirname, '../server/verdicts/dossiers')
const example = 'cursor-background-agent-vs-mistral-small-3-1'
let home = ''
let repo = ''

const seatrial = (...args: string[]) =>
  execa(process.execPath, [bin, ...args], {
    cwd: repo,
    reject: false,
    env: { SEATRIAL_HOME: home, SEATRIAL_PORT: '0', SEATRIAL_WORKERS: '2', NO_COLOR: '1' },
  })
/** What it says when all is well. */
async function told(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await seatrial(...args)
  expect(`${exitCode} ${exitCode === 0 ? '' : stderr}`).toBe('0 ')
  return stdout
}

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'verdicts-cli-')))
  repo = await makeRepo({ 'a.txt': 'a\n' })
})
afterAll(async () => {
  await seatrial('down')
  const left = leaks(home)
  await unmountBelow(home)
  await rm(home, { recursive: true, force: true })
  await removeRepo(repo)
  expect(left).toEqual([])
})

test('compare, vote, explain, plan, publish and export the built-in pair', async () => {
  const compared = await seatrial('compare', 'mistral-small-3-1', 'cursor-background-agent')
  expect(compared.stdout).toContain('TOO EARLY (opinion, not evidence)')
  expect(compared.stdout).toMatch(/^category +Background coding agent +Open-weight multimodal model$/m)
  expect(compared.stdout).toMatch(/^community +- +-$/m)
  expect(compared.stderr).toContain(`/compare/${example}`)
  expect(JSON.parse(await told('--json', 'compare', 'mistral-small-3-1', 'cursor-background-agent'))).toMatchObject({
    schemaVersion: 1,
    comparison: { slug: example, kind: 'dossiers' },
  })
  const vote = await told('vote', example)
  expect(vote).toContain('Community: -')
  expect(vote).toContain(`/compare/${example}/vote`)
  expect(await told('verdict', 'list')).toMatch(new RegExp(`^${example} +TOO EARLY`, 'm'))
  expect(await told('verdict', 'explain', example)).toMatch(/Version 1, inputs [0-9a-f]{12}: reproduced bit for bit\.$/)
  expect(await told('verdict', 'plan', example)).toContain('Give both the same tasks here')
  await told('verdict', 'publish', example, '--off')
  await told('verdict', 'publish', example)

  const folder = join(repo, 'out')
  expect(await told('verdict', 'export', example, folder)).toContain('index.html, style.css, comparison.json, og.png')
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  expect(page).toContain('href="style.css"')
  expect(page).not.toMatch(/(?:href|src)="\//)
  expect(JSON.parse(await readFile(join(folder, 'comparison.json'), 'utf8'))).toMatchObject({ slug: example })
  const again = await seatrial('verdict', 'export', example, folder)
  expect([again.exitCode === 0, again.stderr]).toEqual([false, expect.stringContaining('exists already')])
})

test('what makes no sense is refused in a sentence with its exit code', async () => {
  const refused: [string[], number, RegExp][] = [
    [['compare', 'mistral-small-3-1', 'mistral-small-3-1'], 2, /cannot be compared with itself/],
    [['compare', 'mistral-small-3-1', 'nobody'], 4, /Nothing here is called nobody/],
    [['verdict', 'explain', 'no-vs-where'], 4, /no comparison no-vs-where/],
    [['verdict', 'explain', example, '--at', '9'], 4, /no version 9/],
    [['verdict', 'dossier', 'missing.toml'], 2, /missing\.toml cannot be read/],
    [['digest', 'webhook', 'no-address'], 2, /./],
  ]
  for (const [args, code, why] of refused) {
    const { exitCode, stderr, stdout } = await seatrial(...args)
    expect([args, exitCode, stdout]).toEqual([args, code, ''])
    expect(stderr).toMatch(why)
  }
})

test('a dossier of one’s own is entered, compared, and told in the digest once', async () => {
  const toml = readFileSync(join(dossiers, 'mistral-small-3-1.toml'), 'utf8')
  await writeFile(join(repo, 'bad.toml'), toml.replace(/source = .*\n/, ''))
  const bad = await seatrial('verdict', 'dossier', 'bad.toml')
  expect(bad.exitCode).not.toBe(0)
  expect(bad.stderr).toContain('price_source: must be a web address')
  await writeFile(
    join(repo, 'own.toml'),
    toml.replaceAll('mistral-small-3-1', 'own').replace(/^name = .*$/m, 'name = "Own"'),
  )
  expect(await told('verdict', 'dossier', 'own.toml')).toContain('Own is entered as own')
  await told('compare', 'own', 'cursor-background-agent')

  expect(await told('digest')).toContain('Cursor Background Agent or Own: TOO EARLY (new)')
  expect(await told('digest', 'subscribe', 'reader@example.org')).toContain(
    'nothing else is sent before it is followed',
  )
  const [letter = ''] = await readdir(join(home, 'outbox'))
  expect(letter).toMatch(/^_confirm\..*\.eml$/)
  expect(await told('digest', 'webhook', 'http://127.0.0.1:9/hook')).toMatch(/Secret, shown once: whsec_/)
  const readers = await told('digest', 'readers')
  expect(readers).toMatch(/^m-\w+ +mail +reader@example.org +pending$/m)
  const hook = /^(m-\w+) +webhook/m.exec(readers)?.[1] ?? ''
  expect(await told('digest', 'readers', '--end', hook)).not.toContain('webhook')
  expect(await told('digest', 'send')).toMatch(/^Week \d{4}-W\d\d is closed and went to 0 readers\.$/)
  expect(await told('digest', 'send')).toContain('Nothing new')
  expect(await told('digest')).toContain('no digest would be sent')
})

test('two contenders on one task: pick, panel, compare by trial and by contender, ratings, recompute', async () => {
  const write = scriptedPrompt('Add b', [{ do: 'write', path: 'b.txt', text: 'b\n' }])
  // The second one takes exact sentences only, so that it ends without a change.
  const run = await seatrial('run', '--agent', 'scripted', '--agent', 'refactor', write)
  expect(run.stderr).not.toContain('Error')
  const id = run.stdout.trim()
  await seatrial('watch', id)
  const { task } = JSON.parse(await told('--json', 'show', id)) as {
    task: { trials: { id: string; contender: string; state: string }[] }
  }
  const trialOf = (name: string) => task.trials.find(({ contender }) => contender === name)
  const [good, bad] = [trialOf('scripted'), trialOf('refactor')]
  expect([good?.state, bad?.state]).toEqual(['ready', 'failed'])
  expect(await told('pick', id)).toContain(good?.id)
  expect(await told('panel', id)).toMatch(/builder: \w+[\s\S]*Would change its mind: [\s\S]*record/i)
  expect(await told('panel', id, '--trial', good?.id ?? '')).toContain('independent votes')
  const trials = await told('compare', good?.id ?? '', bad?.id ?? '')
  expect(trials).toMatch(/^LEAN scripted/)
  expect(trials).toMatch(/^cost +/m)
  const pair = await told('compare', 'scripted', 'refactor')
  expect(pair).toContain('share 1 task: that decides nothing yet')
  const slug = 'refactor-vs-scripted'
  expect(await told('verdict', 'recompute', slug)).toContain('0-1 on 1 shared task')
  expect(await told('verdict', 'explain', slug)).toContain('The runs say the same today.')
  expect(await told('verdict', 'plan', slug)).toContain(
    'At the soonest after 6 more tasks, if scripted wins every one.',
  )
  expect(await told('verdict', 'ratings')).toMatch(/^1 +refactor +-1\.\d+ +\? to \? +1$/m)
  expect(existsSync(join(repo, 'b.txt'))).toBe(false)
})
