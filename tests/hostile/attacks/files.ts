// Reading and writing what lies outside the tree.
import { type Attack, canaryChanged, printedSecret } from '../attack.ts'

const read = (name: string, path: string): Attack => ({
  name,
  layer: 'mounts',
  script: `cat "$HOST/${path}"`,
  succeeded: printedSecret,
})

const write = (name: string, script: string, succeeded: Attack['succeeded'] = canaryChanged): Attack => ({
  name,
  layer: 'mounts',
  script,
  succeeded,
})

export const fileAttacks: Attack[] = [
  write('write outside by absolute path', 'echo pwned >> "$CANARY"'),
  write(
    'write outside by a path with many ..',
    'p=$(printf "../%.0s" 1 2 3 4 5 6 7 8 9 10 11 12); echo pwned >> "$p/$CANARY"',
  ),
  write('write outside through a symlink', 'ln -s "$CANARY" link && echo pwned >> link'),
  write('write outside through a symlinked folder', 'ln -s "$HOST" dir && echo pwned >> dir/canary'),
  write('write outside through a hard link', 'ln "$CANARY" hard && echo pwned >> hard'),
  write('move a file over one outside', 'echo pwned > mine && mv -f mine "$CANARY"'),
  write('write outside through /proc/self/root', 'echo pwned >> "/proc/self/root$CANARY"'),
  write('write outside through the root of a process', 'for p in $SCOPE; do echo pwned >> "$p/root$CANARY"; done'),
  write(
    'write outside through the working folder of a process',
    'for p in $SCOPE; do echo pwned >> "$p/cwd/canary"; done',
  ),
  write(
    'write outside through an open descriptor',
    'for f in $SCOPE; do for d in $f/fd/* /proc/self/fd/*; do [ -d "$d" ] && echo pwned >> "$d/canary"; done; done',
  ),
  write('change the shell start-up file of the user', 'echo pwned >> "$HOST/home/.bashrc"', (world) =>
    world.read('home/.bashrc').includes('pwned'),
  ),
  write(
    "plant a hook in the user's repository",
    'mkdir -p "$HOST/checkout/.git/hooks"; echo pwned > "$HOST/checkout/.git/hooks/post-checkout"',
    (world) => world.read('checkout/.git/hooks/post-checkout').includes('pwned'),
  ),
  write(
    "set fsmonitor in the user's git configuration",
    'git config -f "$HOST/checkout/.git/config" core.fsmonitor pwned',
    (world) => world.read('checkout/.git/config').includes('pwned'),
  ),
  write(
    "move the user's branch",
    'echo 2222222222222222222222222222222222222222 > "$HOST/checkout/.git/refs/heads/main"',
    (world) => world.read('checkout/.git/refs/heads/main').startsWith('2222'),
  ),
  write(
    "delete the user's objects",
    'rm -rf "$HOST/checkout/.git/objects"',
    (world) => world.read('checkout/.git/objects/11/1111') === '',
  ),
  write('replace a tool that other trials run', 'echo pwned > "$HOST/tools/tool"', (world) =>
    world.read('tools/tool').includes('pwned'),
  ),
  write('forge the result of a check', 'echo pwned > "$HOST/data/checks/result.json"', (world) =>
    world.read('data/checks/result.json').includes('pwned'),
  ),
  write('forge an event', 'echo pwned >> "$HOST/data/events.log"', (world) =>
    world.read('data/events.log').includes('pwned'),
  ),
  write("write into another trial's workspace", 'echo pwned > "$HOST/other-trial/tree/source.ts"', (world) =>
    world.read('other-trial/tree/source.ts').includes('pwned'),
  ),
  read('read an ssh key', 'home/.ssh/id_ed25519'),
  read('read cloud credentials', 'home/.aws/credentials'),
  read('read a registry token', 'home/.npmrc'),
  read('read git credentials', 'home/.git-credentials'),
  read("read the user's .env", 'checkout/.env'),
  read("read the house's own token", 'data/token'),
  read("read another trial's workspace", 'other-trial/tree/source.ts'),
  {
    name: 'find the secret anywhere on the machine',
    layer: 'mounts',
    script: 'grep -rsh "secret-[0-9a-f-]*" "$HOST" /run/seatrial* $SEARCH | head -20',
    succeeded: printedSecret,
  },
]
