// Turning the house's own launcher: what it runs before the sandbox is up must not listen to the trial.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from '../../../server/sandbox/tools.ts'
import { type Attack, canaryChanged } from '../attack.ts'
import type { World } from '../world.ts'

const plant = (world: World, path: string, content: string): boolean => {
  mkdirSync(join(world.tree, 'bin'), { recursive: true })
  writeFileSync(join(world.tree, 'bin', path), content, { mode: 0o755 })
  return true
}

export const launcherAttacks: Attack[] = [
  {
    name: 'plant programs named like those of the launcher in PATH',
    layer: 'launcher',
    prepare: (world) => {
      const script = `#!/bin/sh\necho pwned >> ${world.env.CANARY}\n`
      return ['bwrap', 'nsenter', 'sh', 'prlimit', 'mount'].every((name) => plant(world, name, script))
    },
    policy: (world) => ({ env: { ...world.env, PATH: `${world.tree}/bin:/srv/project/bin:/usr/bin:/bin` } }),
    argv: ['bwrap', '--version'],
    succeeded: canaryChanged,
  },
  {
    name: 'preload a library into everything',
    layer: 'launcher',
    prepare: (world) => {
      const compiler = findTool('gcc')
      if (!compiler) return false
      const source = `#include <stdio.h>
__attribute__((constructor)) static void run(void) {
  FILE *f = fopen("${world.env.CANARY}", "a"); if (f) { fputs("pwned", f); fclose(f); }
}`
      plant(world, 'evil.c', source)
      execFileSync(compiler, ['-shared', '-fPIC', '-o', join(world.tree, 'evil.so'), join(world.tree, 'bin/evil.c')])
      return true
    },
    policy: (world) => ({ env: { ...world.env, LD_PRELOAD: `${world.tree}/evil.so:/srv/project/evil.so` } }),
    script: 'true',
    succeeded: canaryChanged,
  },
  {
    name: "load code into the house's Node.js by NODE_OPTIONS",
    layer: 'launcher',
    prepare: (world) =>
      plant(world, 'evil.cjs', `try { require('node:fs').appendFileSync('${world.env.CANARY}', 'pwned') } catch {}`),
    policy: (world) => ({
      readOnly: [process.execPath],
      env: { ...world.env, NODE_OPTIONS: `--require=./bin/evil.cjs` },
    }),
    argv: [process.execPath, '-e', '0'],
    succeeded: canaryChanged,
  },
  {
    name: 'start-up files of a shell',
    layer: 'launcher',
    prepare: (world) => plant(world, 'start', `echo pwned >> ${world.env.CANARY}`),
    policy: (world) => ({ env: { ...world.env, BASH_ENV: './bin/start', ENV: './bin/start' } }),
    // With a socket as its input, bash takes itself for a remote shell and reads other files.
    script: '/bin/bash -c : < /dev/null',
    succeeded: canaryChanged,
  },
]
