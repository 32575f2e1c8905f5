// A generated repository with real dependencies, the ground on which workspaces are measured.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const run = (program: string, args: string[], cwd: string): string =>
  execFileSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] }).trim()

/** Makes a repository of about `files` small source files in folders of fifty, with a typed package and its tests. */
export function generateRepo(path: string, files: number): void {
  mkdirSync(path, { recursive: true })
  run('git', ['init', '-q', '-b', 'main'], path)
  run('git', ['config', 'user.name', 'Bench'], path)
  run('git', ['config', 'user.email', 'bench@example.invalid'], path)
  for (let number = 0; number < files; number++) {
    const folder = join(path, 'packages', `p${Math.floor(number / 1000)}`, 'src', `f${Math.floor(number / 50) % 20}`)
    if (number % 50 === 0) mkdirSync(folder, { recursive: true })
    const lines = Array.from(
      { length: 12 },
      (_, line) => `export const v${number}_${line} = ${(number * 31 + line * 7) % 9973}`,
    )
    writeFileSync(join(folder, `file-${number}.ts`), `// Number ${number}.\n${lines.join('\n')}\n`)
  }
  typedPackage(join(path, 'typed'))
  writeFileSync(join(path, '.gitignore'), 'node_modules\n')
  writeFileSync(join(path, 'package.json'), '{ "name": "bench", "private": true, "type": "module" }\n')
  run('git', ['add', '-A'], path)
  run('git', ['commit', '-q', '-m', 'Generated'], path)
}

function typedPackage(dir: string): void {
  mkdirSync(join(dir, 'test'), { recursive: true })
  for (let number = 0; number < 300; number++) {
    const previous = number > 0 ? `import { add${number - 1} } from './m${number - 1}.ts'\n` : ''
    const body = number > 0 ? `add${number - 1}(a, b) + 1` : 'a + b'
    writeFileSync(
      join(dir, `m${number}.ts`),
      `${previous}export const add${number} = (a: number, b: number): number => ${body}\n`,
    )
  }
  for (let number = 0; number < 20; number++) {
    const text = `import test from 'node:test'\nimport assert from 'node:assert'\nimport { add299 } from '../m299.ts'\n`
    writeFileSync(
      join(dir, `test/t${number}.test.ts`),
      `${text}test('t${number}', () => assert.equal(add299(1, ${number}), ${number + 300}))\n`,
    )
  }
  const options = { module: 'nodenext', strict: true, noEmit: true, allowImportingTsExtensions: true, types: ['node'] }
  writeFileSync(
    join(dir, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['*.ts', 'test/*.ts'] }),
  )
}

/** Copies an installed dependency folder into the repository (files above a megabyte left out) and counts its files. */
export function addDependencies(path: string, from: string): number {
  if (!existsSync(join(path, 'node_modules'))) {
    run('cp', ['-a', from, join(path, 'node_modules')], path)
    run('find', ['node_modules', '-type', 'f', '-size', '+1M', '-delete'], path)
  }
  return countFiles(join(path, 'node_modules'))
}

function countFiles(dir: string): number {
  let count = 0
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    count += entry.isDirectory() ? countFiles(join(dir, entry.name)) : 1
  }
  return count
}
