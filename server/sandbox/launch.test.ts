import { expect, test } from 'vitest'
import { planLauncher, planOrder } from './launch.ts'
import { processTable, signal, tableOfPs, withDescendants } from './process-tree.ts'
import type { SandboxPolicy } from './sandbox.ts'

const policy: SandboxPolicy = {
  name: 'test',
  level: 'standard',
  tree: { kind: 'directory', dir: '/tree' },
  mountAt: '/srv/project',
  home: '/home-of-trial',
  readOnly: [],
  env: { TOKEN: 'not for ps' },
  forwards: {},
  limits: { memoryMb: 64, cpus: 1, pids: 7, diskMb: 3 },
}
const room = { root: '/room', enter: ['/enter', '--'] }

test('the environment is not on the command line, where other users of the machine could read it', () => {
  const { words, hidden } = planOrder(policy, room, false, ['run', 'it'], {})
  expect([...planLauncher(policy, ['/group']), words].join(' ')).not.toContain('not for ps')
  expect(hidden).toContain('--setenv\0TOKEN\0not for ps\0')
})

test('every way in sets the limits once', () => {
  expect(planLauncher(policy, []).join(' ')).toMatch(/sh -c .*ulimit.* seatrial 0 6144$/s)
  expect(planLauncher(policy, ['/a', '/b']).join(' ')).toMatch(/ seatrial 2 6144 \/a \/b$/)
  const way = /^'\/enter' '--' '\S+bwrap' '--args' '3' '--'/
  expect(planOrder(policy, room, false, ['run'], {}).words.replace(way, '')).toBe(" 'run'")
  expect(planOrder(policy, room, true, ['run'], {}).words.replace(way, '')).toMatch(
    /^ '\S+prlimit' '--nproc=7' '--' 'run'$/,
  )
})

test('a value cannot smuggle arguments in', () => {
  for (const env of [{ A: 'x\0--bind\0/\0/' }, { 'A\0B': 'x' }, { '': 'x' }])
    expect(() => planOrder(policy, room, false, ['run'], { env })).toThrow()
  expect(() => planOrder(policy, room, false, ['run', 'a\0b'], {})).toThrow(/NUL/)
})

test('an order is one line, whatever its arguments hold', () => {
  expect(planOrder(policy, room, false, ['run', "it's\n$HOME"], {}).words.split('\n')).toHaveLength(1)
})

test('ps and /proc tell the same', () => {
  const own = (table: ReturnType<typeof processTable>) => table.find(({ pid }) => pid === process.pid)?.parent
  expect(own(tableOfPs())).toBe(process.ppid)
  expect(own(processTable())).toBe(process.ppid)
})

test('nobody is the child of a command that did not start', () => {
  expect(withDescendants([0, 1])).toEqual([])
  expect([signal(0, 0), signal(-0, 0), signal(-1, 0), signal(1, 0)]).toEqual([false, false, false, false])
})
