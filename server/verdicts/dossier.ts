// Reads a dossier from TOML; every mistake is one sentence that names the key.
import { Dossier, Refusal } from '@seatrial/protocol'
import { parse, TomlDate, TomlError } from 'smol-toml'

const keys: Record<string, string> = { price_source: 'priceSource', price_date: 'priceDate' }

/** As the file calls them. */
const written = Object.fromEntries(Object.entries(keys).map(([file, own]) => [own, file]))

/** Days may be written as TOML dates or as text. */
function plain(value: unknown): unknown {
  if (value instanceof TomlDate) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [keys[key] ?? key, plain(inner)]))
}

/** `today` bounds the dates: a source from the future is a mistake. */
export function readDossier(text: string, shown: string, today: string): Dossier {
  let raw: unknown
  try {
    raw = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const why = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '')
    throw new Refusal('unprocessable', `${shown}, line ${error.line}: ${why}.`)
  }
  const read = Dossier.safeParse(plain(raw))
  if (!read.success) {
    const issue = read.error.issues[0]!
    const [first, second] = issue.path
    const facts = (raw as { facts?: { id?: string }[] }).facts
    const where =
      first === 'facts' && typeof second === 'number'
        ? `fact ${facts?.[second]?.id ?? second + 1}, ${issue.path.slice(2).join('.') || 'as a whole'}`
        : issue.path.map((key) => written[String(key)] ?? key).join('.') || 'the file'
    throw new Refusal('unprocessable', `${shown}: ${where}: ${issue.message}.`)
  }
  checkDossier(read.data, shown, today)
  return read.data
}

/** What a schema cannot say: ids are unique, no day lies ahead. */
export function checkDossier(dossier: Dossier, shown: string, today: string): void {
  const seen = new Set<string>()
  if (dossier.priceDate > today)
    throw new Refusal('unprocessable', `${shown}: the price is dated ${dossier.priceDate}, which is still to come.`)
  for (const { id, date } of dossier.facts) {
    if (seen.has(id)) throw new Refusal('unprocessable', `${shown}: two facts are called ${id}.`)
    if (date > today)
      throw new Refusal('unprocessable', `${shown}: fact ${id} is dated ${date}, which is still to come.`)
    seen.add(id)
  }
}
