// Where a contender's model is: addresses of house.toml, with adapters as each server names them, then models of one's own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseContender } from '@seatrial/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Endpoints, openEndpoints, remoteModels } from './endpoints.ts'

let folder: string
let housePath: string
let endpoints: Endpoints
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'endpoints-'))
  housePath = join(folder, 'house.toml')
  await writeFile(
    housePath,
    `
[models.box]
base_url = "http://127.0.0.1:8000/v1"
model = "mistralai/Devstral"
api_key_env = "BOX_KEY"
sees_images = true
[models.glang]
base_url = "http://127.0.0.1:8001"
adapter = "ours"
adapter_as = "colon"
[models.llama]
base_url = "http://127.0.0.1:8080/v1"
lora = { first_try = 0, ours = 1 }
[models.opus]
wire = "anthropic"
base_url = "https://models.example.org"
`,
  )
  const local = { endpointFor: async () => null, names: async () => ['box', 'shapes'] }
  endpoints = openEndpoints({ housePath, env: { BOX_KEY: 'k-1' }, local })
})
afterAll(() => rm(folder, { recursive: true }))
const asked = async (contender: string) => {
  const endpoint = await endpoints.endpointOf(parseContender(contender))
  return endpoint?.worn?.model ?? endpoint?.model
}

test('an adapter is asked for as the server there names it', async () => {
  expect(await asked('seatrial+box')).toBe('mistralai/Devstral')
  expect(await asked('seatrial+box@ours')).toBe('ours')
  expect(await asked('seatrial+glang')).toBe('glang:ours')
  expect(await asked('seatrial+glang@other')).toBe('glang:other')
  // Prices know the model, not the adapter.
  expect(await endpoints.endpointOf(parseContender('seatrial+box@ours'))).toMatchObject({
    model: 'mistralai/Devstral',
    apiKey: 'k-1',
  })
})

test('a llama-server is told of each adapter it has, because it wears those that nobody mentions', async () => {
  const worn = async (contender: string) => (await endpoints.endpointOf(parseContender(contender)))?.worn
  const lora = (first: number, second: number) => [
    { id: 0, scale: first },
    { id: 1, scale: second },
  ]
  expect(await worn('seatrial+llama')).toEqual({ model: 'llama', fields: { lora: lora(0, 0) } })
  expect(await worn('seatrial+llama@ours')).toEqual({ model: 'llama', fields: { lora: lora(0, 1) } })
  expect(await worn('seatrial+llama@first_try')).toEqual({ model: 'llama', fields: { lora: lora(1, 0) } })
  await expect(worn('seatrial+llama@toString')).rejects.toThrow(/has no adapter toString \(first_try, ours\)/)
})

test('a model nobody has names each that there is once', async () => {
  await expect(asked('seatrial+nope')).rejects.toThrow('There is no model nope (box, glang, llama, opus, shapes)')
})

test('the engine reaches the same addresses, but only those that speak its language', async () => {
  const models = await remoteModels({ housePath, env: { BOX_KEY: 'k-2' } })
  expect(models.map(({ name, model, seesImages }) => [name, model, seesImages])).toEqual([
    ['box', 'mistralai/Devstral', true],
    ['glang', 'glang', false],
    ['llama', 'llama', false],
  ])
  expect(models[1]?.baseUrl).toBe('http://127.0.0.1:8001/v1')
  expect(await models[0]?.apiKey()).toBe('k-2')
  expect(models[1]?.wear?.('other')).toEqual({ model: 'glang:other' })
  expect(models[1]?.wear?.(null)).toEqual({ model: 'glang:ours' })
  expect(models[2]?.wear?.('ours')).toMatchObject({
    lora: [
      { id: 0, scale: 0 },
      { id: 1, scale: 1 },
    ],
  })
  const [locked] = await remoteModels({ housePath, env: {} })
  await expect(locked?.apiKey()).rejects.toThrow('The variable BOX_KEY with the key of model box is not set.')
})
