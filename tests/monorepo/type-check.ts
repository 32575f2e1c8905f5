// The repository's own compiler, run per package outside of the house.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** Packages that the repository itself type-checks. */
export async function typedPackages(root: string): Promise<string[]> {
  const names = (await readdir(join(root, 'packages'))).sort()
  const checked = names.map(async (name) => {
    const manifest = JSON.parse(await readFile(join(root, 'packages', name, 'package.json'), 'utf8')) as {
      scripts?: Record<string, string>
    }
    return manifest.scripts?.typecheck ? [name] : []
  })
  return (await Promise.all(checked)).flat()
}

/** Errors by package, without line numbers, so that they can be compared across edits. */
export async function typeErrors(root: string, packages: string[]): Promise<Map<string, string[]>> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const errors = new Map<string, string[]>()
  for (const name of packages) {
    const run = await execa(process.execPath, [compiler, '--noEmit', '--pretty', 'false'], {
      cwd: join(root, 'packages', name),
      reject: false,
    })
    const found = run.stdout.split('\n').filter((line) => line.includes('error TS'))
    if (run.exitCode !== 0 && found.length === 0) throw new Error(`tsc of ${name} failed: ${run.stdout} ${run.stderr}`)
    errors.set(
      name,
      found.map((line) => line.replace(/\(\d+,\d+\)/, '')),
    )
  }
  return errors
}
