// All keys of the screen, by group.
import { Dialog } from '../parts/dialog.tsx'
import { KeyCap } from '../parts/key-cap.tsx'
import type { Action } from './actions.ts'

export function KeySheet({ actions, close }: { actions: readonly Action[]; close(): void }) {
  const groups = Map.groupBy(
    actions.filter(({ keys }) => keys && keys.length > 0),
    ({ group }) => group,
  )
  return (
    <Dialog open close={close} title="Keys" wide>
      <div className="columns-1 gap-8 overflow-y-auto p-4 sm:columns-2">
        {[...groups].map(([group, list]) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-2xs font-semibold tracking-wide text-ink-faint uppercase">{group}</h3>
            <dl>
              {list.map((action) => (
                <div key={action.id} className="flex items-center gap-2 py-0.5">
                  <dt className="flex-1 text-ink-soft">{action.title}</dt>
                  <dd className="flex gap-1">
                    {action.keys?.map((keys) => (
                      <KeyCap key={keys} keys={keys} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
