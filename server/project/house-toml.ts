// `house.toml`: models, limits and services of one house. Secrets are named by variable or file, never written here.
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Refusal, ReviewerName } from '@seatrial/protocol'
import { z } from 'zod'
import { readToml } from './read-toml.ts'

/** Where a secret is: a variable of the house's environment, or a file (relative to house.toml). */
export interface SecretRef {
  env: string | null
  file: string | null
}

const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable')
const neverWritten = z
  .undefined({ error: 'secrets are not written here; name a variable (`…_env`) or a file (`…_file`)' })
  .optional()
const amount = z.number().int().nonnegative().nullable().default(null)

/** A model endpoint; with `name` and the key's value it is the gateway's `ModelEndpoint`. */
export const HouseModel = z
  .strictObject({
    wire: z.enum(['openai-chat', 'openai-responses', 'anthropic', 'gemini']).default('openai-chat'),
    baseUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
    /** Name sent to the endpoint; without it, the name of the table. */
    model: z.string().min(1).optional(),
    apiKey: neverWritten,
    apiKeyEnv: variable.nullable().default(null),
    apiKeyFile: z.string().nullable().default(null),
    /** Provider id of the price data, e.g. `openai`, `mistral`; null means that the price is not known. */
    provider: z.string().nullable().default(null),
    /** The model costs nothing per token. */
    free: z.boolean().default(false),
    contextTokens: z.number().int().positive().nullable().default(null),
    seesImages: z.boolean().default(false),
    /** Adapter worn by every request that names none. */
    adapter: z.string().nullable().default(null),
    /** How the server there names a model with an adapter: `name` alone (vLLM), `model:name` (SGLang), `model@name` (us). */
    adapterAs: z.enum(['name', 'colon', 'at']).default('name'),
    /** llama-server: the place of each adapter among its `--lora` files, from 0. It is told by number, not by name. */
    lora: z.record(z.string(), z.number().int().nonnegative()).default({}),
    /** What people should know of it, in a few words; shown wherever its work is compared. */
    note: z.string().max(100).nullable().default(null),
    /** E-mail addresses of those who tuned or run it: their votes on it are shown and not counted. */
    maintainers: z.array(z.email().transform((mail) => mail.toLowerCase())).default([]),
    /** Who made the model, where its name does not tell: a reviewer never judges its own family. */
    family: z.string().min(1).nullable().default(null),
  })
  .refine(({ apiKeyEnv, apiKeyFile }) => apiKeyEnv === null || apiKeyFile === null, {
    error: 'give `api_key_env` or `api_key_file`, not both',
  })

const HouseCredential = z
  .strictObject({
    /** Names of the projects whose trials may use it. */
    projects: z.array(z.string().min(1)).min(1, 'must name at least one project'),
    token: neverWritten,
    tokenEnv: variable.nullable().default(null),
    tokenFile: z.string().nullable().default(null),
    /** With a name the token is a password (git hosts, many registries), without one a bearer token. */
    user: z.string().min(1).nullable().default(null),
    /** A header of its own that takes the token as it is. */
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, 'is no header')
      .nullable()
      .default(null),
    /** Whether requests that change something may carry it: publishing, pushing. */
    write: z.boolean().default(false),
  })
  .refine(({ tokenEnv, tokenFile }) => (tokenEnv === null) !== (tokenFile === null), {
    error: 'give `token_env` or `token_file`, one of them',
  })

const Smtp = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(587),
  secure: z.boolean().default(false),
  from: z.string().min(3),
  user: z.string().nullable().default(null),
  password: neverWritten,
  passwordEnv: variable.nullable().default(null),
  passwordFile: z.string().nullable().default(null),
})

const Oidc = z.strictObject({
  issuer: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
  clientId: z.string().min(1),
  clientSecret: neverWritten,
  clientSecretEnv: variable.nullable().default(null),
  clientSecretFile: z.string().nullable().default(null),
  scopes: z.array(z.string()).default(['openid', 'profile', 'email']),
  /** Mail domains that may sign in; empty means everybody the issuer lets in. */
  domains: z.array(z.string()).default([]),
})

export const HouseToml = z.strictObject({
  models: z
    .record(z.string().regex(/^[A-Za-z0-9][\w.:/-]{0,63}$/, 'is no name for a model'), HouseModel)
    .default({})
    .transform((models) =>
      Object.fromEntries(Object.entries(models).map(([name, one]) => [name, { ...one, model: one.model ?? name }])),
    ),
  house: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      /** Further names under which the house may be called, e.g. behind a proxy; `*` for any. */
      hosts: z.array(z.string()).default([]),
      /** Address under which readers of mails and feeds reach the house, e.g. `https://seatrial.example.org`. */
      publicUrl: z
        .url({ protocol: /^https?$/, error: 'must be an http or https address' })
        .nullable()
        .default(null),
      /** One proxy of one's own stands before the house: the last address of `x-forwarded-for` is the caller's. */
      trustProxy: z.boolean().default(false),
      port: z.number().int().min(0).max(65_535).default(7420),
      workers: z.number().int().min(1).max(64).default(2),
      /** Days that workspaces and logs of decided tasks are kept. */
      retentionDays: z.number().positive().default(30),
      /** Where model files are pulled from instead of the public hub. */
      modelMirror: z
        .url({ protocol: /^https?$/, error: 'must be an http or https address' })
        .nullable()
        .default(null),
      /** Disk that base layers may take together; null means as much as there is. */
      baseLayersMb: z.number().int().positive().nullable().default(null),
    })
    .prefault({}),
  /** Models that review beside the rules, in projects that name none themselves. */
  panel: z
    .strictObject({
      reviewers: z.array(ReviewerName).default([]),
      /** How long one model may take over one candidate. */
      minutes: z.number().positive().max(120).default(5),
    })
    .prefault({}),
  /** Models that the house runs itself. */
  engine: z
    .strictObject({
      /** Path of a llama-server; without it the PATH is searched, and false means never. */
      llamaServer: z
        .union([z.string().min(1), z.literal(false)])
        .nullable()
        .default(null),
      /** Most context given to a model, whatever it was trained for. */
      contextTokens: z.number().int().min(512).nullable().default(null),
      threads: z.number().int().positive().nullable().default(null),
      /** Without it: all that fits with llama-server, and in process only on Apple silicon. */
      gpu: z.boolean().nullable().default(null),
      /** Conversations that one model answers at once. */
      slots: z.number().int().min(1).max(64).nullable().default(null),
      /** A model that nobody asks for this long gives its memory back. */
      idleMinutes: z.number().positive().nullable().default(null),
      /** Folders from which requests may name pictures as `file://` addresses. */
      pictureFolders: z.array(z.string()).default([]),
      /** Memory that a model may take, where it is not all of this machine's. */
      memoryGb: z.number().positive().nullable().default(null),
    })
    .prefault({}),
  /** Known vulnerabilities kept on this machine: a folder or zip of OSV files, relative to house.toml. */
  advisories: z.strictObject({ osv: z.string().min(1).nullable().default(null) }).prefault({}),
  /** Tokens of private registries and git hosts, by `host` or `host:port`; the egress proxy adds them outside. */
  credentials: z.record(z.string().regex(/^[\w.-]+(:\d{1,5})?$/, 'is no host'), HouseCredential).default({}),
  /** For the house as a whole, beside the projects' own. */
  budget: z.strictObject({ dayMicros: amount, dayTokens: amount }).prefault({}),
  smtp: Smtp.nullable().default(null),
  oidc: Oidc.nullable().default(null),
})
export type HouseToml = z.output<typeof HouseToml>
export type HouseModel = HouseToml['models'][string]

/** Reads the file; without one, the defaults. Throws a refusal that names file and key for any mistake. */
export async function readHouseToml(path: string): Promise<HouseToml> {
  const read = await readToml(path, path, HouseToml, ['models', 'lora', 'credentials'])
  return read?.value ?? HouseToml.parse({})
}

/**
 * The value of a secret, or null when neither variable nor file is named. `env` is the house's environment,
 * `housePath` the path of house.toml, `what` how sentences call it (`the key of model devstral`).
 */
export async function readSecret(
  ref: SecretRef,
  env: Readonly<Record<string, string | undefined>>,
  housePath: string,
  what: string,
): Promise<string | null> {
  if (ref.env !== null) {
    const value = env[ref.env]?.trim()
    if (value) return value
    throw new Refusal('unprocessable', `The variable ${ref.env} with ${what} is not set.`)
  }
  if (ref.file === null) return null
  const file = resolve(dirname(housePath), ref.file)
  const value = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (value) return value
  throw new Refusal('unprocessable', `The file ${file} with ${what} is empty or cannot be read.`)
}
