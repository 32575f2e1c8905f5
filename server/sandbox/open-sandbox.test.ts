import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cgroupRoots } from './cgroup-roots.ts'
import { sandboxIdentity } from './identity.ts'
import { markedProcesses, processMark } from './marked-processes.ts'
import { processTable } from './process-tree.ts'
import type { SandboxedProcess } from './sandbox.ts'
import { readAll } from './sandboxed-process.ts'
import { makeOwned, makeTrial, run } from './test-trial.ts'

const identity = sandboxIdentity()

const doomedHouse = fileURLToPath(new URL('../../tests/hostile/doomed-house.ts', import.meta.url))

/** Command lines of all processes. */
function commandLines(): string[] {
  return processTable().map(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  })
}

/** The first line a command says. */
function firstLine(started: SandboxedProcess): Promise<string> {
  return new Promise((resolve) => started.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim())))
}

describe('a command inside', () => {
  test('gets its arguments as they are, one after another and side by side', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open()
    const all = String.fromCodePoint(...Array.from({ length: 0x4ff }, (_, code) => code + 1))
    const words = ['', ' ', '\n', "it's", '$HOME `id` $(id) \\ \\n "', all, '\u{1f6a2}'.repeat(5000), '-n', '*', 'a\rb']
    const echo = async () => {
      const started = await sandbox.spawn(['/bin/sh', '-c', 'printf "%s\\0" "$@"; ls /proc/self/fd', 'sh', ...words])
      const [out, { code }] = await Promise.all([readAll(started.stdout), started.exited])
      expect(code).toBe(0)
      return out.split('\0')
    }
    for (const said of [await echo(), ...(await Promise.all([echo(), echo(), echo()]))]) {
      expect(said.slice(0, -1)).toEqual(words)
      // 3 is the folder that `ls` reads: nothing of the launcher is left open.
      for (const descriptor of ['4', '5', '6']) expect(said.at(-1)?.trim().split('\n')).not.toContain(descriptor)
    }
  })

  test('works on the tree, in its folder, with exactly the environment it was given', async () => {
    await using trial = makeTrial()
    mkdirSync(join(trial.tree, 'packages'))
    writeFileSync(join(trial.tree, 'a.txt'), 'from outside')
    const sandbox = await trial.open({ env: { ONE: '1', PATH: '/usr/bin:/bin' } })
    const { out, err, code } = await run(sandbox, 'pwd; cat ../a.txt; echo; echo new > ../b.txt; env | sort', {
      cwd: 'packages',
      env: { TWO: 'two words' },
    })
    expect({ err, code }).toEqual({ err: '', code: 0 })
    expect(out.trim().split('\n')).toEqual([
      '/srv/project/packages',
      'from outside',
      'HOME=/home/trial',
      'LANG=C.UTF-8',
      'LOGNAME=trial',
      'ONE=1',
      'PATH=/usr/bin:/bin',
      'PWD=/srv/project/packages',
      'SHELL=/bin/sh',
      'TMPDIR=/tmp',
      'TWO=two words',
      'USER=trial',
    ])
    expect(readFileSync(join(trial.tree, 'b.txt'), 'utf8')).toBe('new\n')
  })

  test('hands through input, output, errors and the exit code', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open()
    const said = await run(sandbox, 'cat; echo oops >&2; exit 7', { stdin: 'in and out' })
    expect(said).toEqual({ out: 'in and out', err: 'oops\n', code: 7, signal: null })
  })

  test('finds its home and /tmp as the command before left them, and the home outlives the sandbox', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open()
    await run(sandbox, 'echo kept > ~/note; echo kept > /tmp/note')
    expect((await run(sandbox, 'cat ~/note /tmp/note')).out).toBe('kept\nkept\n')
    await sandbox.close()
    const again = await trial.open()
    expect((await run(again, 'cat ~/note; ls /tmp')).out).toBe('kept\n')
  })

  test('is never root, has no capability and cannot gain any', async () => {
    await using trial = makeTrial()
    const { out } = await run(await trial.open(), 'id -u; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status')
    expect(out.split('\n')[0]).toBe(String(identity?.uid ?? process.getuid?.()))
    expect(out).toMatch(/CapBnd:\s0+\n/)
    expect(out).toMatch(/NoNewPrivs:\s1\nSeccomp:\s2/)
  })

  test('sees a checkout that lies in /tmp, and read-only paths of the host', async () => {
    await using trial = makeTrial()
    const tools = join(trial.dir, 'tools')
    mkdirSync(tools, { mode: 0o755 })
    writeFileSync(join(tools, 'tool'), 'a tool')
    const sandbox = await trial.open({ mountAt: '/tmp/some/checkout', readOnly: [tools] })
    const { out, err } = await run(sandbox, `pwd; cat ${tools}/tool; touch here; touch ${tools}/x; ls /tmp/some`)
    expect(out).toBe('/tmp/some/checkout\na toolcheckout\n')
    expect(err).toMatch(/Read-only file system/)
  })

  test('refuses a folder outside the tree and a variable that is none', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open()
    await expect(sandbox.spawn(['true'], { cwd: '../..' })).rejects.toMatchObject({ code: 'bad_request' })
    await expect(sandbox.spawn(['true'], { env: { 'A=B': 'c' } })).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('keeps descriptors of the house out', async () => {
    await using trial = makeTrial()
    const { out } = await run(await trial.open(), 'for f in /proc/self/fd/*; do readlink $f; done')
    const doors = out.split('\n').filter((line) => line && !/^(socket:|pipe:|\/dev\/null|\/proc\/)/.test(line))
    expect(doors).toEqual([])
  })
})

describe('an overlay', () => {
  test('shows the layers, takes the writes into the upper one and lets commands share them', async () => {
    await using trial = makeTrial()
    const [base, delta, upper, work] = ['base, with a comma', 'delta', 'upper', 'work'].map((name) =>
      makeOwned(join(trial.dir, name)),
    ) as [string, string, string, string]
    writeFileSync(join(base, 'a'), 'base\n')
    writeFileSync(join(base, 'b'), 'base\n')
    writeFileSync(join(delta, 'b'), 'delta\n')
    if (identity) chownSync(join(delta, 'b'), identity.uid, identity.gid)
    const sandbox = await trial.open({ tree: { kind: 'overlay', lower: [delta, base], upper, work } })
    expect((await run(sandbox, 'cat a b; echo mine > c; rm a; echo more >> b')).out).toBe('base\ndelta\n')
    expect((await run(sandbox, 'cat b c; ls')).out).toBe('delta\nmore\nmine\nb\nc\n')
    await sandbox.close()
    expect(readFileSync(join(base, 'a'), 'utf8')).toBe('base\n')
    expect(readFileSync(join(delta, 'b'), 'utf8')).toBe('delta\n')
    expect(readFileSync(join(upper, 'c'), 'utf8')).toBe('mine\n')
  })
})

test('a folder on the way to the tree that is swapped for a link leads nowhere', async () => {
  await using trial = makeTrial()
  const outside = makeOwned(join(trial.dir, 'outside'))
  const sandbox = await trial.open({ mountAt: '/tmp/some/checkout' })
  await run(sandbox, `cd /tmp; mv some gone; mkdir -p aside; ln -s ${outside} some; ln -s /oldroot${outside} other`)
  const { out } = await run(sandbox, 'pwd; echo mine > here')
  expect(out).toBe('/tmp/some/checkout\n')
  expect(readdirSync(outside)).toEqual([])
  expect(readdirSync(trial.tree)).toEqual(['here'])
})

describe('ports', () => {
  test('lead to sockets of the house, and nowhere else', async () => {
    await using trial = makeTrial()
    const path = join(trial.dir, 'house.sock')
    const house = createServer((request, response) => request.pipe(response)).listen(path)
    const sandbox = await trial.open({ forwards: { 4100: path } })
    const script = 'curl -sS --data-binary @- http://127.0.0.1:4100/; curl -sS -m 2 http://127.0.0.1:4101/'
    const { out, err } = await run(sandbox, script, { stdin: 'x'.repeat(300_000) })
    expect(out).toBe('x'.repeat(300_000))
    expect(err).toMatch(/refused|connect to 127.0.0.1/)
    house.close()
  })

  test('are shared by the commands of one trial and not by another trial', async () => {
    await using trial = makeTrial()
    const one = await trial.open()
    const two = await trial.open({ name: 'other' })
    const service = await one.spawn([
      'python3',
      '-u',
      '-c',
      'import http.server as h; s = h.HTTPServer(("127.0.0.1", 4200), h.SimpleHTTPRequestHandler); print("up"); s.serve_forever()',
    ])
    expect(await firstLine(service)).toBe('up')
    expect((await run(one, 'curl -s -o /dev/null -w "%{http_code}" http://127.0.0.1:4200/')).out).toBe('200')
    expect((await run(two, 'curl -s -o /dev/null -w "%{http_code}" http://127.0.0.1:4200/')).out).toBe('000')
  })
})

const daemons =
  'for i in 1 2 3 4 5 6 7 8; do (setsid sh -c "(sleep 1000 &) ; sleep 1000" >/dev/null 2>&1 &); done; echo up; sleep 1000'

describe('the end', () => {
  test.each(['own', 'off'] as const)('kill takes daemons along (%s)', async (level) => {
    await using trial = makeTrial()
    const sandbox = await trial.open(level === 'off' ? { level } : {})
    const mark = processMark('TEST_MARK')
    const started = await sandbox.spawn(['/bin/sh', '-c', daemons], { env: mark.env })
    expect(await firstLine(started)).toBe('up')
    await started.kill()
    expect(markedProcesses(mark.text)).toEqual([])
    expect(await started.exited).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('daemons do not outlive the command that started them', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open()
    const mark = processMark('TEST_MARK')
    await run(sandbox, '(setsid sleep 1000 >/dev/null 2>&1 &); exit 0').then(() => {})
    expect(markedProcesses(mark.text)).toEqual([])
  })

  test('close kills all, twice is once, and leaves neither group nor folder', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open()
    const mark = processMark('TEST_MARK')
    const started = await sandbox.spawn(['/bin/sh', '-c', daemons], { env: mark.env })
    await firstLine(started)
    await Promise.all([sandbox.close(), sandbox.close()])
    expect(markedProcesses(mark.text)).toEqual([])
    const { v1, v2 } = cgroupRoots()
    const groups = [...Object.values(v1), ...(v2 ? [v2.dir] : [])].flatMap((dir) => readdirSync(dir))
    expect(groups.filter((name) => name.startsWith(`${process.pid}-`) && name.endsWith('-test'))).toEqual([])
    await expect(sandbox.spawn(['true'])).rejects.toMatchObject({ code: 'conflict' })
  })

  test('a kill right after the start leaves nothing either', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open()
    const mark = processMark('TEST_MARK')
    for (let i = 0; i < 5; i++) {
      const started = await sandbox.spawn(['/bin/sh', '-c', daemons], { env: mark.env })
      await started.kill()
    }
    expect(markedProcesses(mark.text)).toEqual([])
  })
})

test('a house that is killed takes its rooms along, and the next one clears the empty rest', async () => {
  await using trial = makeTrial()
  const mark = processMark('TEST_MARK')
  const policy = trial.policy({ env: mark.env })
  const doomed = async () => {
    const house = spawn(process.execPath, [doomedHouse, JSON.stringify({ policy, argv: ['/bin/sh', '-c', daemons] })])
    await once(house.stdout, 'data')
    return house
  }
  const first = await doomed()
  first.kill('SIGKILL')
  await once(first, 'exit')
  await expect.poll(() => markedProcesses(mark.text)).toEqual([])
  await expect.poll(() => commandLines().filter((line) => line.includes(`seatrial-room-${first.pid}-`))).toEqual([])
  const second = await doomed()
  const base = process.getuid?.() === 0 ? '/run' : tmpdir()
  const { v1, v2 } = cgroupRoots()
  const left = [base, ...Object.values(v1), ...(v2 ? [v2.dir] : [])].flatMap((dir) => readdirSync(dir))
  second.kill('SIGKILL')
  await once(second, 'exit')
  expect(
    left.filter((name) => name.startsWith(`seatrial-room-${first.pid}-`) || name.startsWith(`${first.pid}-`)),
  ).toEqual([])
})

describe('frozen', () => {
  test.each(['own', 'off'] as const)(
    'nothing runs while the house looks, and all goes on afterwards (%s)',
    async (level) => {
      await using trial = makeTrial()
      const sandbox = await trial.open(level === 'off' ? { level } : {})
      const file = join(trial.tree, 'ticks')
      const started = await sandbox.spawn(['/bin/sh', '-c', 'while :; do echo . >> ticks; echo tick; done'])
      await firstLine(started)
      started.stdout.resume()
      const [before, after] = await sandbox.frozen(async () => {
        const first = readFileSync(file).length
        // Long enough for thousands of ticks.
        await new Promise((resolve) => setTimeout(resolve, 100))
        return [first, readFileSync(file).length]
      })
      expect(after).toBe(before)
      await expect.poll(() => readFileSync(file).length).toBeGreaterThan(after)
      await started.kill()
    },
  )

  test('a failed look thaws as well', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open()
    await expect(sandbox.frozen(() => Promise.reject(new Error('bad look')))).rejects.toThrow('bad look')
    expect((await run(sandbox, 'echo on')).out).toBe('on\n')
  })
})

describe('limits', () => {
  test('/tmp has a size and a number of files', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open({ limits: { memoryMb: 256, cpus: 1, pids: 64, diskMb: 8 } })
    const { err } = await run(
      sandbox,
      'head -c 20M /dev/zero > /tmp/big; rm /tmp/big; seq -f /tmp/f%g 1 600 | xargs touch',
    )
    expect(err.match(/No space left on device/g)?.length).toBeGreaterThan(1)
  })

  test('a trial that fills its home is ended and told why', async () => {
    await using trial = makeTrial()
    const sandbox = await trial.open({ limits: { memoryMb: 256, cpus: 1, pids: 64, diskMb: 8 } })
    const said = await run(sandbox, 'for i in 1 2 3; do head -c 6M /dev/zero > ~/$i; done; sleep 60')
    expect(said.signal).toBe('SIGKILL')
    await expect(sandbox.spawn(['true'])).rejects.toMatchObject({ code: 'no_space' })
  })
})

describe('what cannot be opened', () => {
  test.each(['/', '/usr/src', '/etc', '/home/trial/x', 'relative', '/a/../b', '/tmp', '/home'])(
    'a tree at %s',
    async (mountAt) => {
      await using trial = makeTrial()
      await expect(trial.open({ mountAt })).rejects.toMatchObject({ code: 'bad_request' })
    },
  )

  test('a read-only path that is not there is named', async () => {
    await using trial = makeTrial()
    await expect(trial.open({ readOnly: ['/nowhere/at/all'] })).rejects.toThrow('/nowhere/at/all')
  })

  test('a read-only path below the tree shows the tree, so that a planted link leads nowhere', async () => {
    await using trial = makeTrial()
    const outside = makeOwned(join(trial.dir, 'outside'))
    symlinkSync(outside, join(trial.tree, 'link'))
    const sandbox = await trial.open({ readOnly: ['/srv/project/link/tools'] })
    await run(sandbox, 'true')
    expect(existsSync(join(outside, 'tools'))).toBe(false)
  })
})

test.each(['own', 'off'] as const)(
  'a command that is not there ends by itself and kills nobody (%s)',
  async (level) => {
    await using trial = makeTrial()
    const sandbox = await trial.open(level === 'off' ? { level } : {})
    const bystander = spawn('sleep', ['60'])
    const started = await sandbox.spawn(['no-such-command'])
    await sandbox.frozen(async () => {})
    await started.kill()
    expect((await started.exited).code).not.toBe(0)
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull()
    bystander.kill()
  },
)

test('"off" says so loudly', async () => {
  await using trial = makeTrial()
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const sandbox = await trial.open({ level: 'off' })
  expect(await warned).toMatchObject({ name: 'SandboxOff', code: 'SEATRIAL_SANDBOX_OFF' })
  expect((await run(sandbox, 'echo $SEATRIAL_SANDBOX; pwd')).out).toBe(`off\n${trial.tree}\n`)
})
