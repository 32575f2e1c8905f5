// Projects: repositories the house knows. Most people never need this: `run` adds the one they are in.
import { resolve } from 'node:path'
import type { EgressView, Project } from '@seatrial/protocol'
import type { Client } from '@seatrial/protocol/client'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { table } from '../format.ts'

export function addProject(program: Command, context: () => Context): void {
  const project = program.command('project').description('repositories the house knows')
  project
    .command('add')
    .argument('[path]', 'repository', '.')
    .option('--name <name>', 'how to call it')
    .action(async (path: string, options: { name?: string }) => {
      const body = { path: resolve(path), ...(options.name ? { name: options.name } : {}) }
      show(context(), await (await context().client()).addProject({ body }))
    })
  project.command('list').action(async () => {
    const { projects } = await (await context().client()).listProjects({})
    if (context().json) context().document({ projects })
    else context().out(table(projects.map((each) => [each.id, each.name, each.path])))
  })
  project
    .command('show')
    .description('settings as detected or configured, and where each came from')
    .argument('[project]', 'id, name or path', '.')
    .action(async (id: string) => {
      show(context(), await projectAt(await context().client(), id))
    })
  project
    .command('egress')
    .description('hosts that trials may reach, and what was said of them')
    .argument('[project]', 'id, name or path', '.')
    .option('--allow <host>', 'always allow it, in running trials too')
    .option('--deny <host>', 'never allow it')
    .option('--forget <host>', 'forget what was said of it')
    .action(async (id: string, { allow, deny, forget }: { allow?: string; deny?: string; forget?: string }) => {
      const client = await context().client()
      const params = { id: (await projectAt(client, id)).id }
      const said = [
        ...(forget ? [{ host: forget, verdict: 'forget' as const }] : []),
        ...(allow ? [{ host: allow, verdict: 'always' as const }] : []),
        ...(deny ? [{ host: deny, verdict: 'never' as const }] : []),
      ]
      for (const body of said) await client.setEgress({ params, body })
      showEgress(context(), await client.getEgress({ params }))
    })
  project
    .command('remove')
    .argument('<project>', 'id or name')
    .action(async (id: string) => {
      await (await context().client()).removeProject({ params: { id } })
      context().talk(`${id} is forgotten; its checkout was not touched.`)
    })
}

/** The project at a path, or the one of that id or name. */
const projectAt = (client: Client, text: string): Promise<Project> =>
  client.addProject({ body: { path: resolve(text) } }).catch(() => client.getProject({ params: { id: text } }))

function showEgress(context: Context, egress: EgressView): void {
  if (context.json) return context.document({ egress })
  const { presets, allow, credentials, rules, unknown } = egress
  const rows = [
    ...presets.flatMap(({ name, hosts }) => hosts.map((host) => ['allowed', host, `preset ${name}`])),
    ...allow.map((host) => ['allowed', host, 'egress.allow']),
    ...credentials.map((host) => ['allowed', host, 'credential of house.toml']),
    ...rules.map(({ host, verdict, at }) => [
      verdict === 'always' ? 'allowed' : 'denied',
      host,
      `said ${at.slice(0, 16).replace('T', ' ')}`,
    ]),
    [unknown === 'ask' ? 'asked' : 'denied', 'any other host', 'egress.unknown'],
  ]
  context.out(table(rows))
}

function show(context: Context, project: Project): void {
  if (context.json) return context.document({ project })
  const { settings, detectedFrom } = project
  const from = (key: string): string => (detectedFrom[key] ? context.color.dim(`  (${detectedFrom[key]})`) : '')
  context.out(`${project.name}  ${project.id}  ${project.path}`)
  context.out(`set-up   ${settings.setup.join(' && ') || 'none'}${from('setup')}`)
  for (const check of settings.checks) context.out(`check    ${check.name}: ${check.command}${from('checks')}`)
  if (settings.carry.length > 0) context.out(`carries  ${settings.carry.join(', ')}${from('carry')}`)
  context.out(`sandbox  ${settings.sandbox}`)
  context.out(
    `egress   ${[...settings.egress.presets, ...settings.egress.allow].join(', ') || 'none'}, otherwise ${settings.egress.unknown}`,
  )
}
