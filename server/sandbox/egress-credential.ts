// Credentials that only the house knows: which requests they go with, and how a trial comes to trust the proxy for the
// hosts they are for.
import type { IncomingMessage } from 'node:http'
import { rootCertificates } from 'node:tls'
import { cleanHost } from './egress-rules.ts'

export interface Credential {
  /** Exact host the credential is for. */
  host: string
  /** 443 when left out. */
  port?: number
  header: string
  value: string
  /** Whether requests that change something may carry it: publishing, pushing. False when left out. */
  write?: boolean
  /** For tests alone: false sends the request on as plain HTTP. */
  tls?: boolean
}

/** The only place a credential is for, as a pattern. */
export const placeOf = ({ host, port }: Credential): string => `${host}:${port ?? 443}`

export const credentialsFor = (credentials: readonly Credential[], host: string): Credential[] =>
  credentials.filter((each) => cleanHost(each.host) === host)

/** What reading is, for registries and for git. All else changes something at the host. */
const readings: { method: RegExp; target: RegExp }[] = [
  { method: /^(GET|HEAD|OPTIONS)$/, target: /^(?!.*[?&]service=git-receive-pack)/ },
  { method: /^POST$/, target: /\/git-upload-pack$/ },
  { method: /^POST$/, target: /\/-\/npm\/v1\/security\// },
]

/** Null when the request may carry the credential, else the sentence it is refused with. */
export function refusalOf(
  credentials: readonly Credential[],
  { method = 'GET' }: IncomingMessage,
  url: URL,
): string | null {
  const target = url.pathname + url.search
  if (credentials.every((each) => each.write)) return null
  if (readings.some((each) => each.method.test(method) && each.target.test(target))) return null
  return `${method} ${url.pathname} would change something at ${url.host} in the house's name; its credential is for reading (\`write = true\` in house.toml allows more).`
}

/** Files of a folder that the trial sees, read-only, and the environment that makes its tools trust them. */
export function trustFiles(dir: string, certificate: string, system: string | null) {
  const one = `${dir}/house.pem`
  const all = `${dir}/all.pem`
  return {
    files: { [one]: certificate, [all]: `${system ?? rootCertificates.join('\n')}\n${certificate}` },
    env: {
      NODE_EXTRA_CA_CERTS: one,
      ...Object.fromEntries(
        [
          'SSL_CERT_FILE',
          'CURL_CA_BUNDLE',
          'REQUESTS_CA_BUNDLE',
          'PIP_CERT',
          'GIT_SSL_CAINFO',
          'CARGO_HTTP_CAINFO',
          'npm_config_cafile',
        ].map((name) => [name, all]),
      ),
    },
  }
}
