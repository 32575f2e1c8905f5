// What every rung of the ladder has to do alike: snapshots, restore, restart, a harmless git.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type FileSpec, writeFiles } from './make-repo.ts'
import { cleanUp, inside, names, onGround, rungs, stage } from './make-stage.ts'
import { openWorkspaces } from './open.ts'

afterEach(cleanUp)

describe.each(rungs)('on rung $rung', (each) => {
  const { rung } = each
  const ground = onGround(each)
  const at = (files: Record<string, FileSpec>, settings?: object) => stage(files, settings, rung, undefined, ground())

  test('a snapshot holds exactly what the trial changed', async () => {
    const { open, room } = await at({
      '.gitignore': 'node_modules\n*.log\n',
      'a.ts': 'a\n',
      'src/deep/b.ts': 'b\n',
      'src/deep/c.ts': 'c\n',
      'gone/d.ts': 'd\n',
      'kind.ts': 'k\n',
    })
    const workspace = await open()
    expect(workspace.rung).toBe(rung)
    expect(await workspace.treeHash()).toBe(workspace.base.tree)
    expect(await workspace.checkpoint('nothing')).toBeNull()
    writeFiles(workspace.dir, {
      'a.ts': 'changed\n',
      'node_modules/x/index.js': 'ignored\n',
      'out.log': 'ignored\n',
      'fresh/new.ts': { exec: 'new\n' },
      link: { link: '../anywhere' },
      'kind.ts': null,
      'kind.ts/inner.ts': 'now a folder\n',
      'kind.ts/deep/inner.ts': 'with a folder in it\n',
    })
    rmSync(join(workspace.dir, 'gone'), { recursive: true })
    if (rung !== 'fuse-overlay') renameSync(join(workspace.dir, 'src/deep'), join(workspace.dir, 'moved'))
    else execFileSync('mv', [join(workspace.dir, 'src/deep'), join(workspace.dir, 'moved')])
    const made = await workspace.checkpoint('one')
    expect(made?.findings).toEqual([])
    expect((await names(room, workspace.base.tree, made?.tree as string)).sort()).toEqual([
      'added fresh/new.ts',
      'added kind.ts/deep/inner.ts',
      'added kind.ts/inner.ts',
      'added link',
      'deleted gone/d.ts',
      'deleted kind.ts',
      'modified a.ts',
      'renamed moved/b.ts',
      'renamed moved/c.ts',
    ])
    expect(made?.files).toBe(11)
    const tree = execFileSync('git', ['--git-dir', room.storeDir('p-test'), 'ls-tree', '-r', made?.tree as string], {
      encoding: 'utf8',
    })
    expect(tree).toMatch(/100755 blob \w+\tfresh\/new\.ts/)
    expect(tree).toMatch(/120000 blob \w+\tlink/)
    expect(await workspace.checkpoint('same')).toBeNull()
  })

  test('what git itself would commit is the same tree', async () => {
    const { open } = await at({
      'a.txt': 'a\n',
      'b/c.txt': 'c\n',
      'crlf.bat': 'x\r\ny\r\n',
      '.gitattributes': '*.bat text eol=crlf\n* text=auto\n',
    })
    const workspace = await open()
    expect(readFileSync(join(workspace.dir, 'crlf.bat'), 'utf8')).toBe('x\r\ny\r\n')
    writeFiles(workspace.dir, {
      'crlf.bat': 'x\r\nz\r\n',
      'unix.txt': 'one\r\ntwo\r\n',
      'name with\nnewline "and" quotes': 'n\n',
      'ünï/cödé.txt': 'u\n',
      '-dash': 'd\n',
      ':colon': 'c\n',
      'bin.dat': Buffer.from([0, 1, 2, 255]),
      'A.txt': 'a\n',
      'a.txt': null,
    })
    const made = await workspace.checkpoint('all')
    inside(workspace, 'add', '-A')
    expect(inside(workspace, 'write-tree')).toBe(made?.tree)
  })

  test('restore puts a snapshot back and leaves ignored files', async () => {
    const { open } = await at({ '.gitignore': 'deps\n', 'a.ts': 'a\n', 'd/b.ts': 'b\n', 'x.sh': { exec: 'x\n' } })
    const workspace = await open()
    writeFiles(workspace.dir, { 'a.ts': 'one\n', 'deps/kept': 'kept\n', 'd/b.ts': null, d: 'file\n' })
    const one = await workspace.checkpoint('one')
    writeFiles(workspace.dir, { 'a.ts': { link: '/etc/passwd' }, d: null, 'd/e.ts': 'e\n', 'new.ts': 'n\n' })
    const two = await workspace.checkpoint('two')
    await workspace.restore(one?.commit as string)
    expect(await workspace.treeHash()).toBe(one?.tree)
    expect(readFileSync(join(workspace.dir, 'd'), 'utf8')).toBe('file\n')
    expect(existsSync(join(workspace.dir, 'deps/kept'))).toBe(true)
    await workspace.restore(workspace.base.commit)
    expect(await workspace.treeHash()).toBe(workspace.base.tree)
    expect(statSync(join(workspace.dir, 'x.sh')).mode & 0o100).toBe(0o100)
    await workspace.restore(two?.commit as string)
    expect(await workspace.treeHash()).toBe(two?.tree)
    expect(readFileSync('/etc/passwd', 'utf8')).toContain('root')
  })

  test('a trial can start from a snapshot of another', async () => {
    const { open, room, layer } = await at({ 'a.ts': 'a\n' })
    const first = await open()
    writeFiles(first.dir, { 'a.ts': 'one\n', 'b.ts': 'b\n' })
    const made = await first.checkpoint('one')
    await first.destroy()
    const second = await room.create('r-two', await layer(), made?.commit)
    expect(await second.treeHash()).toBe(made?.tree)
    expect(inside(second, 'status', '--porcelain')).toBe('M a.ts\n?? b.ts')
    // The block of the first is free again.
    expect(second.portBase).toBe(first.portBase)
    expect((await room.create('r-three', await layer())).portBase).not.toBe(second.portBase)
  })

  test('a workspace at rest is mounted nowhere, and found again as it was', async () => {
    const { open, dataDir, room } = await at({ 'a.ts': 'a\n' })
    const first = await open()
    writeFiles(first.dir, { 'a.ts': 'one\n' })
    const made = await first.checkpoint('one')
    await room.rest('r-one')
    await room.rest('r-nobody')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dataDir)
    const found = await room.reopen('r-one')
    expect(await found?.treeHash()).toBe(made?.tree)
  })

  test('a workspace is found again after a restart', async () => {
    const { open, dataDir, room } = await at({ 'a.ts': 'a\n' })
    const first = await open()
    writeFiles(first.dir, { 'a.ts': 'one\n' })
    const made = await first.checkpoint('one')
    if (rung.includes('overlay')) execFileSync('umount', [first.dir])
    const again = await openWorkspaces({ dataDir })
    const found = await again.reopen('r-one')
    expect(found).toMatchObject({ trialId: 'r-one', base: first.base, portBase: first.portBase, dir: first.dir })
    expect(readFileSync(join(first.dir, 'a.ts'), 'utf8')).toBe('one\n')
    expect(await found?.checkpoint('same')).toBeNull()
    writeFiles(first.dir, { 'a.ts': 'two\n' })
    const next = await found?.checkpoint('two')
    expect(await names(room, made?.tree as string, next?.tree as string)).toEqual(['modified a.ts'])
    await found?.destroy()
    expect(await again.reopen('r-one')).toBeNull()
    expect(existsSync(join(dataDir, 'trials/r-one'))).toBe(false)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dataDir)
  })

  test('the private git of a trial is ready and harmless', async () => {
    const { repo, open } = await at({ 'a.ts': 'a\n', 'b.ts': 'b\n' })
    repo.git('config', 'core.fsmonitor', 'touch /tmp/should-not-run')
    const workspace = await open()
    expect(inside(workspace, 'status', '--porcelain')).toBe('')
    expect(inside(workspace, 'log', '--format=%s')).toBe('first')
    expect(inside(workspace, 'branch', '--show-current')).toBe('main')
    writeFiles(workspace.dir, { 'a.ts': 'x\n' })
    inside(workspace, 'commit', '-qam', 'own commit')
    expect(repo.git('log', '--format=%s')).toBe('first')
    const made = await workspace.checkpoint('after a commit')
    expect(made?.files).toBe(1)
  })

  test('hooks, filters and monitors of the workspace never run outside', async () => {
    const { open, dataDir } = await at({ 'a.ts': 'a\n', '.gitattributes': 'x.* filter=evil diff=evil\n' })
    const workspace = await open()
    const proof = join(dataDir, 'ran')
    const script = `#!/bin/sh\ntouch ${proof}\ncat\n`
    writeFiles(workspace.dir, {
      'evil.sh': { exec: script },
      '.git/hooks/post-checkout': { exec: script },
      'a.ts': 'b\n',
      'x.ts': 'x\n',
    })
    const evil = `${workspace.dir}/evil.sh`
    for (const [key, value] of Object.entries({
      'core.fsmonitor': evil,
      'core.hooksPath': `${workspace.dir}/.git/hooks`,
      'filter.evil.clean': evil,
      'filter.evil.smudge': evil,
      'diff.evil.textconv': evil,
      'diff.external': evil,
      'core.pager': evil,
      'alias.status': `!${evil}`,
    })) {
      writeFileSync(
        join(workspace.dir, '.git/config'),
        `${readFileSync(join(workspace.dir, '.git/config'), 'utf8')}\n[${key.split('.').slice(0, -1).length > 1 ? `${key.split('.')[0]} "${key.split('.')[1]}"` : key.split('.')[0]}]\n\t${key.split('.').at(-1)} = ${value}\n`,
      )
    }
    // First shown to work where nothing protects: the same repository, looked at the usual way.
    spawnSync('git', ['-c', 'safe.directory=*', 'add', 'x.ts'], { cwd: workspace.dir })
    expect(existsSync(proof)).toBe(true)
    rmSync(proof)
    const one = await workspace.checkpoint('one')
    writeFiles(workspace.dir, { 'a.ts': 'c\n', 'x.ts': 'y\n' })
    await workspace.checkpoint('two')
    await workspace.restore(one?.commit as string)
    expect(existsSync(proof)).toBe(false)
  })

  test('nested repositories, pipes and oversized files stay out, in a sentence each', async () => {
    const { open, room } = await at({ 'a.ts': 'a\n', 'tracked/b.ts': 'b\n' })
    const workspace = await open()
    writeFiles(workspace.dir, { 'sub/file.ts': 'x\n', 'tracked/b.ts': 'b2\n', 'ok.ts': 'ok\n' })
    execFileSync('git', ['init', '-q', join(workspace.dir, 'sub')])
    execFileSync('git', [
      '-C',
      join(workspace.dir, 'sub'),
      '-c',
      'user.name=x',
      '-c',
      'user.email=x',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
    ])
    rmSync(join(workspace.dir, 'a.ts'))
    execFileSync('mkfifo', [join(workspace.dir, 'a.ts')])
    writeFileSync(join(workspace.dir, 'huge.bin'), '')
    truncateSync(join(workspace.dir, 'huge.bin'), 2 ** 40)
    const made = await workspace.checkpoint('hostile')
    expect(await names(room, workspace.base.tree, made?.tree as string)).toEqual([
      'added ok.ts',
      'modified tracked/b.ts',
    ])
    const findings = made?.findings.join('\n')
    expect(findings).toMatch(/sub.*git repository/)
    expect(findings).toMatch(/a\.ts.*neither a file nor a link/)
    expect(findings).toMatch(/huge\.bin.*MB/)
    expect(await workspace.checkpoint('again')).toBeNull()
    expect(workspace.leftOut().join('\n')).toBe(findings)
  })
})
