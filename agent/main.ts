#!/usr/bin/env node
// Starts the agent on stdio.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { ndJsonStream } from '@agentclientprotocol/sdk'
import { createAgent } from './serve.ts'
import { readSettings } from './settings.ts'

if (import.meta.main) {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as { version: string }
  const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>
  const connection = createAgent(readSettings(process.env), version).connect(
    ndJsonStream(Writable.toWeb(process.stdout), input),
  )
  await connection.closed
  process.exit(0)
}
