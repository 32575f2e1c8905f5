// Follows a rename into files that no project of a language server reaches: what a `require` or `import()` binds.
import { barrelsOver } from '../graph/barrels.ts'
import { makeResolver } from '../graph/resolve.ts'
import { declarationsIn } from '../syntax/declarations.ts'
import { isNode, type Node, nameOf, program, walk } from '../syntax/parse.ts'
import { addEdit, applyEdits, type Edit, type Edits } from '../tree/changes.ts'
import type { Tree } from '../tree/tree.ts'

/** Adds the edits that the server left out; files that keep the old public name are left alone. */
export function followRequires(tree: Tree, edits: Edits, mentions: string[], from: string, to: string): void {
  const outlets = outletsOf(tree, edits, from)
  if (outlets.size === 0) return
  const { resolve } = makeResolver(tree)
  for (const file of mentions) {
    const text = tree.read(file)?.text ?? ''
    if (!/\b(require|import)\s*\(/.test(text)) continue
    const meant = (specifier: string): boolean => outlets.has(resolve(file, specifier)?.file ?? '')
    const known = new Set(edits.get(file)?.map((edit) => edit.start))
    for (const edit of editsIn(file, text, from, to, meant)) if (!known.has(edit.start)) addEdit(edits, file, edit)
  }
}

/** Files whose public name `from` is gone after the edits, and the barrels that pass it on. */
function outletsOf(tree: Tree, edits: Edits, from: string): Set<string> {
  const outlets = new Set<string>()
  for (const [file, list] of edits) {
    const before = tree.read(file)?.text ?? ''
    if (!exportsName(file, before, from) || exportsName(file, applyEdits(file, before, list), from)) continue
    outlets.add(file)
    for (const barrel of barrelsOver(tree, file)) outlets.add(barrel)
  }
  return outlets
}

function exportsName(file: string, text: string, name: string): boolean {
  let found = declarationsIn(file, text, name).some((one) => one.topLevel && one.exported)
  walk(program(file, text), (node) => {
    if (node.type === 'ExportSpecifier' && nameOf(node.exported) === name) found = true
  })
  return found
}

function editsIn(file: string, text: string, from: string, to: string, meant: (specifier: string) => boolean): Edit[] {
  const tree = program(file, text)
  const edits: Edit[] = []
  const modules = new Set<string>()
  let bound = false
  walk(tree, (node) => {
    if (node.type === 'VariableDeclarator' && meant(specifierOf(node.init))) {
      if (isNode(node.id) && node.id.type === 'Identifier') modules.add(String(node.id.name))
      for (const property of propertiesOf(node.id)) {
        if (property.computed === true || nameOf(property.key) !== from || !isNode(property.key)) continue
        if (property.shorthand === true && takesOver(file, text, from, to)) bound = true
        else edits.push(replace(property.key, property.shorthand === true ? `${to}: ${from}` : to))
      }
    }
    if (node.type === 'MemberExpression' && node.computed !== true && nameOf(node.property) === from) {
      const owner = node.object
      const byName = isNode(owner) && owner.type === 'Identifier' && modules.has(String(owner.name))
      if ((byName || meant(specifierOf(owner))) && isNode(node.property)) edits.push(replace(node.property, to))
    }
  })
  if (bound) {
    walk(tree, (node, ancestors) => {
      if (node.type === 'Identifier' && node.name === from) edits.push(...localUse(node, ancestors, from, to))
    })
  }
  return edits
}

/** The local name goes along when the file binds it nowhere else and does not use the new one yet. */
function takesOver(file: string, text: string, from: string, to: string): boolean {
  let taken = false
  walk(program(file, text), (node) => {
    if (node.type === 'Identifier' && node.name === to) taken = true
  })
  return !taken && declarationsIn(file, text, from).filter((one) => one.kind !== 'property').length === 1
}

function localUse(node: Node, ancestors: readonly Node[], from: string, to: string): Edit[] {
  const parent = ancestors.at(-1)
  if (parent?.type === 'MemberExpression' && parent.property === node && parent.computed !== true) return []
  if (parent?.type === 'Property') {
    const pattern = ancestors.at(-2)?.type === 'ObjectPattern'
    // A shorthand holds the name twice at one place: it is edited once, as the value.
    if (parent.shorthand === true) return parent.value === node ? [replace(node, pattern ? to : `${from}: ${to}`)] : []
    if (parent.key === node && !pattern) return []
  }
  return [replace(node, to)]
}

const replace = ({ start, end }: Node, text: string): Edit => ({ start, end, text })

const propertiesOf = (pattern: unknown): Node[] =>
  isNode(pattern) && pattern.type === 'ObjectPattern' ? (pattern.properties as Node[]).filter(isNode) : []

/** The specifier of `require('x')`, `import('x')` or `await import('x')`; empty for anything else. */
function specifierOf(init: unknown): string {
  if (!isNode(init)) return ''
  if (init.type === 'AwaitExpression') return specifierOf(init.argument)
  if (init.type === 'ImportExpression') return nameOf(init.source) ?? ''
  if (init.type === 'CallExpression' && nameOf(init.callee) === 'require')
    return nameOf((init.arguments as unknown[])[0]) ?? ''
  return ''
}
