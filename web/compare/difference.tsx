// One place where candidates differ: what each does there, side by side, and which of them is taken.
import { Button } from '../parts/button.tsx'
import { visible } from '../parts/visible.ts'
import type { Cluster } from './clusters.ts'
import { EditText } from './edit-text.tsx'
import { WholeText } from './whole-text.tsx'

interface DifferenceProps {
  cluster: Cluster
  /** Of the candidates, in order. */
  names: readonly string[]
  current: boolean
  /** The candidate taken here; null for none of them, undefined while it is open. */
  picked: number | null | undefined
  pick(candidate: number | null): void
}

export function Difference({ cluster, names, current, picked, pick }: DifferenceProps) {
  const { path, agreed, whole, hunks } = cluster
  const where = whole ? 'as a whole' : `${cluster.from}–${cluster.to}`
  return (
    <section
      aria-label={`${path}, ${whole ? where : `lines ${cluster.from} to ${cluster.to}`}`}
      aria-current={current ? 'true' : undefined}
      className={`overflow-hidden rounded-md border bg-panel ${current ? 'border-accent' : 'border-line'}`}
    >
      <header className="flex items-baseline gap-2 border-b border-line bg-sunk px-3 py-1.5 text-xs">
        <span className="truncate font-mono font-medium">{visible(path)}</span>
        <span className="tabular shrink-0 text-ink-faint">{where}</span>
        {agreed && <span className="text-ship">agreed</span>}
        {!agreed && picked === null && <span className="text-ink-soft">none taken</span>}
      </header>
      <div className="grid auto-cols-fr divide-line max-md:divide-y md:grid-flow-col md:divide-x">
        {names.slice(0, agreed ? 1 : undefined).map((name, column) => {
          const taken = !agreed && picked === column
          return (
            <div key={name} className={`min-w-0 ${taken ? 'shadow-[inset_0_2px_0_var(--ship)]' : ''}`}>
              {!agreed && (
                <div className="flex items-center gap-2 px-3 pt-1.5">
                  <span className="text-xs font-semibold">{name}</span>
                  <Button
                    small
                    tone={taken ? 'ship' : 'plain'}
                    keys={current ? String(column + 1) : undefined}
                    aria-pressed={taken}
                    onClick={() => pick(taken ? null : column)}
                  >
                    {taken ? 'Taken' : 'Take'}
                  </Button>
                </div>
              )}
              {whole ? <WholeText file={whole[column] ?? null} /> : <EditText hunks={hunks[column] ?? []} />}
            </div>
          )
        })}
      </div>
    </section>
  )
}
