// Which endpoint a contender's model is: house.toml first, then models of one's own. Read anew, so no restart is needed.
import { type Contender, Refusal } from '@seatrial/protocol'
import type { ModelEndpoint } from './gateway/gateway.ts'
import { readHouseToml, readSecret } from './project/house-toml.ts'

export interface Endpoints {
  /** Null when the contender names no model; refused when it is unknown or its key cannot be read. */
  endpointOf(contender: Contender): Promise<ModelEndpoint | null>
}

/** Models served by the house itself; started when one is asked for. */
export interface LocalModels {
  endpointFor(name: string): Promise<ModelEndpoint | null>
  names(): Promise<string[]>
}

export function openEndpoints(options: {
  housePath: string
  env: Readonly<Record<string, string | undefined>>
  local: LocalModels
}): Endpoints {
  return {
    async endpointOf({ model: name, adapter }) {
      if (name === null) return null
      const { models } = await readHouseToml(options.housePath)
      const found = models[name]
      if (found) {
        const { apiKeyEnv, apiKeyFile, apiKey: _, ...endpoint } = found
        const ref = { env: apiKeyEnv, file: apiKeyFile }
        const apiKey = await readSecret(ref, options.env, options.housePath, `the key of model ${name}`)
        return { ...endpoint, name, apiKey, adapter: adapter ?? endpoint.adapter }
      }
      const local = await options.local.endpointFor(adapter === null ? name : `${name}@${adapter}`)
      if (local) return local
      const known = [...Object.keys(models), ...(await options.local.names())].join(', ') || 'none is configured yet'
      throw new Refusal(
        'not_found',
        `There is no model ${name} (${known}); add it to ${options.housePath} or pull one with \`seatrial models\`.`,
      )
    },
  }
}
