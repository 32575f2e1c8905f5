import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { makeCgroup } from './cgroup.ts'
import { cgroupRoots, delegate, readCgroupMounts, sweep } from './cgroup-roots.ts'
import { makeTrial, run } from './test-trial.ts'

const limits = { memoryMb: 256, cpus: 1.5, pids: 40, diskMb: 10 }
const dirs: string[] = []
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})

/** A folder that looks like a control group whose files the kernel would have made. */
function lookalike(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-cgroup-'))
  dirs.push(dir)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true })
    writeFileSync(join(dir, name), content)
  }
  return dir
}

describe('the house finds its own groups', () => {
  test('on version 1 and 2 side by side', () => {
    const mountinfo = [
      '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
      '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct',
      '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
      '22 27 0:21 / /proc rw,relatime - proc proc rw',
    ].join('\n')
    const own = '4:memory:/house\n1:cpu,cpuacct:/\n0::/user.slice/house.scope\n'
    expect(readCgroupMounts(mountinfo, own)).toEqual([
      {
        version: 'v1',
        controllers: ['memory'],
        dir: '/sys/fs/cgroup/memory/house',
        mountPoint: '/sys/fs/cgroup/memory',
      },
      {
        version: 'v1',
        controllers: ['cpu', 'cpuacct'],
        dir: '/sys/fs/cgroup/cpu,cpuacct',
        mountPoint: '/sys/fs/cgroup/cpu,cpuacct',
      },
      {
        version: 'v2',
        controllers: [''],
        dir: '/sys/fs/cgroup/unified/user.slice/house.scope',
        mountPoint: '/sys/fs/cgroup/unified',
      },
    ])
  })

  test('in a container that sees only its own part', () => {
    const mountinfo = '41 31 0:38 /docker/abc /sys/fs/cgroup ro,relatime - cgroup2 cgroup rw'
    expect(readCgroupMounts(mountinfo, '0::/docker/abc\n')[0]?.dir).toBe('/sys/fs/cgroup')
  })
})

describe('version 2 (a lookalike folder: this suite cannot make real controllers)', () => {
  test('the house moves into a leaf before it hands controllers down', () => {
    const own = lookalike({
      'cgroup.controllers': 'cpuset cpu io memory pids\n',
      'cgroup.procs': '77\n',
      'seatrial/x': '',
    })
    expect(delegate(own, join(own, 'seatrial'))).toEqual(['memory', 'pids', 'cpu'])
    expect(readFileSync(join(own, 'seatrial-house/cgroup.procs'), 'utf8')).toBe('77')
    expect(readFileSync(join(own, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids +cpu')
    expect(readFileSync(join(own, 'seatrial/cgroup.subtree_control'), 'utf8')).toBe('+memory +pids +cpu')
  })

  test('limits are written as the kernel reads them', () => {
    const files = ['memory.max', 'memory.swap.max', 'pids.max', 'cpu.max', 'cgroup.freeze']
    const dir = lookalike(Object.fromEntries(files.map((name) => [`trial/${name}`, ''])))
    const group = makeCgroup({ v1: {}, v2: { dir, controllers: ['memory', 'pids', 'cpu'] } }, 'trial', limits)
    expect(files.slice(0, 4).map((name) => readFileSync(join(dir, 'trial', name), 'utf8'))).toEqual([
      String(256 * 1024 ** 2),
      '0',
      '40',
      '150000 100000',
    ])
    expect(group?.enforced).toEqual(['memory', 'pids', 'cpu', 'freezer'])
  })
})

test('a group of a dead house that is still busy is removed once it is not', async () => {
  const dir = lookalike({ '999999999-1-r-dead/busy': '', [`${process.pid}-1-r-alive/busy`]: '' })
  sweep(dir)
  expect(readdirSync(dir)).toHaveLength(2)
  rmSync(join(dir, '999999999-1-r-dead/busy'))
  await expect.poll(() => readdirSync(dir)).toEqual([`${process.pid}-1-r-alive`])
})

test('nothing can be limited where no group can be made', () => {
  expect(makeCgroup({ v1: {}, v2: null }, 'trial', limits)).toBeNull()
})

test.skipIf(process.getuid?.() !== 0)('real groups are set, joined and removed', async () => {
  await using trial = makeTrial()
  const { v1, v2 } = cgroupRoots()
  const roots = [...Object.values(v1), ...(v2 ? [v2.dir] : [])]
  const mine = () =>
    roots.flatMap((dir) =>
      readdirSync(dir)
        .filter((name) => name.startsWith(`${process.pid}-`))
        .map((name) => join(dir, name)),
    )
  const sandbox = await trial.open({ limits: { ...limits, cpus: 1 } })
  const groups = mine()
  expect(groups.length).toBeGreaterThan(0)
  const memory = groups
    .flatMap((dir) => ['memory.limit_in_bytes', 'memory.max'].map((name) => join(dir, name)))
    .find(existsSync)
  expect(memory && readFileSync(memory, 'utf8').trim()).toBe(String(256 * 1024 ** 2))
  const started = await sandbox.spawn(['/bin/sh', '-c', 'echo up; sleep 60'])
  await new Promise((resolve) => started.stdout.once('data', resolve))
  for (const dir of groups)
    expect(readFileSync(join(dir, 'cgroup.procs'), 'utf8').trim().split('\n').length).toBeGreaterThan(1)
  await sandbox.close()
  expect(mine()).toEqual([])
})

test.skipIf(process.getuid?.() === 0)('strict is refused where memory cannot be limited', async () => {
  await using trial = makeTrial()
  if (cgroupRoots().v1.memory || cgroupRoots().v2?.controllers.includes('memory')) return
  await expect(trial.open({ level: 'strict' })).rejects.toMatchObject({ code: 'unavailable' })
  expect((await run(await trial.open({ level: 'standard' }), 'echo on')).out).toBe('on\n')
})
