// Takes secrets out of text before it becomes training material, and counts them by kind.

interface Kind {
  name: string
  pattern: RegExp
  /** The group that holds the secret; the whole match when left out. */
  group?: number
}

const kinds: Kind[] = [
  { name: 'private-key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g },
  { name: 'aws-key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { name: 'github-token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})\b/g },
  { name: 'gitlab-token', pattern: /\bglpat-[A-Za-z0-9_-]{20,}/g },
  { name: 'slack-token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/g },
  { name: 'model-key', pattern: /\bsk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{20,}/g },
  { name: 'google-key', pattern: /\bAIza[A-Za-z0-9_-]{35}/g },
  { name: 'stripe-key', pattern: /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { name: 'npm-token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { name: 'jwt', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g },
  { name: 'url-password', pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:([^\s@/]{3,})@/gi, group: 1 },
  { name: 'bearer', pattern: /\bbearer\s+([A-Za-z0-9._~+/-]{20,}=*)/gi, group: 1 },
  {
    name: 'assigned',
    pattern:
      /\b[\w-]*(?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)["']?\s*[:=]\s*["']([^"'\s]{8,})["']/gi,
    group: 1,
  },
]

export interface Scrubbed {
  text: string
  /** Secrets found, by kind. */
  found: Record<string, number>
}

/** Replaces every secret by `<secret:KIND>`. */
export function scrub(text: string): Scrubbed {
  const found: Record<string, number> = {}
  let result = text
  for (const { name, pattern, group } of kinds) {
    result = result.replace(pattern, (match: string, ...groups: string[]) => {
      const secret = group === undefined ? match : groups[group - 1]!
      if (/^<secret:/.test(secret)) return match
      found[name] = (found[name] ?? 0) + 1
      const at = group === undefined ? 0 : match.lastIndexOf(secret)
      return `${match.slice(0, at)}<secret:${name}>${match.slice(at + secret.length)}`
    })
  }
  return { text: result, found }
}
