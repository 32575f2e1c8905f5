// Credentials of house.toml, as the egress proxy of a project's trials gets them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCredentials } from './credentials.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function credentialsOf(toml: string, project: string) {
  const housePath = join(folder, 'house.toml')
  await writeFile(housePath, toml)
  return openCredentials({ housePath, env: { NPM: 'n-1', GIT: 'g-1' } }).credentialsOf(project)
}

const two = `
[credentials."npm.example.org"]
projects = ["web", "api"]
token_env = "NPM"
[credentials."git.example.org:8443"]
projects = ["web"]
token_env = "GIT"
user = "bot"
write = true
`

test('a project gets its own, in the form its host takes', async () => {
  const header = 'authorization'
  const npm = { host: 'npm.example.org', port: 443, header, value: 'Bearer n-1', write: false }
  const basic = `Basic ${Buffer.from('bot:g-1').toString('base64')}`
  expect(await credentialsOf(two, 'api')).toEqual([npm])
  expect(await credentialsOf(two, 'web')).toEqual([
    npm,
    { host: 'git.example.org', port: 8443, header, value: basic, write: true },
  ])
  expect(await credentialsOf(two, 'other')).toEqual([])
})

test('mistakes are said in a sentence, and a token is never written into the file', async () => {
  const broken = (lines: string) => credentialsOf(`[credentials."npm.example.org"]\n${lines}`, 'web')
  await expect(broken('projects = ["web"]\ntoken = "secret"')).rejects.toThrow(/secrets are not written here/)
  await expect(broken('projects = ["web"]')).rejects.toThrow(/token_env/)
  await expect(broken('projects = []\ntoken_env = "NPM"')).rejects.toThrow(/at least one project/)
  await expect(broken('projects = ["web"]\ntoken_env = "MISSING"')).rejects.toThrow(
    'The variable MISSING with the token of npm.example.org is not set.',
  )
})
