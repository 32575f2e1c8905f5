// JUnit XML, as written by pytest, node --test, vitest, jest-junit, gotestsum, cargo-nextest, surefire and others.
import type { TestCase } from '@seatrial/protocol'
import { XMLParser } from 'fast-xml-parser'
import { keepCases, makeCase, separator } from './case.ts'

type Node = Record<string, unknown>

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: 'text',
  processEntities: true,
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => ['testsuite', 'testcase', 'failure', 'error', 'skipped'].includes(name),
})

export function parseJunit(text: string): TestCase[] | null {
  // A document type may declare entities that expand without end; no test report needs one.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return null
  let document: Node
  try {
    document = parser.parse(text) as Node
  } catch {
    return null
  }
  const cases: TestCase[] = []
  const waiting: { node: Node; suites: string[]; file: string | null }[] = [{ node: document, suites: [], file: null }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, suites, file } = next
    for (const one of list(node.testcase)) cases.push(readCase(one, suites, file))
    const inner = [...list(node.testsuites), ...list(node.testsuite)].map((suite) => ({
      node: suite,
      suites: suiteNames(suites, suite, node === document),
      file: word(suite.file) ?? word(suite.filepath) ?? file,
    }))
    waiting.push(...inner.reverse())
  }
  return keepCases(cases)
}

function suiteNames(above: string[], suite: Node, outermost: boolean): string[] {
  const name = word(suite.name)
  // The outer element carries the runner's name ("jest tests"), not a suite of the user's.
  return name && !outermost ? [...above, name] : above
}

function readCase(node: Node, suites: string[], suiteFile: string | null): TestCase {
  const title = word(node.name) ?? ''
  const group = word(node.classname)
  const named = group && group !== 'test' ? [group] : suites
  const bad = [...list(node.failure), ...list(node.error)][0]
  // A red test that is marked as not yet done carries both elements.
  const status = node.skipped !== undefined ? 'skipped' : bad ? 'failed' : 'passed'
  const seconds = Number(word(node.time))
  return makeCase([...named.filter((part) => !title.startsWith(part)), title].join(separator), status, {
    file: word(node.file) ?? suiteFile,
    durationMs: word(node.time) === null ? null : seconds * 1000,
    message: bad ? (word(bad.message) ?? word(bad.text)) : null,
  })
}

function list(value: unknown): Node[] {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return values.map((one) => (typeof one === 'object' && one !== null ? (one as Node) : { text: one }))
}

function word(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
