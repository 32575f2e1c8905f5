// The agent's own tools.
import { applyPatch } from './tools/apply-patch.ts'
import { bash } from './tools/bash.ts'
import { edit } from './tools/edit.ts'
import { read } from './tools/read.ts'
import { search } from './tools/search.ts'
import type { AgentTool } from './tools/tool.ts'
import { write } from './tools/write.ts'

export const ownTools = [read, search, edit, write, applyPatch, bash] as unknown as readonly AgentTool<unknown>[]
