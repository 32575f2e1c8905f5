import { expect, test } from 'vitest'
import { planLaunch } from './launch.ts'
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
  const { command, args, hidden } = planLaunch(policy, room, ['/group'], false, ['run', 'it'], {})
  expect([command, ...args].join(' ')).not.toContain('not for ps')
  expect(hidden).toContain('--setenv\0TOKEN\0not for ps\0')
})

test('every way in sets the limits once', () => {
  const plain = planLaunch(policy, room, [], true, ['run'], {})
  expect([plain.command, ...plain.args].join(' ')).toMatch(
    /^\/enter -- \S+bwrap --args 3 -- \S+prlimit --core=0 --fsize=3145728 --nproc=7 -- run$/,
  )
  const grouped = planLaunch(policy, room, ['/a', '/b'], false, ['run'], {}).args
  expect(grouped.slice(2, 8).join(' ')).toBe('seatrial 2 6144 /a /b /enter')
  expect(grouped.join(' ')).not.toContain('prlimit')
})

test('a value cannot smuggle arguments in', () => {
  for (const env of [{ A: 'x\0--bind\0/\0/' }, { 'A\0B': 'x' }, { '': 'x' }])
    expect(() => planLaunch(policy, room, [], false, ['run'], { env })).toThrow()
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
