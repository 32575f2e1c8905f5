// Other processes: seeing, reading, steering and outliving them.
import { existsSync } from 'node:fs'
import { markedProcesses } from '../../../server/sandbox/marked-processes.ts'
import { type Attack, printedSecret, said } from '../attack.ts'

export const processAttacks: Attack[] = [
  {
    name: 'read the environment of any process',
    layer: 'pid namespace',
    script: 'for p in $SCOPE; do cat $p/environ; done | tr "\\0" "\\n" | grep TOKEN=',
    succeeded: printedSecret,
  },
  {
    name: 'see the processes of the host',
    layer: 'pid namespace',
    script: 'for p in $SCOPE; do tr "\\0" " " < $p/cmdline; echo; done',
    succeeded: said('sleep 600 '),
  },
  {
    name: 'kill a process of the host',
    layer: 'pid namespace',
    script: 'kill -9 "$VICTIM"',
    succeeded: ({ victim }) =>
      victim.killed || victim.signalCode !== null || !existsSync(`/proc/${victim.pid}/environ`),
    patienceMs: 50,
  },
  {
    name: 'read a host file through the root of a host process',
    layer: 'pid namespace',
    script: 'cat "/proc/$VICTIM/root$HOST/home/.npmrc"',
    succeeded: printedSecret,
  },
  {
    name: 'trace another process',
    layer: 'system calls',
    language: 'python',
    // A victim of our own, so that no other layer does the work.
    script: `
import ctypes, os, time
child = os.fork()
if child == 0: time.sleep(30); os._exit(0)
libc = ctypes.CDLL(None, use_errno=True)
attached = libc.ptrace(16, child, 0, 0)
print('traced' if attached == 0 else os.strerror(ctypes.get_errno()))
os.kill(child, 9)
`,
    succeeded: said('traced'),
  },
  {
    name: 'read the memory of another process',
    layer: 'system calls',
    language: 'python',
    script: `
import ctypes, os, time
word = ctypes.create_string_buffer(b'in memory')
child = os.fork()
if child == 0: time.sleep(30); os._exit(0)
class Vec(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]
into = ctypes.create_string_buffer(9)
libc = ctypes.CDLL(None, use_errno=True)
got = libc.process_vm_readv(child, ctypes.byref(Vec(ctypes.addressof(into), 9)), 1, ctypes.byref(Vec(ctypes.addressof(word), 9)), 1, 0)
print(into.value.decode() if got == 9 else os.strerror(ctypes.get_errno()))
os.kill(child, 9)
`,
    succeeded: said('in memory'),
  },
  {
    name: 'survive as a daemon',
    layer: 'pid namespace',
    script: '(setsid sh -c "(sleep 60 &)" >/dev/null 2>&1 &); exit 0',
    patienceMs: 200,
    succeeded: ({ mark }) => markedProcesses(mark).length > 0,
  },
  {
    name: 'see shared memory of the host',
    layer: 'ipc namespace',
    script: 'ipcs -m -i "$SHM" | grep -q 666 && echo seen',
    succeeded: said('seen'),
  },
  {
    name: 'outlive a house that is killed',
    layer: 'pid namespace',
    script: '(setsid sh -c "(sleep 60 &)" >/dev/null 2>&1 &); echo up; sleep 60',
    killHouse: true,
    patienceMs: 500,
    succeeded: ({ mark }) => markedProcesses(mark).length > 0,
  },
]
