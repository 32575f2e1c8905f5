// Which paths may become part of a tree: nothing that a file system could read as `.git` or as a way out.

/** Characters that HFS+ ignores in names. */
const invisible = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** Whether a name could be taken for `.git` by any file system (case, `git~1`, trailing dots and spaces, streams). */
export function isGitName(name: string): boolean {
  const folded = Buffer.from(name, 'latin1').toString('utf8').replace(invisible, '').toLowerCase()
  return /^(\.git|git~\d+)[. ]*(:.*)?$/.test(folded)
}

/** Whether a path of a tree (bytes as characters) stays inside and touches no git folder. */
export function isSafePath(path: string): boolean {
  const names = path.split('/')
  return names.every((name) => name !== '' && name !== '.' && name !== '..' && !isGitName(name) && !name.includes('\0'))
}

/** Whether a symbolic link at `path` leads outside the tree. */
export function leadsOutside(path: string, target: string): boolean {
  if (target.startsWith('/')) return true
  let depth = path.split('/').length - 1
  for (const name of target.split('/')) {
    if (name === '..') depth--
    else if (name !== '' && name !== '.') depth++
    if (depth < 0) return true
  }
  return false
}
