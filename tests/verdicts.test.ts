// Verdicts through the whole house: the built-in example, runs that become verdicts, explanations, votes, what became of
// an accepted change, and the digest over a real SMTP server.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ComparisonView, VoteChoice } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeDueWeek } from '../server/journey/verdicts/digest.ts'
import { watchOutcomes } from '../server/journey/verdicts/outcomes.ts'
import { decision } from '../server/store/tables.ts'
import { commitAll, git, makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from './house.ts'
import { linkIn, type MailServer, startMailServer } from './mail-server.ts'

let house: TestHouse
let repo: string
let mail: MailServer

const files = {
  'package.json': JSON.stringify({ name: 'sample', type: 'module', private: true, scripts: { test: 'node --test' } }),
  'src/sum.js': 'export const sum = (a, b) => a - b\n',
  'src/sum.test.js':
    "import assert from 'node:assert'\nimport { test } from 'node:test'\nimport { sum } from './sum.js'\ntest('adds', () => assert.equal(sum(1, 2), 3))\n",
}
const fix = [{ do: 'edit', path: 'src/sum.js', old: 'a - b', new: 'a + b' }]

beforeAll(async () => {
  mail = await startMailServer()
  house = await openTestHouse({ houseToml: mail.toml })
  repo = await makeRepo(files)
})
afterAll(async () => {
  await removeRepo(repo)
  await house.close()
  await mail.close()
})

const example = 'cursor-background-agent-vs-mistral-small-3-1'
const url = (path: string): string => house.house.url + path
const text = async (path: string): Promise<string> => (await fetch(url(path))).text()

/** Follows the log until a verdict on the pair has a version for which `test` holds. */
async function untilVerdict(slug: string, holds: (view: ComparisonView) => boolean): Promise<ComparisonView> {
  const signal = AbortSignal.timeout(60_000)
  const now = async () => view(slug).catch(() => null)
  const first = await now()
  if (first && holds(first)) return first
  for await (const _ of house.client.follow({ after: 0, signal })) {
    const next = await now()
    if (next && holds(next)) return next
  }
  throw new Error(`No verdict on ${slug} came to hold`)
}
const view = (slug: string) => house.client.getComparison({ params: { slug } })

/** A signed-in person: an invitation traded for a cookie. */
async function person(name: string) {
  const { secret, id } = await house.client.invitePerson({ body: { name, role: 'member' } })
  return { id, secret, ...(await signIn(secret)) }
}
type Guest = Awaited<ReturnType<typeof person>>

async function signIn(secret: string) {
  const reply = await fetch(url('/v1/session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: secret }),
  })
  const cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? ''
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
  return {
    headers,
    vote: async (slug: string, choice: VoteChoice) => {
      const reply = await fetch(url(`/v1/comparisons/${slug}/vote`), {
        method: 'PUT',
        headers,
        body: JSON.stringify({ choice }),
      })
      return { status: reply.status, body: await reply.json() }
    },
    ballot: async (slug: string) => (await fetch(url(`/v1/comparisons/${slug}/ballot`), { headers })).json(),
  }
}

test('the built-in example is there on first start and holds what was asked for', async () => {
  const found = await view(example)
  expect(found.estimate).toMatchObject({ label: 'too-early', opinion: true })
  expect(found.arguments).toHaveLength(8)
  expect(found.community.words).toBeNull()
  const page = await text(`/compare/${example}`)
  for (const part of [
    'Cursor Background Agent',
    'Mistral Small 3.1',
    'TOO EARLY',
    'Opinion, not evidence',
    'independent)',
    'Reviewer split',
    'Pricing read',
    'Community vote',
    'Background coding agent',
    'Open-weight multimodal model',
    'Subscription',
    '$20 per month',
    'Weekly digest',
  ])
    expect(page).toContain(part)
  expect(page).not.toMatch(/<script(?![^>]*(?:src=|ld\+json))/)
  const [, json = ''] = /<script type="application\/ld\+json">(.*?)<\/script>/.exec(page) ?? []
  const data = JSON.parse(json) as { mainEntity: { itemListElement: { item: object }[] } }
  expect(data.mainEntity.itemListElement).toHaveLength(2)
  expect(json).not.toContain('AggregateRating')
  const picture = await fetch(url(`/compare/${example}/og.png`))
  expect(picture.headers.get('content-type')).toBe('image/png')
  expect((await picture.arrayBuffer()).byteLength).toBeGreaterThan(5000)
  const swapped = await fetch(url('/compare/mistral-small-3-1-vs-cursor-background-agent'), { redirect: 'manual' })
  expect([swapped.status, swapped.headers.get('location')]).toEqual([301, `/compare/${example}`])
  const { files: exported } = await house.client.exportComparison({ params: { slug: example } })
  expect(exported.map(({ path }) => path)).toEqual(['index.html', 'style.css', 'comparison.json', 'og.png'])
  expect(exported[0]?.data).not.toContain('<form')
})

test('bad pairs are refused in a sentence each', async () => {
  const refusal = (a: string, b: string) =>
    house.client.compare({ body: { a, b } }).catch((error: Error) => error.message)
  expect(await refusal('mistral-small-3-1', 'mistral-small-3-1')).toContain('with itself')
  expect(await refusal('mistral-small-3-1', 'nobody')).toContain('Nothing here is called nobody')
  expect(await text('/compare/no-vs-where')).toContain('no such published comparison')
})

let pair: string
let grace: Awaited<ReturnType<typeof person>>

test('two contenders of one task get a page; accepting makes the verdict move; explain reproduces it bit for bit', async () => {
  await house.client.listAgents({})
  grace = await person('Grace')
  const given = await fetch(url('/v1/tasks'), {
    method: 'POST',
    headers: grace.headers,
    body: JSON.stringify({
      project: repo,
      prompt: scriptedPrompt('Fix it', fix),
      contenders: ['scripted', 'refactor'],
    }),
  })
  const task = (await given.json()) as TaskView
  const ready = await house.until(task.id, 'waiting')
  const trial = ready.trials.find(({ contender }) => contender === 'scripted')
  pair = 'refactor-vs-scripted'
  const first = await untilVerdict(
    pair,
    ({ estimate }) => estimate.tasks + estimate.losses > 0 || estimate.label !== 'too-early',
  )
  expect(first.estimate.label).toBe('too-early')
  expect(first.grid.map(({ taskId }) => taskId)).toEqual([task.id])
  // Not published: strangers do not learn that it exists.
  expect((await fetch(url(`/compare/${pair}`))).status).toBe(404)

  await house.client.accept({ params: { id: task.id }, body: { trialId: trial?.id ?? '', target: { kind: 'commit' } } })
  const moved = await untilVerdict(pair, ({ grid }) => grid[0]?.b.word === 'taken')
  expect(moved.history.length).toBeGreaterThan(1)
  expect(moved.estimate.losses).toBe(1)
  for (const { version } of moved.history) {
    const again = await house.client.explainVerdict({ params: { slug: pair }, query: { version } })
    expect(again.reproduced).toBe(true)
  }
  const newest = await house.client.explainVerdict({ params: { slug: pair } })
  expect(newest.current).toBe(true)
  expect(newest.steps.at(-1)).toContain('TOO EARLY')
  const { reviewers } = await house.client.reviewers({})
  expect(reviewers.map(({ labels }) => labels).every((labels) => labels === 1)).toBe(true)
  expect((await house.client.ratings({})).ratings.map(({ contender }) => contender)).toEqual(['scripted', 'refactor'])
  const plan = await house.client.planVerdict({ params: { slug: pair } })
  expect(plan.tasks).toBeGreaterThan(3)

  // What became of it: it is there, then somebody reverts it.
  expect((await watchOutcomes(house.house.rooms)).map(({ kind }) => kind)).toEqual(['merged'])
  expect(await watchOutcomes(house.house.rooms)).toEqual([])
  await git(repo, '-c', 'user.name=T', '-c', 'user.email=t@localhost', 'revert', '--no-edit', 'HEAD')
  expect((await watchOutcomes(house.house.rooms)).map(({ kind }) => kind)).toEqual(['reverted'])
  const undone = await untilVerdict(pair, ({ grid }) => grid[0]?.b.word === 'taken, then undone')
  expect(undone.history[0]?.version).toBeGreaterThan(moved.history[0]?.version ?? 0)
})

test('a kept page is gone at once for whoever signs out, signs in anew or is removed', async () => {
  const look = async (headers: Record<string, string>) => (await fetch(url(`/compare/${pair}`), { headers })).status
  const session = (method: string, headers: Record<string, string>, body?: object) =>
    fetch(url('/v1/session'), { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  const leaves = {
    'signs out': async ({ headers }: Guest) => session('DELETE', headers),
    'signs in anew': async ({ headers, secret }: Guest) => session('POST', headers, { token: secret }),
    'is removed': async ({ id }: Guest) => house.client.removePerson({ params: { id } }),
  }
  for (const [how, leave] of Object.entries(leaves)) {
    const guest = await person(how)
    expect([await look(guest.headers), await look(guest.headers)]).toEqual([200, 200])
    await leave(guest)
    expect(await look(guest.headers), how).toBe(404)
  }
})

test('history rewritten under the watcher is said, and no number pretends', async () => {
  const task = await house.client.submitTask({
    body: { project: repo, prompt: scriptedPrompt('Fix it', fix), contenders: ['scripted'] },
  })
  const ready = await house.until(task.id, 'waiting')
  const before = await git(repo, 'rev-parse', 'HEAD')
  const made = await house.client.accept({ params: { id: task.id }, body: { target: { kind: 'commit' } } })
  expect((await watchOutcomes(house.house.rooms)).map(({ kind }) => kind)).toEqual(['merged'])
  await git(repo, 'reset', '-q', '--hard', before)
  await commitAll(repo, 'nothing').catch(() => {})
  const found = await watchOutcomes(house.house.rooms)
  expect(found).toMatchObject([{ decisionId: made.id, kind: 'lost' }])
  expect(ready.trials).toHaveLength(1)
  const { db } = house.house.rooms.store
  expect(await db.select().from(decision).where(eq(decision.id, made.id))).toHaveLength(1)
})

test('votes: people only, blind at first, one each, changeable; conflicts are shown and not counted', async () => {
  const ada = await person('Ada')
  const before = await ada.ballot(example)
  expect(before.revealed).toBeNull()
  expect(JSON.stringify([before.left, before.right])).not.toMatch(/cursor|mistral/i)
  const cast = await ada.vote(example, 'left')
  expect(cast.body.revealed.choice).toBe('left')
  const chosen = cast.body.revealed.left as string
  expect((await view(example)).community).toMatchObject({ words: expect.stringContaining(`${chosen} 1`) })
  await ada.vote(example, 'neither')
  expect((await view(example)).community).toMatchObject({ a: 0, b: 0, neither: 1 })

  const agent = await house.client
    .castVote({ params: { slug: example }, body: { choice: 'left' } })
    .catch((e: Error) => e)
  expect(String(agent)).toContain('Only signed-in people vote')

  // Who entered a dossier has a stake in it.
  const toml = (await readFile(join(import.meta.dirname, '../server/verdicts/dossiers/mistral-small-3-1.toml'), 'utf8'))
    .replace('slug = "mistral-small-3-1"', 'slug = "adas-own"')
    .replace('name = "Mistral Small 3.1"', 'name = "Ada"')
  const entered = await fetch(url('/v1/dossiers'), {
    method: 'PUT',
    headers: ada.headers,
    body: JSON.stringify({ toml }),
  })
  expect(entered.status).toBe(200)
  const { slug } = await house.client.compare({ body: { a: 'adas-own', b: 'mistral-small-3-1' } })
  const stake = await ada.vote(slug, 'right')
  expect(stake.body.conflict).toContain('not counted')
  expect((await view(slug)).community).toMatchObject({ words: null, conflicts: 1 })

  // Who gave a shared task, and who decided on a candidate: this machine's token accepted it, so the house's owner did.
  const given = await grace.vote(pair, 'left')
  expect(given.body.conflict).toContain('You gave a task')
  const owner = await signIn(house.house.token)
  expect((await owner.vote(pair, 'left')).body.conflict).toContain('You decided')
  expect((await view(pair)).community).toMatchObject({ words: null, conflicts: 2 })

  const bob = await person('Bob')
  expect((await bob.vote(pair, 'neither')).body.conflict).toBeNull()
  expect((await view(pair)).community).toMatchObject({ neither: 1, conflicts: 2 })
  await bob.vote(example, 'right')
  await house.client.removePerson({ params: { id: bob.id } })
  expect((await view(example)).community).toMatchObject({ a: 0, b: 0, neither: 1 })
  expect((await bob.vote(example, 'left')).status).toBe(401)
  // Votes moved nothing else.
  expect((await view(example)).history).toHaveLength(1)
})

const subscribe = async (email: string) => {
  const body = new URLSearchParams({ email })
  return fetch(url('/compare/subscribe'), { method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin' } })
}

test('the digest: double opt-in, RFC 8058 headers, never twice, one click ends it, a bounce too', async () => {
  const { letters } = mail
  expect((await subscribe('reader@example.org')).status).toBe(200)
  await subscribe('silent@example.org')
  await subscribe('reader@example.org')
  expect(letters.map(({ to }) => to)).toEqual(['reader@example.org', 'silent@example.org'])
  const confirm = linkIn(letters[0]?.body ?? '')
  // Opening the link is not enough: scanners do that.
  expect(await text(confirm)).toContain('Send the weekly digest to reader@example.org?')
  expect((await fetch(url(confirm.replace('/confirm', 'x/confirm')))).status).toBe(404)
  await fetch(url(confirm), { method: 'POST' })

  // The first look of the calendar only sets the mark.
  expect(await closeDueWeek(house.house.rooms.store.db, new Date())).toBeNull()
  letters.length = 0
  const sent = await house.client.sendDigest({})
  expect(sent.sent).toBe(1)
  expect(letters.map(({ to }) => to)).toEqual(['reader@example.org'])
  const [letter] = letters
  const [head = ''] = (letter?.body ?? '').split('\r\n\r\n')
  const unfolded = head.replace(/\r\n[ \t]+/g, ' ')
  expect(unfolded).toMatch(/^List-Unsubscribe: <http:\/\/[^>]+\/u\/[^>]+>$/m)
  expect(unfolded).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m)
  expect(letter?.body).toContain('Cursor Background Agent or Mistral')
  // A stranger hears of published comparisons only.
  expect(letter?.body).not.toContain(pair)
  expect((await house.client.sendDigest({})).sent).toBe(0)
  await house.restart()
  expect((await house.client.sendDigest({})).sent).toBe(0)
  expect(letters).toHaveLength(1)

  for (const kind of ['rss', 'atom', 'json']) expect(await text(`/digest.${kind}`)).toContain('Cursor Background Agent')
  expect(await text('/digest.rss')).not.toContain(pair)

  const leave = new URL(/^List-Unsubscribe: <([^>]+)>$/m.exec(unfolded)?.[1] ?? '').pathname
  const click = () =>
    fetch(url(leave), { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })
  expect((await click()).status).toBe(200)
  expect((await click()).status).toBe(200)
  // The old letter of confirmation does not bring anybody back.
  await fetch(url(confirm), { method: 'POST' })
  await subscribe('gone@example.org')
  const { subscriptions } = await house.client.listSubscriptions({})
  expect(Object.fromEntries(subscriptions.map(({ address, state }) => [address, state]))).toEqual({
    'reader@example.org': 'ended',
    'silent@example.org': 'pending',
    'gone@example.org': 'bounced',
  })
})

test('a week is told once whatever the clock does', async () => {
  const { db } = house.house.rooms.store
  const days = (n: number) => new Date(Date.now() + n * 86_400_000)
  await house.client.compare({ body: { a: 'adas-own', b: 'cursor-background-agent' } })
  const closed = await closeDueWeek(db, days(400))
  expect(closed?.items).toHaveLength(1)
  expect(await closeDueWeek(db, days(400))).toBeNull()
  expect(await closeDueWeek(db, days(-400))).toBeNull()
  expect(await closeDueWeek(db, days(14))).toBeNull()
})

test('without SMTP letters wait in an outbox', async () => {
  const other = await openTestHouse()
  try {
    await other.client.subscribe({ body: { email: 'someone@example.org' } })
    const outbox = join(other.dataDir, 'outbox')
    const [name = ''] = await readdir(outbox)
    const letter = await readFile(join(outbox, name), 'utf8')
    expect(name).toMatch(/\.eml$/)
    expect(letter).toContain('To: someone@example.org')
    expect(linkIn(letter)).toMatch(/\/confirm$/)
  } finally {
    await other.close()
  }
})
