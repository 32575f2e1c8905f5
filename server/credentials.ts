// Which credentials a project's trials use, from house.toml. Read anew, so no restart is needed.
import { readHouseToml, readSecret } from './project/house-toml.ts'
import type { Credential } from './sandbox/egress-credential.ts'

export interface Credentials {
  /** The credentials of a project; refused when a token cannot be read. */
  credentialsOf(projectName: string): Promise<Credential[]>
}

export function openCredentials(options: {
  housePath: string
  env: Readonly<Record<string, string | undefined>>
}): Credentials {
  return {
    async credentialsOf(projectName) {
      const { credentials } = await readHouseToml(options.housePath)
      const own = Object.entries(credentials).filter(([, { projects }]) => projects.includes(projectName))
      return Promise.all(
        own.map(async ([place, { tokenEnv, tokenFile, user, header, write }]): Promise<Credential> => {
          const [host = '', port] = place.split(':')
          const ref = { env: tokenEnv, file: tokenFile }
          const token = await readSecret(ref, options.env, options.housePath, `the token of ${place}`)
          const basic = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`
          const value = header !== null ? `${token}` : user !== null ? basic : `Bearer ${token}`
          return { host, port: Number(port ?? 443), header: header ?? 'authorization', value, write }
        }),
      )
    },
  }
}
