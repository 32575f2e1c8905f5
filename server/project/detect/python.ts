// Python projects: uv, Poetry or pip for the set-up; pytest, mypy or pyright, and ruff as checks.
import type { CheckSpec } from '@seatrial/protocol'
import { parse } from 'smol-toml'
import { check, type Detection, fileIn, inPlace, type Place, textIn } from './detection.ts'

interface Installer {
  lockfile: string
  setup: string
  /** Goes before each tool. */
  run: string
  env?: Record<string, string>
}

const installers: Installer[] = [
  { lockfile: 'uv.lock', setup: 'uv sync --frozen --all-extras', run: 'uv run --no-sync ' },
  {
    lockfile: 'poetry.lock',
    setup: 'poetry install --no-interaction',
    run: 'poetry run ',
    env: { POETRY_VIRTUALENVS_IN_PROJECT: 'true' },
  },
  { lockfile: 'pdm.lock', setup: 'pdm sync --dev', run: 'pdm run ' },
  { lockfile: 'Pipfile.lock', setup: 'pipenv sync --dev', run: 'pipenv run ', env: { PIPENV_VENV_IN_PROJECT: '1' } },
]

/** The folder of the environment ignores itself, whatever the project ignores. */
const makeVenv = "python3 -m venv .venv && printf '*\\n' > .venv/.gitignore"
const requirements = ['requirements.txt', 'requirements-dev.txt', 'requirements_dev.txt', 'dev-requirements.txt']
const report = { format: 'junit' as const, path: '.venv/seatrial-junit.xml' }

// biome-ignore lint/suspicious/noExplicitAny: other people's files, read defensively
type Loose = any

export async function detectPython(place: Place): Promise<Detection | null> {
  const { names } = place
  const marker = ['pyproject.toml', 'setup.py', 'setup.cfg', 'Pipfile', 'requirements.txt'].find((name) =>
    names.has(name),
  )
  if (!marker) return null
  const project = readPyproject(await textIn(place, 'pyproject.toml'))
  const installer = installers.find(({ lockfile }) => names.has(lockfile))
  const lists = requirements.filter((name) => names.has(name))
  const run = installer?.run ?? '.venv/bin/'
  const setup = installer?.setup ?? pipSetup(lists, project, names)
  const keyed = installer ? [installer.lockfile] : [...lists, marker]
  return {
    from: fileIn(place, installer?.lockfile ?? marker),
    setup: [inPlace(place, setup)],
    lockfiles: [...new Set(keyed)].map((name) => fileIn(place, name)),
    checks: await findChecks(place, project, run),
    ...(installer?.env ? { env: installer.env } : {}),
    preset: 'pypi',
  }
}

function readPyproject(text: string): Loose {
  try {
    return parse(text)
  } catch {
    return {}
  }
}

function pipSetup(lists: string[], project: Loose, names: Set<string>): string {
  const extras = Object.keys(project.project?.['optional-dependencies'] ?? {}).filter((name) =>
    /^(dev|tests?)$/.test(name),
  )
  const packaged = project.project || project['build-system'] || names.has('setup.py')
  const wanted = lists.map((list) => `-r ${list}`)
  if (packaged) wanted.push(extras.length > 0 ? `-e '.[${extras.join(',')}]'` : '-e .')
  return `${makeVenv} && .venv/bin/pip install ${wanted.join(' ')}`
}

async function findChecks(place: Place, project: Loose, run: string): Promise<CheckSpec[]> {
  const { names } = place
  const tools = project.tool ?? {}
  const everything =
    JSON.stringify(project) + (await Promise.all(requirements.map((name) => textIn(place, name)))).join()
  const checks: CheckSpec[] = []
  const tested = names.has('pytest.ini') || names.has('conftest.py') || tools.pytest || /pytest/.test(everything)
  if (tested) checks.push(check(place, 'test', `${run}pytest --junitxml=${report.path}`, report))
  else if (names.has('tests') || names.has('test'))
    checks.push(check(place, 'test', `${run}python -m unittest discover`))
  if (tools.mypy || names.has('mypy.ini') || names.has('.mypy.ini')) checks.push(check(place, 'types', `${run}mypy .`))
  else if (tools.pyright || names.has('pyrightconfig.json')) checks.push(check(place, 'types', `${run}pyright`))
  if (tools.ruff || names.has('ruff.toml') || names.has('.ruff.toml'))
    checks.push(check(place, 'lint', `${run}ruff check .`))
  else if (names.has('.flake8')) checks.push(check(place, 'lint', `${run}flake8`))
  return checks
}
