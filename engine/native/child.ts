// The native child: runs one library, talks to the house over IPC, and may crash without taking the house along.
// Usage: fork('child.ts', ['text' | 'pictures']). What the libraries print is dropped by the parent.
import { type FromChild, NativeFailure, type Program, type ToChild } from './messages.ts'

const programs: Record<string, () => Promise<Program>> = {
  text: async () => (await import('./text.ts')).textProgram(),
  pictures: async () => (await import('./pictures.ts')).picturesProgram(),
}

if (process.send) {
  const ready = programs[process.argv[2] ?? '']!()
  const running = new Map<number, AbortController>()
  process.on('disconnect', () => process.exit(0))
  process.on('message', (message: ToChild) => {
    if (message.ask === 'stop') running.get(message.id)?.abort()
    else void answer(ready, message, running)
  })
}

async function answer(ready: Promise<Program>, message: ToChild, running: Map<number, AbortController>): Promise<void> {
  const { id } = message
  const stop = new AbortController()
  running.set(id, stop)
  try {
    const program = await ready
    say({ id, say: 'done', result: await run(program, message, stop.signal) })
  } catch (error) {
    const kind = error instanceof NativeFailure ? error.kind : 'broken'
    say({ id, say: 'failed', kind, sentence: error instanceof Error ? error.message : String(error) })
  } finally {
    running.delete(id)
  }
}

function run(program: Program, message: ToChild, signal: AbortSignal) {
  if (message.ask === 'load') return program.load(message.job)
  if (message.ask === 'embed') return program.embed(message.texts)
  if (message.ask === 'generate') {
    return program.generate(message.job, (text) => say({ id: message.id, say: 'piece', text }), signal)
  }
  throw new NativeFailure('broken', 'Nothing to do.')
}

function say(message: FromChild): void {
  if (process.connected) process.send?.(message)
}
