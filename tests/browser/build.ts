// Builds the page once before the stories, so that they see the code as it is.
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

export default async function setup(): Promise<void> {
  await build({ root: fileURLToPath(new URL('../../web', import.meta.url)), logLevel: 'error' })
}
