// Inbox: what needs me, by what unblocks most; answered, accepted and put off without leaving it.
import type { TaskView } from '@seatrial/protocol/api'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Suspense, useMemo, useRef, useState } from 'react'
import { useActions } from '../app/actions.ts'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { everyTaskQuery, inboxQuery, runningQuery } from '../data/queries.ts'
import { answerActions } from '../decide/answers.ts'
import { AcceptDialog, RejectDialog, SnoozeDialog } from '../decide/lazy.ts'
import { Screen } from '../parts/screen.tsx'
import { useCursor } from '../parts/use-cursor.ts'
import { List } from './list.tsx'
import { byUrgency, candidatesOf, leadOf, matches, needOf } from './need.ts'
import { Preview } from './preview.tsx'
import { Quiet } from './quiet.tsx'

const route = getRouteApi('/')
const ended = ['done', 'rejected', 'cancelled']
const tabs = [
  { name: 'needs', title: 'Needs me' },
  { name: 'running', title: 'Running' },
  { name: 'done', title: 'Done' },
] as const

function useTasks(tab: (typeof tabs)[number]['name']) {
  const inbox = useInfiniteQuery(inboxQuery)
  const running = useQuery({ ...runningQuery, enabled: tab === 'running' })
  const every = useInfiniteQuery({ ...everyTaskQuery, enabled: tab === 'done' })
  const needs = useMemo(() => byUrgency(inbox.data?.pages.flatMap(({ tasks }) => tasks) ?? []), [inbox.data])
  const done = useMemo(
    () => every.data?.pages.flatMap(({ tasks }) => tasks).filter(({ state }) => ended.includes(state)) ?? [],
    [every.data],
  )
  const tasks = { needs, running: running.data ?? [], done }[tab]
  const source = tab === 'needs' ? inbox : every
  const more =
    tab !== 'running' && source.hasNextPage && !source.isFetchingNextPage
      ? () => void source.fetchNextPage()
      : undefined
  const pending = { needs: inbox, running, done: every }[tab].isPending
  return { tasks, more, pending, needs: needs.length, endless: inbox.hasNextPage }
}

export function Inbox() {
  const { tab = 'needs' } = route.useSearch()
  const navigate = useNavigate()
  const { tasks: all, more, pending, needs, endless } = useTasks(tab)
  const [search, setSearch] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const [dialog, setDialog] = useState<{ kind: 'accept' | 'reject' | 'snooze'; task: TaskView } | null>(null)
  const tasks = useMemo(() => (search ? all.filter((task) => matches(task, search)) : all), [all, search])
  const [at, move] = useCursor(tasks.map(({ id }) => id))
  const task = tasks[at]
  const need = task && needOf(task)

  const open = (index: number) => {
    const chosen = tasks[index]
    if (!chosen) return
    const kind = needOf(chosen)?.kind
    const to = kind === 'review' ? '/tasks/$id/review' : kind === 'choose' ? '/tasks/$id/compare' : '/tasks/$id'
    void navigate({ to, params: { id: chosen.id } })
  }
  const withTask = (run: (task: TaskView) => void) => () => task && run(task)
  useActions([
    { id: 'down', title: 'Next task', group: 'Inbox', keys: ['j', 'ArrowDown'], run: () => move(at + 1) },
    { id: 'up', title: 'Previous task', group: 'Inbox', keys: ['k', 'ArrowUp'], run: () => move(at - 1) },
    { id: 'open', title: 'Open what it needs', group: 'Inbox', keys: ['Enter'], run: () => open(at) },
    {
      id: 'task',
      title: 'Open the task with its timeline',
      group: 'Inbox',
      keys: ['t'],
      run: withTask(({ id }) => void navigate({ to: '/tasks/$id', params: { id } })),
    },
    {
      id: 'accept',
      title: 'Accept the recommended candidate',
      group: 'Inbox',
      keys: ['a'],
      run: withTask((chosen) => leadOf(chosen) && setDialog({ kind: 'accept', task: chosen })),
    },
    {
      id: 'reject',
      title: 'Reject',
      group: 'Inbox',
      keys: ['x'],
      run: withTask((chosen) => setDialog({ kind: 'reject', task: chosen })),
    },
    {
      id: 'compare',
      title: 'Compare its candidates',
      group: 'Inbox',
      keys: ['c'],
      run: withTask(
        (chosen) =>
          candidatesOf(chosen).length > 1 && void navigate({ to: '/tasks/$id/compare', params: { id: chosen.id } }),
      ),
    },
    {
      id: 'snooze',
      title: 'Snooze',
      group: 'Inbox',
      keys: ['z'],
      run: withTask((chosen) => setDialog({ kind: 'snooze', task: chosen })),
    },
    {
      id: 'retry',
      title: 'Try a failed task again',
      group: 'Inbox',
      keys: ['r'],
      run: withTask(
        ({ id }) =>
          need?.kind === 'failed' && void act(client.rework({ params: { id }, body: { text: '' } }), 'Sent out again.'),
      ),
    },
    { id: 'search', title: 'Search', group: 'Inbox', keys: ['/'], run: () => field.current?.focus() },
    ...(need?.kind === 'answer' ? answerActions(need.ask, 'Inbox') : []),
  ])

  return (
    <Screen
      title="Inbox"
      bar={
        <>
          <nav aria-label="Lists" className="flex gap-1">
            {tabs.map(({ name, title }) => (
              <Link
                key={name}
                to="/"
                search={name === 'needs' ? {} : { tab: name }}
                aria-current={tab === name ? 'page' : undefined}
                className={`rounded px-2 py-1 font-medium ${tab === name ? 'bg-accent-wash text-accent' : 'text-ink-soft hover:text-ink'}`}
              >
                {title}
                {name === 'needs' && needs > 0 && (
                  <span className="tabular ml-1.5">{endless ? `${needs}+` : needs}</span>
                )}
              </Link>
            ))}
          </nav>
          <input
            ref={field}
            type="search"
            aria-label="Search tasks"
            placeholder="Search  /"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return
              setSearch('')
              event.currentTarget.blur()
            }}
            className="ml-auto w-44 min-w-0 rounded border border-line bg-sunk px-2 py-1 text-ink max-sm:w-28"
          />
        </>
      }
    >
      <div className="flex min-h-0 flex-1">
        <section
          aria-label="Tasks"
          className="flex min-w-0 flex-1 flex-col bg-panel lg:max-w-[34rem] lg:border-r lg:border-line"
        >
          {tasks.length > 0 ? (
            <List tasks={tasks} at={at} choose={move} open={open} more={more} />
          ) : (
            !pending && <Quiet tab={tab} searching={search !== ''} />
          )}
        </section>
        <section aria-label="Preview" className="hidden min-w-0 flex-1 overflow-y-auto lg:block">
          {task && (
            <Preview
              key={task.id}
              task={task}
              open={() => open(at)}
              accept={() => setDialog({ kind: 'accept', task })}
              snooze={() => setDialog({ kind: 'snooze', task })}
              reject={() => setDialog({ kind: 'reject', task })}
            />
          )}
        </section>
      </div>
      <Suspense>
        {dialog?.kind === 'accept' && (
          <AcceptDialog task={dialog.task} trial={leadOf(dialog.task)!} close={() => setDialog(null)} />
        )}
        {dialog?.kind === 'reject' && <RejectDialog task={dialog.task} close={() => setDialog(null)} />}
        {dialog?.kind === 'snooze' && <SnoozeDialog task={dialog.task} close={() => setDialog(null)} />}
      </Suspense>
    </Screen>
  )
}
