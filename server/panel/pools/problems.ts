// Small tasks with right and wrong solutions, from which pools of candidates are drawn. Functions, so that they really run.

// biome-ignore lint/suspicious/noExplicitAny: each task has its own types
type Solve = (...args: any[]) => unknown
export interface Problem {
  name: string
  prompt: string
  /** What the base holds: right on `green`, wrong on what is asked for. */
  base: Solve
  /** Arguments that the base answers rightly; its tests. */
  green: unknown[][]
  /** Arguments from which agents draw tests and the oracle judges. */
  asked: unknown[][]
  /** The first is the oracle. */
  right: Solve[]
  wrong: Solve[]
}

export const problems: Problem[] = [
  {
    name: 'slug',
    prompt: 'Let `slug` join words by one dash, drop other signs and trim dashes at both ends.',
    base: (text: string) => text.toLowerCase(),
    green: [['abc'], ['ABC'], ['x1'], ['']],
    asked: [['Hello World'], ['  a  b '], ['a--b'], ['Ein, zwei!'], ['-x-'], ['a_b'], ['!!!'], ['A  -  B']],
    right: [
      (text: string) =>
        text
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-+|-+$/g, ''),
      (text: string) => (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).join('-'),
      (text: string) =>
        text
          .toLowerCase()
          .split(/[^a-z0-9]+/)
          .filter((part) => part !== '')
          .join('-'),
    ],
    wrong: [
      (text: string) => text.toLowerCase().replace(/ /g, '-'),
      (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
      (text: string) => text.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, ''),
      (text: string) =>
        text
          .toLowerCase()
          .replace(/[^a-z0-9]/g, '-')
          .replace(/^-|-$/g, ''),
      (text: string) => (text.toLowerCase().match(/[a-z]+/g) ?? []).join('-'),
    ],
  },
  {
    name: 'median',
    prompt: 'Let `median` sort first, take the mean of the two in the middle, and be null for no numbers.',
    base: (all: number[]) => all[Math.floor(all.length / 2)],
    green: [[[1]], [[1, 2, 3]], [[5, 6, 7, 8, 9]]],
    asked: [[[3, 1, 2]], [[1, 2]], [[4, 1, 3, 2]], [[]], [[10, 9]], [[10, 2, 1]], [[-1, -5, 3]], [[2, 2, 1, 1]]],
    right: [
      (all: number[]) => {
        if (all.length === 0) return null
        const sorted = [...all].sort((a, b) => a - b)
        const half = Math.floor(sorted.length / 2)
        return sorted.length % 2 ? sorted[half] : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2
      },
      (all: number[]) => {
        const sorted = all.toSorted((a, b) => a - b)
        const low = sorted[(sorted.length - 1) >> 1]
        const high = sorted[sorted.length >> 1]
        return low === undefined || high === undefined ? null : (low + high) / 2
      },
    ],
    wrong: [
      (all: number[]) => {
        const sorted = [...all].sort()
        const half = Math.floor(sorted.length / 2)
        return sorted.length === 0
          ? null
          : sorted.length % 2
            ? sorted[half]
            : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2
      },
      (all: number[]) => (all.length === 0 ? null : all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]),
      (all: number[]) => {
        const half = Math.floor(all.length / 2)
        return all.length === 0
          ? null
          : all.length % 2
            ? all[half]
            : ((all[half - 1] as number) + (all[half] as number)) / 2
      },
      (all: number[]) => all.reduce((sum, n) => sum + n, 0) / Math.max(1, all.length),
      (all: number[]) => {
        const sorted = all.toSorted((a, b) => a - b)
        return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2
      },
    ],
  },
  {
    name: 'range',
    prompt: 'Let `range` count down when the end is below the start, and take a step.',
    base: (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at),
    green: [
      [0, 3],
      [2, 2],
      [-1, 1],
    ],
    asked: [
      [3, 0],
      [0, 6, 2],
      [6, 0, 2],
      [0, 5, 2],
      [5, 0, 3],
      [-2, -5],
      [1, 2, 5],
      [0, 4, 1],
    ],
    right: [
      (from: number, to: number, step = 1) => {
        const found: number[] = []
        if (from <= to) for (let at = from; at < to; at += step) found.push(at)
        else for (let at = from; at > to; at -= step) found.push(at)
        return found
      },
      (from: number, to: number, step = 1) => {
        const way = from <= to ? 1 : -1
        return Array.from({ length: Math.ceil(Math.abs(to - from) / step) }, (_, at) => from + way * at * step)
      },
    ],
    wrong: [
      (from: number, to: number, step = 1) => {
        const found: number[] = []
        for (let at = from; at < to; at += step) found.push(at)
        return found
      },
      (from: number, to: number, step = 1) => {
        const way = from <= to ? 1 : -1
        return Array.from({ length: Math.floor(Math.abs(to - from) / step) }, (_, at) => from + way * at * step)
      },
      (from: number, to: number) => {
        const way = from <= to ? 1 : -1
        return Array.from({ length: Math.abs(to - from) }, (_, at) => from + way * at)
      },
      (from: number, to: number, step = 1) => {
        const found: number[] = []
        for (let at = from; from <= to ? at <= to : at >= to; at += from <= to ? step : -step) found.push(at)
        return found
      },
      (from: number, to: number, step = 1) =>
        from <= to ? Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => from + at * step) : [],
    ],
  },
  {
    name: 'truncate',
    prompt: 'Let `truncate` end cut text with an ellipsis within the limit, and never cut what fits.',
    base: (text: string, limit: number) => text.slice(0, limit),
    green: [
      ['abc', 5],
      ['abc', 3],
      ['', 2],
    ],
    asked: [
      ['abcdef', 4],
      ['abcdef', 6],
      ['abcdef', 1],
      ['a b c d', 3],
      ['abc', 2],
      ['abcdef', 5],
      ['xyz', 0],
    ],
    right: [
      (text: string, limit: number) => (text.length <= limit ? text : limit < 1 ? '' : `${text.slice(0, limit - 1)}…`),
      (text: string, limit: number) => {
        if (limit <= 0) return ''
        if (text.length <= limit) return text
        return text.substring(0, limit - 1).concat('…')
      },
    ],
    wrong: [
      (text: string, limit: number) => (text.length <= limit ? text : `${text.slice(0, limit)}…`),
      (text: string, limit: number) => (text.length < limit ? text : limit < 1 ? '' : `${text.slice(0, limit - 1)}…`),
      (text: string, limit: number) => (text.length <= limit ? text : `${text.slice(0, limit - 3)}...`),
      (text: string, limit: number) => (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`),
      (text: string, limit: number) =>
        text.length <= limit ? text : `${text.slice(0, Math.max(0, limit - 1)).trim()}…`,
    ],
  },
  {
    name: 'version',
    prompt: 'Let `version` compare by number, with missing parts as zero: negative, zero or positive.',
    base: (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0),
    green: [
      ['1', '2'],
      ['1.1', '1.1'],
      ['2.0', '1.9'],
    ],
    asked: [
      ['1.10', '1.9'],
      ['1', '1.0'],
      ['1.0.1', '1'],
      ['2', '10'],
      ['1.2.3', '1.2.4'],
      ['0.9', '0.10'],
      ['1.0', '1.0.0.1'],
    ],
    right: [
      (a: string, b: string) => {
        const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)]
        for (let at = 0; at < Math.max(x.length, y.length); at++) {
          const gap = (x[at] ?? 0) - (y[at] ?? 0)
          if (gap !== 0) return Math.sign(gap)
        }
        return 0
      },
      (a: string, b: string) => {
        const parts = (text: string) =>
          [...text.split('.'), '0', '0', '0', '0']
            .slice(0, 4)
            .map((part) => part.padStart(6, '0'))
            .join('.')
        return Math.sign(parts(a).localeCompare(parts(b)))
      },
    ],
    wrong: [
      (a: string, b: string) => Math.sign(Number(a.split('.')[0]) - Number(b.split('.')[0])),
      (a: string, b: string) => Math.sign(Number.parseFloat(a) - Number.parseFloat(b)),
      (a: string, b: string) => {
        const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)]
        for (let at = 0; at < Math.min(x.length, y.length); at++)
          if (x[at] !== y[at]) return (x[at] as number) < (y[at] as number) ? -1 : 1
        return 0
      },
      (a: string, b: string) => {
        const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)]
        for (let at = 0; at < x.length; at++)
          if (x[at] !== (y[at] ?? 0)) return (x[at] as number) < (y[at] ?? 0) ? -1 : 1
        return x.length - y.length
      },
      (a: string, b: string) => b.localeCompare(a, 'en', { numeric: true }),
    ],
  },
]
