// Whether a name in a file could mean something that another file declares.
import { declarationsIn } from './declarations.ts'
import { type Node, program, walk } from './parse.ts'

/** Where a name reaches into another thing, whatever the file itself declares. */
const reaching: Record<string, string[]> = {
  ImportSpecifier: ['imported'],
  ExportSpecifier: ['local', 'exported'],
  MemberExpression: ['property'],
  TSQualifiedName: ['right'],
  TSImportType: ['qualifier'],
  Property: ['key'],
  MethodDefinition: ['key'],
  PropertyDefinition: ['key'],
  TSAbstractMethodDefinition: ['key'],
  TSAbstractPropertyDefinition: ['key'],
  AccessorProperty: ['key'],
  TSPropertySignature: ['key'],
  TSMethodSignature: ['key'],
  JSXAttribute: ['name'],
  JSXMemberExpression: ['property'],
  TSEnumMember: ['id'],
}
const notOwn = new Set(['import', 'alias', 'method', 'property', 'enum member'])

export function couldMeanOutside(file: string, text: string, name: string, offsets: number[]): boolean {
  const wanted = new Set(offsets)
  const ownsName = declarationsIn(file, text, name).some((one) => !notOwn.has(one.kind))
  let found = false
  walk(program(file, text), (node, ancestors) => {
    if (found || !wanted.has(node.start) || node.name !== name || !/Identifier$/.test(node.type)) return
    const parent = ancestors.at(-1) as Node | undefined
    found = !ownsName || (reaching[parent?.type ?? '']?.some((field) => parent![field] === node) ?? false)
  })
  return found
}
