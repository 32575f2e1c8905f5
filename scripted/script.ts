// What a scripted model says, as data: ordered rules, each with a match and one or several steps.
import { z } from 'zod'

/** A tool call by what it should do; mapped onto whatever tool the calling agent offered for it. */
export const CapabilityCall = z.discriminatedUnion('tool', [
  z.strictObject({ tool: z.literal('read'), path: z.string() }),
  z.strictObject({ tool: z.literal('write'), path: z.string(), text: z.string() }),
  z.strictObject({ tool: z.literal('edit'), path: z.string(), old: z.string(), new: z.string() }),
  z.strictObject({ tool: z.literal('bash'), command: z.string() }),
  z.strictObject({ tool: z.literal('search'), pattern: z.string(), path: z.string().optional() }),
])
export type CapabilityCall = z.infer<typeof CapabilityCall>

/** A tool call by its name; a name that only ends so (`mcp__refactor__rename_symbol`) is found too. */
export const NamedCall = z.strictObject({ name: z.string(), args: z.record(z.string(), z.unknown()).default({}) })
export type NamedCall = z.infer<typeof NamedCall>

export const ScriptedCall = z.union([CapabilityCall, NamedCall])
export type ScriptedCall = z.infer<typeof ScriptedCall>

/** `times`: how often the fault strikes before the step works; without it, once (`slow` and `badjson`: always). */
export const Fault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    retryAfterSeconds: z.number().optional(),
    times: z.number().int().positive().default(1),
  }),
  /** The socket is torn down after so many pieces of the stream. */
  z.strictObject({ kind: z.literal('drop'), after: z.number().int().default(2), times: z.number().int().default(1) }),
  /** The stream ends in good order, but too early. */
  z.strictObject({ kind: z.literal('eof'), after: z.number().int().default(2), times: z.number().int().default(1) }),
  /** No answer at all until the caller goes away. */
  z.strictObject({ kind: z.literal('hang'), times: z.number().int().default(1) }),
  z.strictObject({ kind: z.literal('slow'), msPerToken: z.number(), times: z.number().int().default(Infinity) }),
  /** Arguments of tool calls with a trailing comma. */
  z.strictObject({ kind: z.literal('badjson'), times: z.number().int().default(Infinity) }),
])
export type Fault = z.infer<typeof Fault>

/** Tokens as reported; `input` excludes both cache counts. Null reports none at all. */
export const ScriptedUsage = z.strictObject({
  input: z.number().int().optional(),
  cacheRead: z.number().int().default(0),
  cacheWrite: z.number().int().default(0),
  output: z.number().int().optional(),
})
export type ScriptedUsage = z.infer<typeof ScriptedUsage>

const stepFields = {
  text: z.string().optional(),
  reasoning: z.string().optional(),
  calls: z.array(ScriptedCall).optional(),
  usage: ScriptedUsage.nullable().optional(),
  fault: Fault.optional(),
}
export const Step = z.strictObject(stepFields)
export type Step = z.infer<typeof Step>

/** Every field given must hold. */
export const When = z.strictObject({
  /** The latest user message contains it. */
  lastUser: z.string().optional(),
  /** Some user message contains it; tool results are then counted from the latest such message. */
  user: z.string().optional(),
  /** Some message of any role, the system prompt included, contains it. */
  any: z.string().optional(),
  /** The latest tool result contains it. */
  lastTool: z.string().optional(),
  /** Exactly so many tool results so far. */
  toolResults: z.number().int().optional(),
  /** Whether the conversation holds an image. */
  image: z.boolean().optional(),
  /** Whether tools were offered (agents also make calls without, e.g. for titles). */
  tools: z.boolean().optional(),
  /** The model asked for. */
  model: z.string().optional(),
})
export type When = z.infer<typeof When>

export const Rule = z.strictObject({
  when: When.default({}),
  /** How many requests this rule answers before it is passed over. */
  times: z.number().int().positive().optional(),
  /** Step n answers after n rounds of tool results; the last step answers all later ones. */
  steps: z.array(Step).optional(),
  ...stepFields,
})
export type Rule = z.infer<typeof Rule>

export const Script = z.strictObject({
  /** Directory that relative paths start from; without it, read from what the agent says about itself. */
  cwd: z.string().optional(),
  /** The first rule that matches answers; with none, the text `otherwise`. */
  rules: z.array(Rule),
  otherwise: z.string().default('Scripted: no rule matched.'),
})
export type Script = z.infer<typeof Script>
/** A script as written by hand: defaults may be left out. */
export type ScriptInput = z.input<typeof Script>
