// Maps what a script wants done onto the tools that the calling agent offered: every agent names them differently.
import { posix } from 'node:path'
import type { OfferedTool, ToolSchema, TurnCall } from './conversation.ts'
import type { CapabilityCall, ScriptedCall } from './script.ts'

type Wanted<Name extends CapabilityCall['tool']> = Extract<CapabilityCall, { tool: Name }>
type Made = Omit<TurnCall, 'id' | 'argsText'>

/** Names seen in agents, most specific first; compared without case and separators. */
const names = {
  read: 'read readfile view viewfile readtextfile openfile readmanyfiles strreplacebasededittool',
  write: 'write writefile create createfile writetofile writetextfile strreplacebasededittool',
  edit: 'edit editfile replace strreplace strreplacefile replaceinfile searchreplace editor strreplaceeditor strreplacebasededittool',
  patch: 'applypatch patch',
  shell:
    'bash shell runshellcommand execcommand shellcommand executecommand runcommand runcommands runinterminal localshell terminal',
  search: 'search grep grepsearch searchfilecontent searchfiles rg ripgrep',
}

/** Argument names by what they mean. */
const keys = {
  path: /^(path|file_?path|file|filename|absolute_?path|target_?file|files|paths)$/i,
  text: /^(content|contents|text|file_?text|new_?content|new_?contents)$/i,
  old: /^(old|search$|find$)/i,
  new: /^(new|replace$|replacement$)/i,
  command: /^(command|cmd|commands|script)$/i,
  pattern: /^(pattern|query|regex|regexp|search)$/i,
  patch: /^(input|patch|patch_?text|diff)$/i,
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

function find(tools: OfferedTool[], wanted: string): OfferedTool | undefined {
  for (const name of wanted.split(' ')) {
    const tool = tools.find((offered) => plain(offered.name) === name)
    if (tool) return tool
  }
  return undefined
}

/** Something valid for arguments that the script does not care about. */
function filler(schema: ToolSchema): unknown {
  if (schema.enum && schema.enum.length > 0) return schema.enum[0]
  const type = Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? schema.anyOf?.[0]?.type)
  const byType: Record<string, unknown> = { boolean: false, number: 1, integer: 1, array: [], object: {}, null: null }
  return typeof type === 'string' && type in byType ? byType[type] : 'scripted'
}

function shaped(schema: ToolSchema, value: string): unknown {
  if (schema.type !== 'array') return value
  const inner = schema.items?.properties
  if (!inner) return [value]
  const key = Object.keys(inner).find((name) => keys.path.test(name)) ?? 'path'
  return [{ [key]: value }]
}

/** Fills a tool's arguments by meaning; nested lists of edits are filled one level down. */
function fill(tool: OfferedTool, values: Partial<Record<keyof typeof keys, string>>, fixed = {}): Made {
  const properties = tool.schema.properties ?? {}
  const args: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(properties)) {
    const meaning = (Object.keys(values) as (keyof typeof keys)[]).find((key) => keys[key].test(name))
    if (meaning) args[name] = shaped(schema, values[meaning]!)
    else if (/^edits?$/.test(name) && values.old !== undefined) {
      const inner = schema.items ?? schema.anyOf?.find((option) => option.properties) ?? schema
      const edit = fill({ name, schema: inner }, values).args
      args[name] = schema.type === 'array' || schema.items ? [edit] : edit
    }
  }
  for (const [name, value] of Object.entries(fixed)) if (name in properties) args[name] = value
  for (const name of tool.schema.required ?? []) args[name] ??= filler(properties[name] ?? {})
  return made(tool, args)
}

const made = (tool: OfferedTool, args: Record<string, unknown>): Made => ({
  name: tool.name,
  args,
  ...(tool.namespace ? { namespace: tool.namespace } : {}),
})

function patch(tool: OfferedTool, body: string): Made {
  const text = `*** Begin Patch\n${body}\n*** End Patch`
  return tool.freeText ? { ...made(tool, {}), freeText: text } : fill(tool, { patch: text })
}

const prefixed = (sign: string, text: string): string =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => sign + line)
    .join('\n')

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const base64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64')

function shell(tools: OfferedTool[], command: string): Made | null {
  const tool = find(tools, names.shell)
  if (!tool) return null
  const call = fill(tool, { command })
  for (const [name, value] of Object.entries(call.args)) {
    // An argument vector, not a list of commands.
    if (name === 'command' && Array.isArray(value)) call.args[name] = ['bash', '-lc', command]
  }
  return call
}

const makers: {
  [Name in CapabilityCall['tool']]: (w: Wanted<Name>, tools: OfferedTool[], cwd: string) => Made | null
} = {
  read: (wanted, tools, cwd) => {
    const tool = find(tools, names.read)
    if (tool) return fill(tool, { path: posix.join(cwd, wanted.path) }, { command: 'view' })
    return shell(tools, `cat ${quoted(wanted.path)}`)
  },
  write: (wanted, tools, cwd) => {
    const tool = find(tools, names.write)
    if (tool) return fill(tool, { path: posix.join(cwd, wanted.path), text: wanted.text }, { command: 'create' })
    const patcher = find(tools, names.patch)
    if (patcher) return patch(patcher, `*** Add File: ${wanted.path}\n${prefixed('+', wanted.text)}`)
    const folder = quoted(posix.dirname(wanted.path))
    const file = quoted(wanted.path)
    return shell(tools, `mkdir -p ${folder} && printf %s ${quoted(base64(wanted.text))} | base64 -d > ${file}`)
  },
  edit: (wanted, tools, cwd) => {
    const tool = find(tools, names.edit)
    const path = posix.join(cwd, wanted.path)
    if (tool) return fill(tool, { path, old: wanted.old, new: wanted.new }, { command: 'str_replace' })
    const patcher = find(tools, names.patch)
    const hunk = `${prefixed('-', wanted.old)}\n${prefixed('+', wanted.new)}`
    if (patcher) return patch(patcher, `*** Update File: ${wanted.path}\n@@\n${hunk}`)
    const program =
      `const fs=require("fs"),[f,a,b]=JSON.parse(Buffer.from("${base64([wanted.path, wanted.old, wanted.new])}","base64"));` +
      'const t=fs.readFileSync(f,"utf8");if(!t.includes(a))process.exit(1);fs.writeFileSync(f,t.replace(a,()=>b))'
    return shell(tools, `node -e ${quoted(program)}`)
  },
  bash: (wanted, tools) => shell(tools, wanted.command),
  search: (wanted, tools, cwd) => {
    const tool = find(tools, names.search)
    const path = posix.join(cwd, wanted.path ?? '.')
    if (tool) return fill(tool, { pattern: wanted.pattern, path })
    return shell(tools, `grep -rn ${quoted(wanted.pattern)} ${quoted(wanted.path ?? '.')}`)
  },
}

/** The call for one wish of a script, or null when the agent offered nothing that could do it. */
export function makeCall(wanted: ScriptedCall, tools: OfferedTool[], cwd: string): Made | null {
  if ('tool' in wanted) return makers[wanted.tool](wanted as never, tools, cwd)
  const tool =
    tools.find((offered) => offered.name === wanted.name) ??
    tools.find((offered) => plain(offered.name).endsWith(plain(wanted.name)))
  return tool ? made(tool, wanted.args) : { name: wanted.name, args: wanted.args }
}
