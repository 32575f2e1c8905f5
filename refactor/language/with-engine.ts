// Runs a question on the first language server that can answer it. Each operation gets a fresh server, so none is stale.
import { Refusal } from '@seatrial/protocol'
import type { Engine, StartEngine, TextOf } from './engine.ts'
import { startTs7 } from './ts7.ts'
import { startTsserver } from './tsserver.ts'

/** In order of preference. */
export const engines = { ts7: startTs7, tsserver: startTsserver } satisfies Record<string, StartEngine>
export type EngineName = keyof typeof engines

export type EngineChoice = { root: string; textOf: TextOf; only?: EngineName | undefined }

/** Refusals pass through; any other failure of a server moves on to the next one. */
export async function withEngine<T>(choice: EngineChoice, ask: (engine: Engine) => Promise<T>): Promise<T> {
  const names = choice.only ? [choice.only] : (Object.keys(engines) as EngineName[])
  const failures: string[] = []
  for (const name of names) {
    let engine: Engine | null = null
    try {
      engine = await engines[name](choice.root, choice.textOf)
      return await ask(engine)
    } catch (error) {
      if (error instanceof Refusal) throw error
      failures.push(`${name}: ${(error as Error).message}`)
    } finally {
      await engine?.close()
    }
  }
  throw new Refusal('unavailable', `No language server could answer (${failures.join('; ')}).`)
}
