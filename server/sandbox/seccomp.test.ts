import { closeSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Machine, openSeccomp, refusedCalls, seccompProgram } from './seccomp.ts'

const answers: Record<number, string> = { 2147418112: 'allow', 327681: 'EPERM', 327718: 'ENOSYS', 2147483648: 'kill' }
const audit = { x64: 0xc000003e, arm64: 0xc00000b7 }

/** What the kernel would do: runs the program over one call. */
function judge(machine: Machine, number: number, args: number[] = [], arch = audit[machine]): string | undefined {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number, 0)
  data.writeUInt32LE(arch, 4)
  for (const [index, arg] of args.entries()) data.writeUInt32LE(arg, 16 + 8 * index)
  const program = seccompProgram(machine)
  let loaded = 0
  for (let at = 0; at < program.length / 8; at++) {
    const [code, ifTrue, ifFalse] = [program.readUInt16LE(at * 8), program[at * 8 + 2] ?? 0, program[at * 8 + 3] ?? 0]
    const value = program.readUInt32LE(at * 8 + 4)
    if (code === 0x06) return answers[value]
    if (code === 0x20) loaded = data.readUInt32LE(value)
    else {
      const holds = code === 0x15 ? loaded === value : code === 0x35 ? loaded >= value : (loaded & value) !== 0
      at += holds ? ifTrue : ifFalse
    }
  }
  return undefined
}

test.each<[string, Machine, number, number[], string]>([
  ['read', 'x64', 0, [], 'allow'],
  ['read', 'arm64', 63, [], 'allow'],
  ['ptrace', 'x64', 101, [], 'EPERM'],
  ['ptrace', 'arm64', 117, [], 'EPERM'],
  ['mount', 'x64', 165, [], 'EPERM'],
  ['mount', 'arm64', 40, [], 'EPERM'],
  ['io_uring_setup', 'x64', 425, [], 'EPERM'],
  ['clone3', 'x64', 435, [], 'ENOSYS'],
  ['clone for a thread', 'x64', 56, [0x3d0f00], 'allow'],
  ['clone with a user namespace', 'x64', 56, [0x10000011], 'EPERM'],
  ['clone with a mount namespace', 'arm64', 220, [0x00020011], 'EPERM'],
  ['ioctl TCGETS', 'x64', 16, [0, 0x5401], 'allow'],
  ['ioctl TIOCSTI', 'x64', 16, [0, 0x5412], 'EPERM'],
  ['ioctl TIOCSTI', 'arm64', 29, [0, 0x5412], 'EPERM'],
  ['socket of IPv4', 'x64', 41, [2], 'allow'],
  ['socket of vsock', 'x64', 41, [40], 'EPERM'],
  ['socket of packets', 'arm64', 198, [17], 'EPERM'],
  ['the x32 numbering', 'x64', 0x40000000 + 101, [], 'ENOSYS'],
])('%s on %s (%i) is judged as it should be', (_name, machine, number, args, verdict) => {
  expect(judge(machine, number, args)).toBe(verdict)
})

test('another numbering of the same machine is no way around', () => {
  expect(judge('x64', 26, [], 0x40000003)).toBe('kill')
  expect(judge('arm64', 26, [], 0x40000028)).toBe('kill')
})

test('each launch reads the program from its beginning', () => {
  const files = [openSeccomp(), openSeccomp()]
  for (const file of files) expect(readFileSync(file).length).toBeGreaterThan(8 * refusedCalls.length)
  for (const file of files) closeSync(file)
  expect(() => openSeccomp('mips')).toThrow('mips')
})
