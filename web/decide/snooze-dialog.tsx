// Snooze: hide a task until a time, by one key.
import type { TaskView } from '@seatrial/protocol/api'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { moment } from '../parts/format.ts'

const hour = 3_600_000

/** Nine in the morning, `days` from now. */
const morning = (now: number, days: number): Date => {
  const at = new Date(now)
  at.setDate(at.getDate() + days)
  at.setHours(9, 0, 0, 0)
  return at
}

/** Times on offer; Monday is always in the future. */
export const snoozes = (now: number): { title: string; until: Date }[] => [
  { title: 'One hour', until: new Date(now + hour) },
  { title: 'Four hours', until: new Date(now + 4 * hour) },
  { title: 'Tomorrow', until: morning(now, 1) },
  { title: 'Monday', until: morning(now, (8 - new Date(now).getDay()) % 7 || 7) },
]

export function SnoozeDialog({ task, close }: { task: TaskView; close(): void }) {
  const choices = snoozes(Date.now())
  const snooze = (until: Date) => {
    close()
    void act(
      client.snoozeTask({ params: { id: task.id }, body: { until: until.toISOString() } }),
      `Hidden until ${moment(until.toISOString())}.`,
      () => () => void act(client.snoozeTask({ params: { id: task.id }, body: { until: null } }), 'Back in the inbox.'),
    )
  }
  return (
    <Dialog
      open
      close={close}
      title="Snooze until"
      actions={choices.map(({ title, until }, index) => ({
        id: title,
        title,
        group: 'Snooze',
        keys: [String(index + 1)],
        run: () => snooze(until),
      }))}
    >
      <div className="flex flex-col gap-1 p-2">
        {choices.map(({ title, until }, index) => (
          <Button key={title} tone="quiet" keys={String(index + 1)} onClick={() => snooze(until)}>
            <span className="w-24 text-left text-ink">{title}</span>
            <span className="flex-1 text-left text-ink-faint">{moment(until.toISOString())}</span>
          </Button>
        ))}
      </div>
    </Dialog>
  )
}
