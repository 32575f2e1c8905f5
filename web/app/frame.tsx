// The frame around every screen: the rail (a bar at the bottom on a phone), global keys, messages, the live stream.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useRouterState } from '@tanstack/react-router'
import { Command } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { inboxQuery } from '../data/queries.ts'
import { KeyCap } from '../parts/key-cap.tsx'
import { Mark } from '../parts/mark.tsx'
import { type Action, actionsInForce, listenForKeys, useActions } from './actions.ts'
import { useNotice } from './notice.ts'
import { places } from './places.ts'
import { applyTheme, chooseTheme, shownTheme, themes, watchTheme } from './theme.ts'
import { say, Toasts, takeUndo } from './toast.tsx'

const CommandList = lazy(() => import('./command-list.tsx').then((all) => ({ default: all.CommandList })))
const KeySheet = lazy(() => import('./key-sheet.tsx').then((all) => ({ default: all.KeySheet })))

export function Frame({ children }: { children: ReactNode }) {
  const navigate = useNavigate()
  const [open, setOpen] = useState<{ kind: 'commands' | 'keys'; actions: Action[] } | null>(null)
  const show = (kind: 'commands' | 'keys') => setOpen({ kind, actions: actionsInForce() })
  const close = () => setOpen(null)
  // Code needs the width: beside it the rail shows icons only, unless the screen is very wide.
  const slim = useRouterState({ select: ({ location }) => /\/(review|compare)$/.test(location.pathname) })
  const inbox = useInfiniteQuery(inboxQuery)
  const waiting = inbox.data?.pages.flatMap(({ tasks }) => tasks) ?? []
  useEffect(listenForKeys, [])
  useEffect(() => watchTheme(() => {}), [])
  useNotice(inbox.data ? waiting : null)
  useActions([
    ...places.map((place) => ({
      id: `go:${place.to}`,
      title: place.to === '/new' ? 'New task' : `Go to ${place.title.toLowerCase()}`,
      group: 'Go',
      keys: place.keys,
      run: () => void navigate({ to: place.to }),
    })),
    { id: 'commands', title: 'Command list', group: 'Help', keys: ['mod+k'], run: () => show('commands') },
    { id: 'keys', title: 'Show all keys', group: 'Help', keys: ['?'], run: () => show('keys') },
    {
      id: 'undo',
      title: 'Undo the last action',
      group: 'Help',
      keys: ['u'],
      run: () => (takeUndo() ?? (() => say('Nothing to undo here.')))(),
    },
    {
      id: 'theme',
      title: 'Next theme (light, dark, high contrast)',
      group: 'Help',
      keys: ['g t'],
      run: () => {
        const shown = themes.filter((theme) => theme !== 'system')
        chooseTheme(shown[(shown.indexOf(shownTheme()) + 1) % shown.length]!)
        applyTheme()
      },
    },
  ])
  const count = waiting.length
  const label = inbox.hasNextPage ? `${count}+` : String(count)
  return (
    <div className="flex h-full flex-col-reverse md:flex-row">
      <nav
        aria-label="Places"
        data-slim={slim || undefined}
        className="group/rail flex shrink-0 items-stretch border-line bg-rail text-rail-ink max-md:justify-around max-md:border-t md:w-44 md:flex-col md:max-2xl:data-slim:w-13 md:gap-0.5 md:border-r md:px-2 md:py-3"
      >
        <Link to="/" className="mb-3 hidden items-center gap-2 px-2 text-rail-strong md:flex">
          <Mark />
          <span className="text-base font-semibold tracking-tight md:max-2xl:group-data-slim/rail:sr-only">
            Seatrial
          </span>
        </Link>
        {places.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            activeOptions={{ exact: place.to === '/', includeSearch: false }}
            title={place.title}
            className="group flex items-center gap-2.5 rounded px-2 py-1.5 text-sm text-rail-ink hover:text-rail-strong max-md:flex-col max-md:gap-0.5 max-md:rounded-none max-md:py-2 max-md:text-2xs data-[status=active]:bg-rail-wash data-[status=active]:font-medium data-[status=active]:text-rail-strong"
          >
            <span className="relative">
              <place.icon size={16} strokeWidth={1.75} aria-hidden="true" />
              {place.to === '/' && count > 0 && (
                <span className="absolute -top-1 -right-1.5 size-2 rounded-full bg-brass md:hidden md:max-2xl:group-data-slim/rail:inline" />
              )}
            </span>
            <span
              className={`md:max-2xl:group-data-slim/rail:sr-only ${place.to === '/settings' || place.to === '/models' ? 'max-[360px]:sr-only' : ''}`}
            >
              {place.title}
            </span>
            {place.to === '/' && count > 0 && (
              <span className="tabular ml-auto hidden rounded-full bg-brass px-1.5 text-2xs font-semibold text-[#0b1a22] md:inline md:max-2xl:group-data-slim/rail:sr-only">
                {label}
                <span className="sr-only"> need you</span>
              </span>
            )}
          </Link>
        ))}
        <button
          type="button"
          onClick={() => show('commands')}
          className="mt-auto hidden items-center justify-between rounded px-2 py-1.5 text-sm text-rail-ink hover:text-rail-strong md:flex"
        >
          <Command
            size={16}
            strokeWidth={1.75}
            aria-hidden="true"
            className="md:max-2xl:not-group-data-slim/rail:hidden 2xl:hidden"
          />
          <span className="md:max-2xl:group-data-slim/rail:sr-only">Commands</span>
          <span className="md:max-2xl:group-data-slim/rail:hidden">
            <KeyCap keys="mod+k" />
          </span>
        </button>
      </nav>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">{children}</div>
      <Suspense>
        {open?.kind === 'commands' && <CommandList actions={open.actions} close={close} />}
        {open?.kind === 'keys' && <KeySheet actions={open.actions} close={close} />}
      </Suspense>
      <Toasts />
    </div>
  )
}
