// The catalog of agents: what can run on this machine now, and what is missing otherwise.
import type { AgentCard } from '@seatrial/protocol/agent'
import { short } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'

export const Agents = ({ agents }: { agents: readonly AgentCard[] }) => (
  <section>
    <h2 className="mb-3 text-lg font-semibold">Agents</h2>
    <ul className="grid gap-2 sm:grid-cols-2">
      {agents.map((agent) => (
        <li key={agent.id} className="rounded-md border border-line bg-panel px-3 py-2">
          <p className="flex items-baseline gap-2">
            <span className="font-medium">{visible(agent.label)}</span>
            <span className="font-mono text-xs text-ink-faint">{agent.id}</span>
            <span className={`ml-auto text-xs ${agent.ready ? 'text-ship' : 'text-warn'}`}>
              {agent.ready ? 'ready' : 'not ready'}
            </span>
          </p>
          <p className="text-xs text-ink-faint">
            {agent.licence}
            {agent.version && ` · ${agent.version}`}
            {agent.wire === 'none'
              ? ' · needs no model'
              : ` · first prompt ${short.format(agent.firstPromptTokens)} tokens`}
            {agent.seesImages && ' · sees pictures'}
          </p>
          {agent.missing && <p className="mt-1 text-xs text-warn">{visible(agent.missing)}</p>}
        </li>
      ))}
    </ul>
  </section>
)
