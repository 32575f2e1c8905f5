// Advisories from a folder and from a zip: what is affected is told by the OSV rules, whoever's version scheme it is.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { tempDir } from '../../workspace/make-repo.ts'
import { openAdvisories } from './open-advisories.ts'
import { type Advisory, affects, baseScore } from './osv.ts'
import { compareVersions } from './versions.ts'

test.each([
  ['1.2.3', '1.2.10'],
  ['1.0.0-alpha', '1.0.0-alpha.1'],
  ['1.0.0-alpha.1', '1.0.0-alpha.beta'],
  ['1.0.0-beta.2', '1.0.0-beta.11'],
  ['1.0.0-rc.1', '1.0.0'],
  ['v1.9.0', '1.10.0'],
  ['2.0rc1', '2.0'],
  ['2.0', '2.0.1'],
  ['0.0.0-20200101000000-abcdefabcdef', '0.1.0'],
])('%s comes before %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0)
  expect(compareVersions(newer, older)).toBeGreaterThan(0)
  expect(compareVersions(older, older)).toBe(0)
})

const advisory = (ranges: Advisory['ranges'], versions: string[] = []): Advisory => ({
  ...{ name: 'x', id: 'T-1', summary: '', severity: 'high', versions, ranges },
})
test('affected is what was introduced and not fixed, twice if need be, or what is named', () => {
  const twice = advisory([[{ introduced: '3.0.0' }, { fixed: '3.2.1' }, { introduced: '0' }, { fixed: '2.5.0' }]])
  const told = ['1.0.0', '2.5.0', '2.9.9', '3.0.0', '3.2.0', '3.2.1', '4.0.0'].map((version) => affects(twice, version))
  expect(told).toEqual([true, false, false, true, true, false, false])
  const last = advisory([[{ introduced: '1.0.0' }, { last_affected: '1.4.0' }]], ['9.9.9'])
  expect(['0.9.0', '1.0.0', '1.4.0', '1.4.1', '9.9.9'].map((version) => affects(last, version))).toEqual([
    ...[false, true, true, false, true],
  ])
})

/** Scores as the specification's own calculator prints them. */
test.each([
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
  ['CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:N/A:N', 4.7],
  ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H', 9.9],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
  ['CVSS:3.1/AV:N', null],
])('%s scores %s', (vector, score) => {
  expect(baseScore(vector)).toBe(score)
})

const records = {
  'GHSA-a.json': {
    id: 'GHSA-a',
    summary: 'opens doors',
    modified: '2026-11-01T00:00:00Z',
    database_specific: { severity: 'CRITICAL' },
    affected: [
      {
        package: { ecosystem: 'npm', name: '@scope/door' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
      },
      { package: { ecosystem: 'Maven', name: 'com.example:door' }, versions: ['1'] },
    ],
  },
  'PYSEC-b.json': {
    id: 'PYSEC-b',
    modified: '2026-11-03T00:00:00Z',
    affected: [{ package: { ecosystem: 'PyPI', name: 'My.Package' }, versions: ['1.0'] }],
  },
  'GHSA-gone.json': {
    id: 'GHSA-gone',
    withdrawn: '2026-01-01T00:00:00Z',
    affected: [{ package: { ecosystem: 'npm', name: 'fine' }, versions: ['1.0.0'] }],
  },
}

/** A zip as `zip` makes it: local headers, deflated data, a central directory. */
function zipOf(files: Record<string, string>): Buffer {
  const parts: Buffer[] = []
  const listing: Buffer[] = []
  let at = 0
  for (const [name, text] of Object.entries(files)) {
    const [data, title] = [deflateRawSync(text), Buffer.from(name)]
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(8, 8)
    head.writeUInt32LE(data.length, 18)
    head.writeUInt16LE(title.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(data.length, 20)
    entry.writeUInt16LE(title.length, 28)
    entry.writeUInt32LE(at, 42)
    parts.push(head, title, data)
    listing.push(entry, title)
    at += head.length + title.length + data.length
  }
  const central = Buffer.concat(listing)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, central, end])
}

test('a folder with subfolders, a zip in it and a zip alone say the same; a change is noticed', async () => {
  const dir = tempDir()
  mkdirSync(join(dir, 'osv/npm'), { recursive: true })
  const texts = Object.entries(records).map(([name, record]) => [name, JSON.stringify(record)] as const)
  for (const [name, text] of texts.slice(0, 1)) writeFileSync(join(dir, 'osv/npm', name), text)
  writeFileSync(join(dir, 'osv/rest.zip'), zipOf(Object.fromEntries(texts.slice(1))))
  writeFileSync(join(dir, 'osv/README.json'), '{"not": "an advisory"}')
  writeFileSync(join(dir, 'all.zip'), zipOf(Object.fromEntries(texts)))
  for (const source of ['osv', 'all.zip']) {
    const open = () => openAdvisories(join(dir, source), join(dir, `index-${source}`))
    const [opened] = await Promise.all([open(), open()])
    expect(opened).toMatchObject({ count: 3, newest: '2026-11-03' })
    expect(await opened.about('npm', ['@scope/door', 'fine', 'other'])).toMatchObject([
      { id: 'GHSA-a', name: '@scope/door', severity: 'critical' },
    ])
    expect(await opened.about('PyPI', ['my-package'])).toMatchObject([{ id: 'PYSEC-b', severity: 'unknown' }])
    expect(await opened.about('crates.io', ['@scope/door'])).toEqual([])
  }
  writeFileSync(join(dir, 'osv/npm/GHSA-c.json'), JSON.stringify({ ...records['GHSA-a.json'], id: 'GHSA-c' }))
  const again = await openAdvisories(join(dir, 'osv'), join(dir, 'index-osv'))
  expect((await again.about('npm', ['@scope/door'])).map(({ id }) => id).toSorted()).toEqual(['GHSA-a', 'GHSA-c'])
  expect(
    execFileSync('ls', [join(dir, 'index-osv')], { encoding: 'utf8' })
      .trim()
      .split('\n'),
  ).toHaveLength(1)
})

test('what is not there or holds nothing is refused in one sentence', async () => {
  const dir = tempDir()
  await expect(openAdvisories(join(dir, 'no'), join(dir, 'i'))).rejects.toThrow(/There are no advisories at/)
  mkdirSync(join(dir, 'empty'))
  await expect(openAdvisories(join(dir, 'empty'), join(dir, 'i'))).rejects.toThrow(/holds no advisory/)
  writeFileSync(join(dir, 'broken.zip'), 'PK')
  await expect(openAdvisories(join(dir, 'broken.zip'), join(dir, 'i'))).rejects.toThrow(/is no zip archive/)
})
