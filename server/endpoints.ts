// Which endpoint a contender's model is: house.toml first, then models of one's own. Read anew, so no restart is needed.
import type { RemoteModel } from '@seatrial/engine'
import { type Contender, Refusal } from '@seatrial/protocol'
import type { ModelEndpoint, Worn } from './gateway/gateway.ts'
import { baseOf } from './gateway/upstream.ts'
import { type HouseModel, readHouseToml, readSecret } from './project/house-toml.ts'

export interface Endpoints {
  /** Null when the contender names no model; refused when it is unknown or its key cannot be read. */
  endpointOf(contender: Contender): Promise<ModelEndpoint | null>
}

/** Models served by the house itself; started when one is asked for. */
export interface LocalModels {
  endpointFor(name: string): Promise<ModelEndpoint | null>
  names(): Promise<string[]>
}

/** How servers name a model that wears an adapter. */
const wearing: Record<HouseModel['adapterAs'], (model: string, adapter: string) => string> = {
  name: (_, adapter) => adapter,
  colon: (model, adapter) => `${model}:${adapter}`,
  at: (model, adapter) => `${model}@${adapter}`,
}

/**
 * How a server is told what a request wears. A llama-server lays all it has loaded over requests that do not mention
 * them, so it is always told of each. Refuses an adapter that such a server was not said to have.
 */
function wornOf(name: string, { model, adapterAs, lora }: HouseModel, adapter: string | null): Worn | null {
  const loaded = Object.entries(lora)
  if (loaded.length === 0) return adapter === null ? null : { model: wearing[adapterAs](model, adapter), fields: {} }
  if (adapter !== null && !Object.hasOwn(lora, adapter)) {
    const known = Object.keys(lora).join(', ')
    throw new Refusal(
      'not_found',
      `Model ${name} has no adapter ${adapter} (${known}); name it in [models.${name}.lora].`,
    )
  }
  return { model, fields: { lora: loaded.map(([own, id]) => ({ id, scale: own === adapter ? 1 : 0 })) } }
}

interface House {
  housePath: string
  env: Readonly<Record<string, string | undefined>>
}

const keyOf = ({ housePath, env }: House, name: string, { apiKeyEnv, apiKeyFile }: HouseModel) =>
  readSecret({ env: apiKeyEnv, file: apiKeyFile }, env, housePath, `the key of model ${name}`)

/** The models of house.toml that speak OpenAI's chat, as the engine's own endpoint reaches them. */
export async function remoteModels(house: House): Promise<RemoteModel[]> {
  const { models } = await readHouseToml(house.housePath)
  return Object.entries(models)
    .filter(([, { wire }]) => wire === 'openai-chat')
    .map(([name, model]) => ({
      name,
      baseUrl: baseOf(model),
      apiKey: () => keyOf(house, name, model),
      model: model.model,
      wear: (adapter) => {
        const worn = wornOf(name, model, adapter ?? model.adapter)
        return worn === null ? {} : { model: worn.model, ...worn.fields }
      },
      contextTokens: model.contextTokens,
      seesImages: model.seesImages,
      // What strict templates insist on harms no other.
      strictRoles: true,
    }))
}

export function openEndpoints(options: House & { local: LocalModels }): Endpoints {
  return {
    async endpointOf({ model: name, adapter }) {
      if (name === null) return null
      const { models } = await readHouseToml(options.housePath)
      const found = models[name]
      if (found) {
        const {
          apiKeyEnv: _,
          apiKeyFile: __,
          apiKey: ___,
          adapterAs: ____,
          adapter: own,
          lora: _____,
          ...endpoint
        } = found
        const worn = wornOf(name, found, adapter ?? own)
        return { ...endpoint, name, apiKey: await keyOf(options, name, found), worn }
      }
      const local = await options.local.endpointFor(adapter === null ? name : `${name}@${adapter}`)
      if (local) return local
      const names = new Set([...Object.keys(models), ...(await options.local.names())])
      const known = [...names].join(', ') || 'none is configured yet'
      throw new Refusal(
        'not_found',
        `There is no model ${name} (${known}); add it to ${options.housePath} or pull one with \`seatrial models\`.`,
      )
    },
  }
}
