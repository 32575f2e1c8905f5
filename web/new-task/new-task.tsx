// New task: what is asked, of whom, within which budget; the doctor looks before anything is spent.
import type { CheckSpec } from '@seatrial/protocol/project'
import type { Picture } from '@seatrial/protocol/task'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useActions } from '../app/actions.ts'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { useKept } from '../data/kept.ts'
import { contendersQuery, doctorQuery, projectsQuery } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { Field, inputLook } from '../parts/field.tsx'
import { Screen } from '../parts/screen.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { visible } from '../parts/visible.ts'
import { AddProject } from './add-project.tsx'
import { Checks } from './checks.tsx'
import { Contenders } from './contenders.tsx'
import { Doctor } from './doctor.tsx'
import { PictureField } from './picture-field.tsx'

const route = getRouteApi('/new')

export function NewTaskScreen() {
  const navigate = useNavigate()
  const { project: named } = route.useSearch()
  const projects = useQuery(projectsQuery)
  const known = useQuery(contendersQuery)
  const [last, keepLast] = useKept('seatrial.project', '')
  const [chosen, setChosen] = useState(named ?? '')
  const [prompt, setPrompt] = useKept('seatrial.prompt', '')
  const [pictures, setPictures] = useState<Picture[]>([])
  const [base, setBase] = useState<'commit' | 'working-tree'>('commit')
  const [ref, setRef] = useState('HEAD')
  const [contenders, setContenders] = useState<string[] | null>(null)
  const [attempts, setAttempts] = useState(1)
  const [dollars, setDollars] = useState('')
  const [minutes, setMinutes] = useState('')
  const [checks, setChecks] = useState<CheckSpec[]>([])
  const [sure, setSure] = useState(false)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)

  const list = projects.data ?? []
  const project = list.find(({ id }) => id === chosen) ?? list.find(({ id }) => id === last) ?? list[0]
  const doctor = useQuery({ ...doctorQuery(project?.id), enabled: project !== undefined })
  const errors = doctor.data?.filter(({ level }) => level === 'error') ?? []
  const asked = contenders ?? project?.settings.contenders ?? []
  const blocked = busy || !project || !prompt.trim() || (errors.length > 0 && !sure)

  const start = async () => {
    if (blocked || !project) return
    setBusy(true)
    keepLast(project.id)
    const made = await act(
      client.submitTask({
        body: {
          project: project.id,
          prompt: prompt.trim(),
          images: pictures,
          base: base === 'commit' ? { kind: 'commit', ref: ref.trim() || 'HEAD' } : { kind: 'working-tree' },
          contenders: asked,
          attempts,
          budget: {
            micros: dollars ? Math.round(Number(dollars) * 1e6) : null,
            minutes: minutes ? Number(minutes) : null,
          },
          checks,
        },
      }),
      'Under way. Keep coding; it surfaces in the inbox when it needs you.',
    )
    setBusy(false)
    if (!made) return
    setPrompt('')
    void navigate({ to: '/tasks/$id', params: { id: made.id } })
  }
  useActions([
    { id: 'start', title: 'Start the task', group: 'New task', keys: ['mod+Enter'], run: () => void start() },
  ])

  return (
    <Screen title="New task">
      <Scroll label="New task">
        <form
          ref={form}
          className="mx-auto grid max-w-5xl gap-6 p-5 lg:grid-cols-[1fr_19rem]"
          onSubmit={(event) => {
            event.preventDefault()
            void start()
          }}
        >
          <div className="flex min-w-0 flex-col gap-5">
            <Field label="Project" for_="project">
              {list.length > 0 && (
                <select
                  id="project"
                  value={project?.id ?? ''}
                  onChange={(event) => setChosen(event.target.value)}
                  className={inputLook}
                >
                  {list.map((one) => (
                    <option key={one.id} value={one.id}>
                      {visible(`${one.name}  ·  ${one.path}`)}
                    </option>
                  ))}
                </select>
              )}
              <AddProject first={projects.isSuccess && list.length === 0} added={(id) => setChosen(id)} />
            </Field>
            <Field label="What should change?" for_="prompt">
              <textarea
                id="prompt"
                // biome-ignore lint/a11y/noAutofocus: this is what one came to write.
                autoFocus
                required
                rows={7}
                value={prompt}
                onChange={(event) => setPrompt(event.target.value)}
                placeholder="Say what, why, and how you will know that it is right. Paste or drop pictures anywhere on this page."
                className={`${inputLook} resize-y text-base leading-6`}
              />
            </Field>
            <PictureField pictures={pictures} change={setPictures} />
            <Contenders known={known.data ?? []} asked={asked} change={setContenders} />
            <Checks own={project?.settings.checks ?? []} checks={checks} change={setChecks} />
          </div>
          <div className="flex min-w-0 flex-col gap-5">
            <Field label="Starts from" for_="base">
              <select
                id="base"
                value={base}
                onChange={(event) => setBase(event.target.value as typeof base)}
                className={inputLook}
              >
                <option value="commit">A commit</option>
                <option value="working-tree">Your working tree as it is now</option>
              </select>
              {base === 'commit' && (
                <input
                  aria-label="Commit or branch"
                  value={ref}
                  onChange={(event) => setRef(event.target.value)}
                  spellCheck={false}
                  className={`${inputLook} font-mono`}
                />
              )}
            </Field>
            <Field label="Attempts per contender" for_="attempts">
              <input
                id="attempts"
                type="number"
                min={1}
                max={8}
                value={attempts}
                onChange={(event) => setAttempts(Math.max(1, Math.min(8, Number(event.target.value) || 1)))}
                className={inputLook}
              />
            </Field>
            <div className="grid grid-cols-2 gap-3">
              <Field label="Budget, $" for_="dollars">
                <input
                  id="dollars"
                  type="number"
                  min={0}
                  step="0.01"
                  placeholder="none"
                  value={dollars}
                  onChange={(event) => setDollars(event.target.value)}
                  className={inputLook}
                />
              </Field>
              <Field label="Minutes" for_="minutes">
                <input
                  id="minutes"
                  type="number"
                  min={1}
                  placeholder="none"
                  value={minutes}
                  onChange={(event) => setMinutes(event.target.value)}
                  className={inputLook}
                />
              </Field>
            </div>
            <Doctor findings={doctor.data} />
            {errors.length > 0 && (
              <label className="flex items-start gap-2">
                <input
                  type="checkbox"
                  checked={sure}
                  onChange={(event) => setSure(event.target.checked)}
                  className="mt-1 accent-accent"
                />
                Start anyway
              </label>
            )}
            <Button type="submit" tone="primary" keys="mod+Enter" disabled={blocked} className="justify-center py-2">
              Start
            </Button>
          </div>
        </form>
      </Scroll>
    </Screen>
  )
}
