import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHouseToml, readSecret } from './house-toml.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'house-'))
})
afterAll(() => rm(folder, { recursive: true }))
async function house(text: string) {
  const path = join(folder, 'house.toml')
  await writeFile(path, text)
  return readHouseToml(path)
}

test('no file means the defaults', async () => {
  expect(await readHouseToml(join(folder, 'none.toml'))).toMatchObject({
    models: {},
    house: { host: '127.0.0.1', port: 7420, workers: 2 },
    budget: { dayMicros: null },
    smtp: null,
    oidc: null,
  })
})

test('models become endpoints', async () => {
  const { models, budget, smtp } = await house(`
    [models.devstral_small]
    base_url = "http://127.0.0.1:8080/v1"
    free = true
    context_tokens = 32768
    [models."claude-opus"]
    wire = "anthropic"
    base_url = "https://models.example.org"
    model = "claude-opus-4-7"
    api_key_env = "OPUS_KEY"
    provider = "anthropic"
    sees_images = true
    [budget]
    day_micros = 5_000_000
    [smtp]
    host = "mail.example.org"
    from = "seatrial@example.org"
    password_file = "smtp.secret"
  `)
  expect(models.devstral_small).toEqual({
    wire: 'openai-chat',
    adapterAs: 'name',
    lora: {},
    baseUrl: 'http://127.0.0.1:8080/v1',
    model: 'devstral_small',
    apiKeyEnv: null,
    apiKeyFile: null,
    provider: null,
    free: true,
    contextTokens: 32_768,
    seesImages: false,
    adapter: null,
    note: null,
    maintainers: [],
    family: null,
  })
  expect(models['claude-opus']).toMatchObject({ wire: 'anthropic', model: 'claude-opus-4-7', apiKeyEnv: 'OPUS_KEY' })
  expect(budget.dayMicros).toBe(5_000_000)
  expect(smtp).toMatchObject({ port: 587, passwordFile: 'smtp.secret' })
})

test.each([
  ['[models.a]\nbase_url = "ftp://x"', /house\.toml: `models\.a\.base_url`: must be an http or https address\.$/],
  ['[models.a]', /house\.toml: `models\.a\.base_url`.* must be an http or https address\.$/],
  [
    '[models.a]\nbase_url = "http://x"\napi_key = "sk-1"',
    /`models\.a\.api_key`: secrets are not written here; name a vari/,
  ],
  ['[models.a]\nbase_url = "http://x"\ncontext = 5', /house\.toml: there is no key `context` in \[models\.a\]\.$/],
  ['[models.a]\nbase_url = "http://x"\nwire = "grpc"', /`models\.a\.wire`/],
  ['[models.a]\nbase_url = "http://x"\napi_key_env = "A"\napi_key_file = "b"', /`models\.a`: give `api_key_env` or/],
  ['[house]\nport = "80"', /house\.toml: `house\.port`: must be number, received string\.$/],
  ['[house]\nport = ', /house\.toml, line 2: /],
  ['[smpt]', /house\.toml: there is no key `smpt`\.$/],
])('a mistake is one sentence naming file and key: %s', async (text, sentence) => {
  const error = await house(text).catch((thrown) => thrown)
  expect(error).toMatchObject({ name: 'Refusal', code: 'unprocessable' })
  expect(error.message).toMatch(sentence)
  expect(error.message).not.toContain('\n')
  expect(error.message).not.toContain('sk-1')
})

test('secrets come from the named variable or file only', async () => {
  const path = join(folder, 'house.toml')
  await writeFile(join(folder, 'key'), 'from file\n')
  const read = (ref: { env: string | null; file: string | null }) =>
    readSecret(ref, { KEY: 'from env' }, path, 'the key')
  expect(await read({ env: 'KEY', file: null })).toBe('from env')
  expect(await read({ env: null, file: 'key' })).toBe('from file')
  expect(await read({ env: null, file: null })).toBeNull()
  await expect(read({ env: 'OTHER', file: null })).rejects.toThrow('The variable OTHER with the key is not set.')
  await expect(read({ env: null, file: 'none' })).rejects.toThrow(/none with the key is empty or cannot be read\.$/)
})
