// `seatrial agents`: the catalog, what is ready on this machine, and installing what can be installed.
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { oneLine, table } from '../format.ts'

export function addAgents(program: Command, context: () => Context): void {
  const agents = program.command('agents').description('agents of the catalog and whether they are ready')
  agents.action(async () => {
    const { agents: cards } = await (await context().client()).listAgents({})
    if (context().json) return context().document({ agents: cards })
    const { color } = context()
    context().out(
      table(
        cards.map((card) => [
          card.ready ? color.green('ready') : color.dim('–'),
          card.id,
          card.version ?? '',
          card.licence,
          card.wire === 'none' ? 'no model needed' : `needs ≥ ${Math.round(card.minContextTokens / 1000)}k context`,
          card.missing ? color.dim(oneLine(card.missing, 90)) : '',
        ]),
      ),
    )
  })
  agents
    .command('install')
    .description('download an agent of the catalog into the house')
    .argument('<agent>')
    .action(async (id: string) => {
      context().talk(`Installing ${id}…`)
      const card = await (await context().client()).installAgent({ params: { id } })
      if (context().json) context().document({ agent: card })
      else context().out(card.ready ? `${card.id} ${card.version ?? ''} is ready` : `${card.id}: ${card.missing}`)
    })
}
