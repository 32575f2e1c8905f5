// Opens the room: everything the house needs of models, with nothing running until a model is asked for.
import { type EngineOptions, openServing, type Serving, shelfOf } from './engine.ts'
import { type ImportInput, importModel } from './shelf/import.ts'
import type { Installed, Shelf } from './shelf/shelf.ts'

export type { Endpoint, EngineOptions } from './engine.ts'

export interface Engine extends Serving {
  shelf: Shelf
  import(input: ImportInput): Promise<Installed>
}

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const shelf = shelfOf(options.dataDir)
  const serving = openServing(shelf, options)
  return { ...serving, shelf, import: (input) => importModel(shelf, input) }
}
