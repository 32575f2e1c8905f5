// The steps that the agent understands, as data.
import { z } from 'zod'

export const Step = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('rename'),
    symbol: z.string(),
    to: z.string(),
    at: z.string().optional(),
    everywhere: z.boolean().optional(),
  }),
  z.object({ do: z.literal('move'), from: z.string(), to: z.string() }),
  z.object({ do: z.literal('rewrite'), pattern: z.string(), replacement: z.string(), within: z.string().optional() }),
  z.object({ do: z.literal('verify') }),
])
export type Step = z.infer<typeof Step>

export const describe = (step: Step): string => {
  switch (step.do) {
    case 'rename':
      return `Rename ${step.symbol}${step.at ? ` at ${step.at}` : ''} to ${step.to}${step.everywhere ? ' everywhere' : ''}`
    case 'move':
      return `Move ${step.from} to ${step.to}`
    case 'rewrite':
      return `Rewrite ${step.pattern} to ${step.replacement}${step.within ? ` in ${step.within}` : ''}`
    case 'verify':
      return "Type-check with the repository's own TypeScript"
  }
}
