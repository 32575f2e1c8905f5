// What a caller of the old surface trips over in the new one.
import type { Exported, Member, Param } from './exports.ts'

/** `certain` breaks callers for sure; otherwise a type changed and only a compiler could say. */
export interface ApiBreak {
  name: string
  what: string
  certain: boolean
  line: number | null
}

export function compareSurfaces(base: ReadonlyMap<string, Exported>, head: ReadonlyMap<string, Exported>): ApiBreak[] {
  return [...base].flatMap(([name, was]) => {
    const is = head.get(name)
    return is
      ? compareExported(name, was, is)
      : [{ name, what: `${name} is no longer exported`, certain: true, line: null }]
  })
}

function compareExported(name: string, was: Exported, is: Exported): ApiBreak[] {
  const found: ApiBreak[] = []
  const add = (what: string, certain: boolean): void => {
    found.push({ name, what, certain, line: is.line })
  }
  const isValue = (one: Exported): boolean => one.kind !== 'type'
  const known = was.kind !== 'value' && is.kind !== 'value'
  if (known && isValue(was) && !isValue(is)) add(`${name} is only a type now`, true)
  if (was.kind === 'class' && is.kind === 'function') add(`${name} is a function now`, true)
  for (const what of compareParams(was.params, is.params)) add(`${name}: ${what}`, true)
  for (const what of changedTypes(was.params?.[0] ?? [], is.params?.[0] ?? [])) add(`${name}: ${what}`, false)
  if (was.returns !== is.returns && was.returns !== '' && is.returns !== '') {
    const nowWaits = /^Promise</.test(is.returns) && !/^Promise</.test(was.returns)
    add(`${name} is ${is.returns}, was ${was.returns}`, nowWaits)
  }
  if (was.members && is.members) {
    for (const [member, before] of Object.entries(was.members)) {
      const after = is.members[member]
      if (!after) add(`${name}.${member} is gone`, true)
      else for (const what of compareMember(before, after, is)) add(`${name}.${member} ${what}`, true)
    }
    for (const [member, after] of Object.entries(is.members)) {
      if (is.shape && !(member in was.members) && after.required) add(`${name}.${member} is new and required`, true)
    }
  }
  return found
}

function compareMember(was: Member, is: Member, owner: Exported): string[] {
  const found = compareParams(was.params && [was.params], is.params && [is.params])
  if (!was.required && is.required && owner.shape) found.push('is required now')
  if (was.required && !is.required && owner.kind === 'type') found.push('may be missing now')
  return found
}

/** Each old way to call must still be answered by one of the new ones. */
function compareParams(was: Param[][] | null, is: Param[][] | null): string[] {
  if (!was || !is) return []
  return was.flatMap((old) => {
    const problems = is.map((now) => callProblem(old, now))
    return problems.some((one) => one === null) ? [] : [problems.find((one) => one !== null) ?? '']
  })
}

function callProblem(old: Param[], now: Param[]): string | null {
  const open = now.some((one) => one.rest)
  for (const [at, param] of now.entries()) {
    if (!param.required) continue
    const before = old[at]
    if (!before) return `parameter ${param.name} is new and required`
    if (!before.required) return `parameter ${param.name} is required now`
  }
  const dropped = old[now.length]
  if (dropped && !open) return `parameter ${dropped.name} is gone`
  return null
}

/** Names that swapped places, and types that changed. */
function changedTypes(old: Param[], now: Param[]): string[] {
  return old.flatMap((before, at) => {
    const after = now[at]
    if (!after || before.type === after.type || before.type === '' || after.type === '') return []
    return [`parameter ${after.name} is ${after.type}, was ${before.type}`]
  })
}
