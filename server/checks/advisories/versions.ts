// Orders versions as semver does, and near enough for PyPI, Go and crates: numbers first, then what comes before a release.

interface Version {
  numbers: number[]
  /** Parts of a pre-release; null for a release. */
  before: string[] | null
}

const split = /^[v=\s]*(?:\d+!)?(\d+(?:\.\d+)*)(?:[-._]?(?:post|r)\d*)?(?:-?((?:[a-z]|\d+-|(?<=-)\d)[\w.-]*))?/i

function read(text: string): Version {
  const [, numbers = '', before] = split.exec(text.replace(/\+.*$/, '')) ?? []
  return {
    numbers: numbers.split('.').map(Number),
    before: before ? before.toLowerCase().split(/[.-]|(?<=[a-z])(?=\d)/) : null,
  }
}

/** Negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [read(a), read(b)]
  for (let at = 0; at < Math.max(x.numbers.length, y.numbers.length); at++) {
    const step = (x.numbers[at] ?? 0) - (y.numbers[at] ?? 0)
    if (step !== 0) return step
  }
  if (!x.before || !y.before) return Number(y.before !== null) - Number(x.before !== null)
  for (let at = 0; at < Math.max(x.before.length, y.before.length); at++) {
    const [one, other] = [x.before[at], y.before[at]]
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1
    const numeric = [/^\d+$/.test(one), /^\d+$/.test(other)] as const
    const step =
      numeric[0] && numeric[1]
        ? Number(one) - Number(other)
        : numeric[0] !== numeric[1]
          ? numeric[0]
            ? -1
            : 1
          : one < other
            ? -1
            : one > other
              ? 1
              : 0
    if (step !== 0) return step
  }
  return 0
}
