// Models of one's own in this house: the engine is loaded at the first call that needs it, never before.

import type { Engine, EngineOptions } from '@seatrial/engine'
import type { AgentCard, TuneExample } from '@seatrial/protocol'
import type { modelRoutes } from '@seatrial/protocol/api'
import type { LocalModels } from './endpoints.ts'
import type { Handlers } from './http/handlers.ts'
import { modelHandlers } from './http/models.ts'
import type { HouseToml } from './project/house-toml.ts'

export interface HouseModels {
  handlers: Handlers<typeof modelRoutes>
  /** For the gateway: a model, or `model@adapter`, at the engine's own endpoint. */
  local: LocalModels
  /** The engine, opened now if it was not: pictures in words, for agents that cannot see. */
  engine(): Promise<Engine>
  close(): Promise<void>
}

export function openModels(options: {
  engine: EngineOptions
  agents(): Promise<AgentCard[]>
  decisions(): Promise<TuneExample[]>
}): HouseModels {
  let opened: Promise<Engine> | null = null
  const engine = (): Promise<Engine> => {
    opened ??= import('@seatrial/engine').then(({ openEngine }) => openEngine(options.engine))
    return opened
  }
  return {
    engine,
    handlers: modelHandlers({
      engine,
      agents: options.agents,
      decisions: options.decisions,
      exportTuning: async (examples, input) => (await import('@seatrial/engine')).exportTuning(examples, input),
    }),
    local: {
      async endpointFor(name) {
        const room = await engine()
        if (!(await room.has(name))) return null
        const found = await room.endpointFor(name)
        return { ...found, provider: null, free: true, worn: null }
      },
      names: async () =>
        (await (await engine()).models()).filter(({ state }) => state !== 'available').map(({ name }) => name),
    },
    async close() {
      await (await opened?.catch(() => null))?.close()
    },
  }
}

/** The engine's settings as house.toml has them; what is left out there is left to the engine. */
export function engineSettings(toml: HouseToml): Partial<EngineOptions> {
  const { llamaServer, idleMinutes, memoryGb, ...plain } = toml.engine
  const given = {
    ...plain,
    mirror: toml.house.modelMirror,
    idleMs: idleMinutes === null ? null : idleMinutes * 60_000,
    memory: memoryGb === null ? null : memoryGb * 2 ** 30,
  }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  return llamaServer === null ? known : { ...known, llamaServer: llamaServer === false ? null : llamaServer }
}

/** What engines need of the house's environment: where libraries are, and which GPU to use. Never a key. */
const passedOn = ['PATH', 'HOME', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'HIP_VISIBLE_DEVICES', 'VK_ICD_FILENAMES']

export function engineEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
