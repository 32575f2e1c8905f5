// Where the commands of set-up and checks are looked for: the PATH inside every sandbox.
import { dirname } from 'node:path'

export const commandDirs: readonly string[] = [
  dirname(process.execPath),
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/usr/local/go/bin',
  '/usr/local/cargo/bin',
]
