// The kernel's own doors: namespaces, mounts, devices, settings, rare system calls, terminals.
import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Attack, printedSecret, said } from '../attack.ts'

/** A system call by number; succeeds when it returns 0 or more. */
const call = (name: string, x64: number, arm64: number, args: string): Attack => ({
  name,
  layer: 'system calls',
  language: 'python',
  script: `
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
number = ${x64} if platform.machine() == 'x86_64' else ${arm64}
result = libc.syscall(number, ${args})
print('done' if result >= 0 else os.strerror(ctypes.get_errno()))
`,
  succeeded: said('done'),
})

export const kernelAttacks: Attack[] = [
  {
    name: 'become root in a nested user namespace',
    layer: 'user namespace',
    script: 'unshare -Ur id -u',
    succeeded: said('0'),
  },
  {
    name: 'mount in a nested namespace',
    layer: 'user namespace',
    script: 'mkdir m; unshare -Urm sh -c "mount -t tmpfs none m && echo mounted"',
    succeeded: said('mounted'),
  },
  {
    name: 'make a network namespace of its own',
    layer: 'user namespace',
    script: 'unshare -Urn true && echo done',
    succeeded: said('done'),
  },
  {
    name: 'be root',
    layer: 'identity',
    caller: 'root',
    script: 'id -u',
    succeeded: said('0'),
  },
  {
    name: 'write a kernel setting',
    layer: 'identity',
    caller: 'root',
    // The value it has already: nothing changes, but the write is real.
    script: 'f=/proc/sys/kernel/printk_ratelimit_burst; v=$(cat $f); echo $v > $f && echo written',
    succeeded: said('written'),
  },
  {
    name: 'make a device node',
    layer: 'identity',
    caller: 'root',
    script: 'mknod dev c 1 3 && echo made',
    succeeded: said('made'),
  },
  {
    name: 'mount a file system',
    layer: 'identity',
    caller: 'root',
    script: 'mkdir m && mount -t tmpfs none m && echo mounted && umount m',
    succeeded: said('mounted'),
  },
  {
    name: 'change root',
    layer: 'identity',
    caller: 'root',
    script: 'chroot / true && echo changed',
    succeeded: said('changed'),
  },
  {
    name: 'rename the machine',
    layer: 'user namespace',
    caller: 'root',
    language: 'python',
    // The suite runs in a host name namespace of its own.
    script: 'import socket; socket.sethostname("pwned"); print(socket.gethostname())',
    succeeded: said('pwned'),
  },
  {
    name: 'enter the namespaces of another process',
    layer: 'pid namespace',
    caller: 'root',
    script: 'for p in $SCOPE; do nsenter -t "$(basename $p)" -m cat "$HOST/home/.npmrc"; done',
    succeeded: printedSecret,
  },
  {
    name: 'make a control group to leave its own',
    layer: 'mounts',
    caller: 'root',
    script:
      'for d in /sys/fs/cgroup /sys/fs/cgroup/pids /sys/fs/cgroup/unified; do mkdir $d/$MARK && rmdir $d/$MARK && echo made; done',
    succeeded: (_world, { out }) => out.includes('made'),
  },
  {
    name: 'become root by a setuid program',
    layer: 'identity',
    caller: 'root',
    prepare: ({ dir }) => {
      copyFileSync('/usr/bin/id', join(dir, 'host/tools/setuid'))
      chmodSync(join(dir, 'host/tools/setuid'), 0o4755)
      return true
    },
    policy: ({ dir }) => ({ readOnly: [join(dir, 'host/tools')] }),
    script:
      'as="setpriv --reuid 64400 --regid 64400 --clear-groups"; $as $HOST/tools/setuid -u || $HOST/tools/setuid -u',
    succeeded: said('0'),
  },
  { ...call('ask for the kernel log', 103, 116, '10, 0, 0'), caller: 'root' },
  call('put a key into a keyring of the kernel', 248, 217, 'b"user", b"canary", b"x", 1, -3'),
  call('watch page faults of the kernel', 323, 282, '1'),
  call('open a ring that no filter sees', 425, 425, '4, ctypes.byref(ctypes.create_string_buffer(256))'),
  {
    name: 'put words into a terminal',
    layer: 'system calls',
    language: 'python',
    script: `
import fcntl, os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    try:
        fcntl.ioctl(0, 0x5412, b'x')
        os._exit(0)
    except OSError:
        os._exit(1)
print('injected' if os.waitpid(pid, 0)[1] == 0 else 'refused')
`,
    succeeded: said('injected'),
  },
  {
    name: 'say something that drives the terminal of a reader',
    layer: 'plain text',
    control: 'raw text',
    script: `printf '\\033]52;c;cm0=\\007\\033[2J\\033]0;pwned\\007\\342\\200\\256done\\n'`,
    succeeded: (_world, { out }) => /[\u001b\u202e\u0007]/.test(out),
  },
]
