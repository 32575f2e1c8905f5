// All agents the house knows. Adding one is one file in `catalog/` and one line here.
import { claude } from './catalog/claude.ts'
import { cline } from './catalog/cline.ts'
import { codex } from './catalog/codex.ts'
import { copilot } from './catalog/copilot.ts'
import { gemini } from './catalog/gemini.ts'
import { kimi } from './catalog/kimi.ts'
import { opencode } from './catalog/opencode.ts'
import { pi } from './catalog/pi.ts'
import { qwen } from './catalog/qwen.ts'
import { refactor } from './catalog/refactor.ts'
import { scripted } from './catalog/scripted.ts'
import { seatrial } from './catalog/seatrial.ts'
import type { CatalogEntry } from './entry.ts'

export const catalog: readonly CatalogEntry[] = [
  seatrial,
  refactor,
  opencode,
  codex,
  gemini,
  qwen,
  pi,
  kimi,
  cline,
  claude,
  copilot,
  scripted,
]
