// Who made a model, by its name: a model never judges work of its own family. A table; `family` in house.toml overrides it.
const makers: readonly [family: string, name: RegExp][] = [
  ['mistral', /\b(?:mistral|mixtral|devstral|codestral|ministral|magistral|pixtral)/],
  ['openai', /\b(?:gpt|chatgpt|codex|o[134](?:-|$)|openai)/],
  ['anthropic', /\b(?:claude|anthropic)/],
  ['google', /\b(?:gemini|gemma|codegemma)/],
  ['qwen', /\b(?:qwen|qwq|qwopus)/],
  ['meta', /\b(?:llama|codellama)/],
  ['deepseek', /\bdeepseek/],
  ['moonshot', /\b(?:kimi|moonshot)/],
  ['zhipu', /\b(?:glm|zhipu|z-ai)/],
  ['xai', /\bgrok/],
  ['microsoft', /\b(?:phi|orca)(?:-|\d)/],
  ['nvidia', /\bnemotron/],
  ['ibm', /\bgranite/],
  ['cohere', /\b(?:command|cohere|aya)/],
  ['minimax', /\bminimax/],
]

/** The family told, else by the name sent to the endpoint, else the name itself without size and version. */
export function familyOf(model: { name: string; model: string; family?: string | null | undefined }): string {
  if (model.family) return model.family.toLowerCase()
  const names = [model.model, model.name].map((name) => name.toLowerCase())
  const known = makers.find(([, pattern]) => names.some((name) => pattern.test(name)))
  return known?.[0] ?? (/[a-z]+/.exec(names[0]?.replace(/^.*\//, '') ?? '')?.[0] || (names[0] ?? ''))
}
