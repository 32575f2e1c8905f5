// The peer of the diff view: CodeMirror's unified merge view, one editor per file, mounted when it comes near the screen.
import { javascript } from '@codemirror/lang-javascript'
import { defaultHighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { unifiedMergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'

interface PeerFile {
  path: string
  before: string
  after: string
  rows: number
}

const { files } = (await (await fetch('/peer-data.json')).json()) as { files: PeerFile[] }
const place = document.getElementById('files')!

function mount(at: HTMLElement, file: PeerFile): void {
  at.style.minHeight = ''
  new EditorView({
    parent: at,
    doc: file.after,
    extensions: [
      lineNumbers(),
      javascript({ typescript: true }),
      syntaxHighlighting(defaultHighlightStyle),
      EditorState.readOnly.of(true),
      EditorView.lineWrapping,
      unifiedMergeView({ original: file.before, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 4 } }),
    ],
  })
}

const waiting = new Map<Element, PeerFile>()
const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      const file = waiting.get(target)
      if (!isIntersecting || !file) continue
      waiting.delete(target)
      observer.unobserve(target)
      mount(target as HTMLElement, file)
    }
  },
  { root: place, rootMargin: '600px' },
)
for (const file of files) {
  const title = document.createElement('h2')
  title.textContent = file.path
  const body = document.createElement('div')
  body.style.minHeight = `${file.rows * 20}px`
  waiting.set(body, file)
  place.append(title, body)
  observer.observe(body)
}
