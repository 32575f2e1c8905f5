// Runs a command in the working directory, with a deadline and bounded output.
import { spawn } from 'node:child_process'
import { z } from 'zod'
import { type AgentTool, clip, type World } from './tool.ts'

const schema = z.object({
  command: z.string().min(1),
  timeoutSeconds: z.number().positive().max(3600).default(120).describe('The command is killed after this long.'),
})

/** Output kept while a command runs: a head, and a tail that moves. */
const headChars = 20_000
const tailChars = 100_000

export const bash: AgentTool<z.infer<typeof schema>> = {
  name: 'bash',
  description:
    'Run a shell command in the working directory and get its output and exit code. No terminal and no input; ' +
    'put servers in the background with `&` and their output into a file.',
  schema,
  kind: 'execute',
  title: ({ command }) => command.split('\n')[0]!.slice(0, 150),
  paths: () => [],
  async run({ command, timeoutSeconds }, world) {
    const { output, code, signal, timedOut } = await runShell(command, timeoutSeconds * 1000, world)
    const text = clip(output.trimEnd(), world.maxOutput) || '(no output)'
    if (timedOut) throw new Error(`${text}\n(killed after ${timeoutSeconds} seconds)`)
    if (world.signal.aborted) throw new Error('The command was cancelled.')
    if (code !== 0) throw new Error(`${text}\n(exit ${code ?? signal})`)
    return text
  },
}

interface Ended {
  output: string
  code: number | null
  signal: string | null
  timedOut: boolean
}

function runShell(command: string, timeoutMs: number, world: World): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], {
      cwd: world.cwd,
      env: { ...world.commandEnv, GIT_TERMINAL_PROMPT: '0', PAGER: 'cat', GIT_PAGER: 'cat', CI: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let head = ''
    let tail = ''
    let timedOut = false
    const output = (): string => head + tail
    const add = (chunk: Buffer): void => {
      const text = chunk.toString('utf8')
      const room = headChars - head.length
      head += text.slice(0, Math.max(0, room))
      tail += text.slice(Math.max(0, room))
      if (tail.length > 2 * tailChars) tail = `[...]\n${tail.slice(-tailChars)}`
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    const kill = (): void => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // Already gone.
      }
    }
    const deadline = setTimeout(() => {
      timedOut = true
      kill()
    }, timeoutMs)
    const news = setInterval(() => world.onOutput(output().slice(-2000)), 1000)
    world.signal.addEventListener('abort', kill, { once: true })
    const settle = (): void => {
      clearTimeout(deadline)
      clearInterval(news)
      world.signal.removeEventListener('abort', kill)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    // Not `close`: something left in the background may hold the pipes open for ever.
    child.on('exit', (code, signal) => {
      settle()
      const finish = (): void => {
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ output: output(), code, signal, timedOut })
      }
      const patience = setTimeout(finish, 250)
      child.on('close', () => {
        clearTimeout(patience)
        finish()
      })
    })
  })
}
