// Takes out of a text what says who wrote it, so that a judge cannot favour its own.

const trailers =
  /\b(?:Co-authored-by|Signed-off-by|Generated[- ](?:by|with)|Authored-by|Assisted-by|Reviewed-by)\b.*$/gim
const emails = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g
/** Makers and models that text tends to name. */
const makers =
  /\b(?:claude|anthropic|openai|chatgpt|gpt-?[\d.o]+\w*|codex|gemini|copilot|cursor|devin|aider|opencode|mistral|devstral|codestral|qwen\w*|llama[\d.]*|deepseek\w*|kimi|grok)\b/gi

/** The text with trailers, addresses and the names of agents, makers and models replaced. */
export function withoutNames(text: string, names: readonly string[] = []): string {
  const own = names.filter((name) => name.length > 2).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const stripped = text.replace(trailers, '').replace(emails, 'someone').replace(makers, 'someone')
  return own.length > 0
    ? stripped.replace(new RegExp(`(?<!\\w)(?:${own.join('|')})(?!\\w)`, 'gi'), 'someone')
    : stripped
}
