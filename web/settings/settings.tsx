// Settings: how it looks, when it may notify, hosts that trials may reach, access tokens, people, and who is signed in.
import { useQuery } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import { useActions } from '../app/actions.ts'
import { chooseTheme, chosenTheme, themes, watchTheme } from '../app/theme.ts'
import { say } from '../app/toast.tsx'
import { sessionQuery, signOut } from '../data/session.ts'
import { Button } from '../parts/button.tsx'
import { Screen } from '../parts/screen.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { visible } from '../parts/visible.ts'
import { Hosts } from './hosts.tsx'
import { Part } from './part.tsx'
import { People } from './people.tsx'
import { Tokens } from './tokens.tsx'

const names = { system: 'As the system', light: 'Light', dark: 'Dark', contrast: 'High contrast' } as const

export function SettingsScreen() {
  const theme = useSyncExternalStore(watchTheme, chosenTheme)
  const me = useQuery(sessionQuery)
  const [allowed, setAllowed] = useState(() => globalThis.Notification?.permission ?? 'unsupported')
  useActions([{ id: 'sign-out', title: 'Sign out', group: 'Settings', run: () => void signOut() }])
  const admin = me.data?.role === 'admin'
  return (
    <Screen title="Settings">
      <Scroll label="Settings">
        <div className="mx-auto flex max-w-3xl flex-col gap-4 p-5">
          <Part title="Appearance">
            <div role="radiogroup" aria-label="Theme" className="flex flex-wrap gap-2">
              {themes.map((name) => (
                <label
                  key={name}
                  className={`flex items-center gap-2 rounded border px-3 py-1.5 ${theme === name ? 'border-accent bg-accent-wash' : 'border-line-strong'}`}
                >
                  <input
                    type="radio"
                    name="theme"
                    checked={theme === name}
                    onChange={() => chooseTheme(name)}
                    className="accent-accent"
                  />
                  {names[name]}
                </label>
              ))}
            </div>
          </Part>
          <Part title="Notifications">
            <p className="mb-2 text-ink-soft">
              Only when a task begins to need you: a question, a candidate to review, a failure. Never for progress.
            </p>
            {allowed === 'default' ? (
              <Button onClick={() => void Notification.requestPermission().then(setAllowed)}>
                Allow system notifications
              </Button>
            ) : (
              <p className="text-xs text-ink-faint">
                {allowed === 'granted'
                  ? 'System notifications are allowed; the tab’s title counts what waits.'
                  : 'This browser does not allow them; the tab’s title still counts what waits.'}
              </p>
            )}
          </Part>
          {me.data && <Hosts mayChange={me.data.role !== 'viewer'} />}
          {admin && <Tokens />}
          {admin && <People />}
          {me.data && (
            <Part title="Signed in">
              <div className="flex items-center gap-3">
                <span>
                  {visible(me.data.name)} <span className="text-ink-faint">· {me.data.role}</span>
                </span>
                <Button
                  className="ml-auto"
                  onClick={() => void signOut().catch(() => say('The house does not answer.', { tone: 'bad' }))}
                >
                  Sign out
                </Button>
              </div>
            </Part>
          )}
        </div>
      </Scroll>
    </Screen>
  )
}
