// What a module imports: static, dynamic and require, with the names it expects to find.
import type { Source } from './parse-source.ts'
import { walk } from './walk.ts'

export interface Imported {
  specifier: string
  line: number
  /** Names that must be exported by the target; empty for `import * as` and side effects. */
  names: string[]
  typesOnly: boolean
  dynamic: boolean
}

export function importsOf(source: Source): Imported[] {
  const found: Imported[] = []
  const add = (specifier: unknown, start: number, more: Partial<Imported>): void => {
    if (typeof specifier !== 'string' || specifier === '') return
    found.push({ specifier, line: source.lineAt(start), names: [], typesOnly: false, dynamic: false, ...more })
  }
  for (const { node, parents } of walk(source.program)) {
    if (node.type === 'ImportDeclaration') {
      const named = (node.specifiers ?? []).flatMap(
        (one: { type: string; imported?: { name?: string; value?: string } }) =>
          one.type === 'ImportSpecifier'
            ? [one.imported?.name ?? one.imported?.value ?? '']
            : one.type === 'ImportDefaultSpecifier'
              ? ['default']
              : [],
      )
      const inner = node.specifiers ?? []
      const typesOnly =
        node.importKind === 'type' ||
        (inner.length > 0 && inner.every((one: { importKind?: string }) => one.importKind === 'type'))
      add(node.source.value, node.start, { names: named, typesOnly })
    } else if ((node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration') && node.source) {
      const named = (node.specifiers ?? []).map(
        (one: { local: { name?: string; value?: string } }) => one.local.name ?? one.local.value ?? '',
      )
      add(node.source.value, node.start, { names: named, typesOnly: node.exportKind === 'type' })
    } else if (node.type === 'ImportExpression') {
      add(node.source?.value, node.start, { dynamic: true })
    } else if (node.type === 'CallExpression' && node.callee?.name === 'require' && node.arguments?.length === 1) {
      // A require in a try is an optional dependency.
      const optional = parents.some((one) => one.type === 'TryStatement')
      if (!optional)
        add(node.arguments[0]?.value, node.start, { dynamic: parents.some((one) => /Function/.test(one.type)) })
    }
  }
  return found
}
