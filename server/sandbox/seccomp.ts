// The system calls nobody inside needs: assembled to a seccomp program by hand, from a table.
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'

/** AUDIT_ARCH of each machine, and which column of the tables is its own. */
const machines = {
  x64: { audit: 0xc000003e, column: 0 },
  arm64: { audit: 0xc00000b7, column: 1 },
} as const
export type Machine = keyof typeof machines

/** Machines (`process.arch`) there is a table for. */
export const seccompMachines: readonly string[] = Object.keys(machines)

type Numbers = readonly [x64: number | null, arm64: number | null]

/** Refused with EPERM. */
const refused: Record<string, Numbers> = {
  // Looking into or steering other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  // Kernel keyrings are not namespaced.
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  // Large attack surfaces.
  bpf: [321, 280],
  userfaultfd: [323, 282],
  perf_event_open: [298, 241],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  fanotify_init: [300, 262],
  memfd_secret: [447, 447],
  modify_ldt: [154, null],
  // Mounts and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  move_mount: [429, 429],
  open_tree: [428, 428],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  setns: [308, 268],
  unshare: [272, 97],
  open_by_handle_at: [304, 265],
  name_to_handle_at: [303, 264],
  // The machine itself.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  iopl: [172, null],
  ioperm: [173, null],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  vhangup: [153, 58],
  lookup_dcookie: [212, 18],
}

/** Refused with ENOSYS, so that the C library falls back to a call whose flags can be seen. */
const absent: Record<string, Numbers> = { clone3: [435, 435] }

const clone: Numbers = [56, 220]
const ioctl: Numbers = [16, 29]
const socket: Numbers = [41, 198]

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const namespaceFlags = 0x7e020000
/** TIOCSTI and TIOCLINUX put characters into somebody else's terminal. */
const terminalIoctls = [0x5412, 0x541c]
/** Unix, IPv4, IPv6 and netlink (which libraries list interfaces with); vsock and its like know no network namespace. */
const socketFamilies = [1, 2, 10, 16]

const ret = { allow: 0x7fff0000, eperm: 0x00050001, enosys: 0x00050026, kill: 0x80000000 }
const op = { load: 0x20, equal: 0x15, atLeast: 0x35, anyBit: 0x45, answer: 0x06 }
const offset = { number: 0, machine: 4, argument: (index: number) => 16 + 8 * index }

type Instruction = [code: number, ifTrue: number, ifFalse: number, value: number]

/** The program as bwrap's `--seccomp` reads it: eight bytes per instruction. */
export function seccompProgram(machine: Machine): Buffer {
  const { audit, column } = machines[machine]
  const answer = (value: number): Instruction => [op.answer, 0, 0, value]
  const load = (at: number): Instruction => [op.load, 0, 0, at]
  const when = (number: number | null, then: Instruction[]): Instruction[] =>
    number === null ? [] : [[op.equal, 0, then.length, number], ...then]
  const program: Instruction[] = [
    load(offset.machine),
    // A second ABI would bring a second numbering: no way around the table.
    [op.equal, 1, 0, audit],
    answer(ret.kill),
    load(offset.number),
    // The x32 numbering of x64.
    ...(machine === 'x64' ? ([[op.atLeast, 0, 1, 0x40000000], answer(ret.enosys)] as Instruction[]) : []),
    ...Object.values(refused).flatMap((numbers) => when(numbers[column], [answer(ret.eperm)])),
    ...Object.values(absent).flatMap((numbers) => when(numbers[column], [answer(ret.enosys)])),
    ...when(clone[column], [
      load(offset.argument(0)),
      [op.anyBit, 0, 1, namespaceFlags],
      answer(ret.eperm),
      answer(ret.allow),
    ]),
    ...when(ioctl[column], [
      load(offset.argument(1)),
      ...terminalIoctls.flatMap((request) => [[op.equal, 0, 1, request], answer(ret.eperm)] as Instruction[]),
      answer(ret.allow),
    ]),
    ...when(socket[column], [
      load(offset.argument(0)),
      ...socketFamilies.flatMap((family) => [[op.equal, 0, 1, family], answer(ret.allow)] as Instruction[]),
      answer(ret.eperm),
    ]),
    answer(ret.allow),
  ]
  const bytes = Buffer.alloc(program.length * 8)
  program.forEach(([code, ifTrue, ifFalse, value], index) => {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(ifTrue, index * 8 + 2)
    bytes.writeUInt8(ifFalse, index * 8 + 3)
    bytes.writeUInt32LE(value, index * 8 + 4)
  })
  return bytes
}

/** Names of the refused calls, for documentation and tests. */
export const refusedCalls: readonly string[] = [...Object.keys(refused), ...Object.keys(absent)]

let programFile: number | undefined

/** A fresh open file with the program, to be handed to one launch. Throws `Refusal` on a machine without a table. */
export function openSeccomp(machine: string = process.arch): number {
  if (!(machine in machines))
    throw new Refusal(
      'unavailable',
      `The sandbox knows no system calls of ${machine}, only of ${seccompMachines.join(' and ')}.`,
    )
  programFile ??= writeProgram(machine as Machine)
  // Each reader needs a position of its own, so the file is opened again, by way of the one that is open already.
  return openSync(`/proc/self/fd/${programFile}`, 'r')
}

/** An open file without a name: nothing is left that could be tampered with. */
function writeProgram(machine: Machine): number {
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-seccomp-'))
  const file = join(dir, 'program')
  writeFileSync(file, seccompProgram(machine))
  const descriptor = openSync(file, 'r')
  rmSync(dir, { recursive: true })
  return descriptor
}
