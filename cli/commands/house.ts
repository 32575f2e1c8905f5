// The house itself: doctor, up, down, open, gc, tokens.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import type { Role } from '@seatrial/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { table } from '../format.ts'
import { findHouse, stopHouse } from '../house-process.ts'

const gb = (bytes: number): string =>
  bytes > 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`

export function addHouse(program: Command, context: () => Context): void {
  program
    .command('doctor')
    .description('what is missing, before any token is spent')
    .option('-p, --project <path>', 'repository (default: the one you are in)')
    .action(async (options: { project?: string }) => {
      const client = await context().client()
      const project = await client
        .addProject({ body: { path: resolve(options.project ?? '.') } })
        .catch((error: Error) => {
          if (options.project) throw error
          context().talk(`${error.message} Looking at the house alone.`)
          return null
        })
      const { findings } = await client.doctor({ query: project ? { project: project.id } : {} })
      if (findings.some((finding) => finding.level === 'error')) process.exitCode = exitCodes.failed
      if (context().json) return context().document({ findings })
      const { color } = context()
      const marks = { ok: color.green('✓'), warning: color.yellow('!'), error: color.red('✗') }
      context().out(table(findings.map((each) => [marks[each.level], each.area, each.sentence])))
    })
  program
    .command('up')
    .description('start the house if none runs')
    .action(async () => {
      const url = await context().url()
      if (context().json) context().document({ url })
      else context().out(url)
    })
  program
    .command('down')
    .description('stop the house; running trials go on at the next start')
    .action(async () => {
      const house = await findHouse(context().dataDir)
      if (!house) return context().talk('No house runs.')
      await stopHouse(house, context().dataDir)
      context().talk('Stopped.')
    })
  program
    .command('open')
    .description('open the web app in a browser, signed in')
    .option('--print', 'print the address instead')
    .action(async (options: { print?: boolean }) => {
      const url = await context().url()
      const house = await findHouse(context().dataDir)
      // The token stays behind the #: it is never sent in a request line and never logged.
      const address = house ? `${url}/#token=${house.token}` : url
      if (options.print || context().json)
        return context().json ? context().document({ url: address }) : context().out(address)
      const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
      const child = spawn(opener, [address], { stdio: 'ignore', detached: true })
      child.on('error', () => context().out(address))
      child.unref()
    })
  program
    .command('gc')
    .description('remove workspaces and layers nobody needs any more; never what you have not decided on')
    .option('--dry-run', 'only show what would go')
    .action(async (options: { dryRun?: boolean }) => {
      const result = await (await context().client()).collectGarbage({ body: { dryRun: options.dryRun ?? false } })
      if (context().json) return context().document(result)
      if (result.items.length > 0)
        context().out(table(result.items.map((item) => [gb(item.bytes), item.kind, item.id])))
      context().talk(
        `${result.removed ? 'Removed' : 'Would remove'} ${result.items.length} items, ${gb(result.bytes)}.`,
      )
    })
  const token = program.command('token').description('access tokens for programs')
  token
    .command('make')
    .argument('<name>')
    .option('--role <role>', 'viewer, member or admin', 'member')
    .option('--days <days>', 'how long it is valid; without it, until revoked')
    .action(async (name: string, options: { role: Role; days?: string }) => {
      const days = options.days === undefined ? null : Number(options.days)
      const made = await (await context().client()).makeToken({ body: { name, role: options.role, days } })
      if (context().json) return context().document(made)
      context().out(made.secret)
      context().talk('It is shown once; keep it safe.')
    })
  token.command('list').action(async () => {
    const { tokens } = await (await context().client()).listTokens({})
    if (context().json) context().document({ tokens })
    else context().out(table(tokens.map((each) => [each.id, each.name, each.role, each.lastUsedAt ?? 'never used'])))
  })
  token
    .command('revoke')
    .argument('<id>')
    .action(async (id: string) => {
      if (!id) throw new Refusal('bad_request', 'Name the token; `seatrial token list` shows them.')
      await (await context().client()).revokeToken({ params: { id } })
      context().talk(`${id} is revoked.`)
    })
}
