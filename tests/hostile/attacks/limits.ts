// Taking more than its share. Everything is bounded, for the sake of the machine the suite runs on.
import { type Attack, said } from '../attack.ts'

export const limitAttacks: Attack[] = [
  {
    name: 'start 300 processes',
    layer: 'limits',
    language: 'python',
    script: `
import os, signal, time
made = []
try:
    for i in range(300):
        pid = os.fork()
        if pid == 0: signal.pause(); os._exit(0)
        made.append(pid)
    print('made all')
except OSError as error:
    print(error)
for pid in made: os.kill(pid, 9)
`,
    succeeded: said('made all'),
  },
  {
    name: 'start processes in many sessions at once',
    layer: 'limits',
    script: 'for i in $(seq 1 12); do (for j in $(seq 1 12); do setsid sleep 5 & done; wait) & done; sleep 1; echo out',
    succeeded: (_world, { err }) => !/Cannot fork|Resource temporarily unavailable/.test(err),
  },
  {
    name: 'use 600 MB of memory',
    layer: 'limits',
    strictOnly: true,
    language: 'python',
    script: `
blocks = []
for i in range(60): blocks.append(bytearray(b'x') * 10_000_000)
print('filled')
`,
    succeeded: said('filled'),
  },
  {
    name: 'use 600 MB of memory in many processes',
    layer: 'limits',
    strictOnly: true,
    language: 'python',
    script: `
import os, signal, time
done, tell = os.pipe()
children = []
for i in range(12):
    pid = os.fork()
    if pid == 0:
        block = bytearray(b'x') * 50_000_000
        os.write(tell, b'.')
        signal.pause()
    children.append(pid)
# A child that is killed for want of memory never reports.
filled, deadline = 0, time.monotonic() + 5
os.set_blocking(done, False)
while filled < 12 and time.monotonic() < deadline:
    try: filled += len(os.read(done, 12))
    except BlockingIOError: time.sleep(0.05)
for pid in children: os.kill(pid, 9)
print('filled' if filled == 12 else filled)
`,
    succeeded: said('filled'),
  },
  {
    name: 'hide memory in /dev/shm',
    layer: 'limits',
    script: 'head -c 200M /dev/zero > /dev/shm/$MARK && echo filled; rm -f /dev/shm/$MARK',
    succeeded: said('filled'),
  },
  {
    name: 'fill /tmp',
    layer: 'limits',
    script:
      'mkdir /tmp/$MARK; for i in 1 2 3 4; do head -c 50M /dev/zero > /tmp/$MARK/$i || exit 1; done; echo filled; rm -r /tmp/$MARK',
    succeeded: said('filled'),
  },
  {
    name: 'make 20,000 files in /tmp',
    layer: 'limits',
    language: 'python',
    script: `
import os, shutil
dir = '/tmp/' + os.environ['MARK']
os.mkdir(dir)
try:
    for i in range(20_000): os.close(os.open(f'{dir}/{i}', os.O_CREAT | os.O_WRONLY))
    print('made all')
except OSError as error:
    print(error)
shutil.rmtree(dir)
`,
    succeeded: said('made all'),
  },
  {
    name: 'write one huge file into the tree',
    layer: 'limits',
    script: 'head -c 200M /dev/zero > huge && echo filled',
    succeeded: said('filled'),
  },
  {
    name: 'make a sparse file of a terabyte',
    layer: 'limits',
    script: 'truncate -s 1T sparse && echo made',
    succeeded: said('made'),
  },
  {
    name: 'fill the home with many files',
    layer: 'limits',
    script: 'for i in $(seq 1 6); do head -c 30M /dev/zero > "$HOME/$i" || exit 1; done; sleep 5; echo filled',
    succeeded: said('filled'),
  },
  {
    name: 'fill the tree with many files',
    layer: 'limits',
    script: 'for i in $(seq 1 6); do head -c 30M /dev/zero > "$i" || exit 1; done; sleep 5; echo filled',
    succeeded: said('filled'),
  },
  {
    name: 'take a whole core when a quarter is allowed',
    layer: 'limits',
    strictOnly: true,
    policy: () => ({ limits: { memoryMb: 256, cpus: 0.25, pids: 64, diskMb: 64 } }),
    language: 'python',
    script: `
import time
fast = False
# Other work on this machine may slow one round down; the quota slows all of them.
for attempt in range(4):
    wall, used = time.monotonic(), time.process_time()
    while time.process_time() - used < 0.4: pass
    fast = fast or time.monotonic() - wall < 1.2
print('whole core' if fast else 'slowed')
`,
    succeeded: said('whole core'),
  },
]
