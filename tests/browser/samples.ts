// The sample project of the browser stories and the scripts that change it.
export const sample: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'sample', type: 'module', private: true, scripts: { test: 'node --test' } }),
  'src/sum.js': [
    'export const sum = (a, b) => a - b',
    '',
    ...Array.from({ length: 16 }, (_, index) => `// Line ${index + 3}.`),
    '',
    'export const one = 1',
    '',
  ].join('\n'),
  'src/sum.test.js': [
    "import assert from 'node:assert'",
    "import { test } from 'node:test'",
    "import { sum } from './sum.js'",
    "test('adds', () => assert.equal(sum(1, 2), 3))",
    '',
  ].join('\n'),
  'notes.md': '# Notes\n\none\ntwo\nthree\n',
}

/** Two hunks in one file and one in another. */
export const fix = [
  { do: 'plan', entries: ['Look at the sum', 'Fix it', 'Write it down'] },
  { do: 'say', text: 'Looking at the sum.' },
  { do: 'edit', path: 'src/sum.js', old: 'a - b', new: 'a + b' },
  { do: 'edit', path: 'src/sum.js', old: 'export const one = 1', new: 'export const one = 1\nexport const two = 2' },
  { do: 'edit', path: 'notes.md', old: 'three', new: 'three\nfour' },
]

/** What agents might say or write to take over the page that shows it. */
export const hostile = [
  {
    do: 'say',
    text: '<img src="http://127.0.0.1:9/x.png" onerror="document.title=\'taken\'"><script>document.title="taken"</script>',
  },
  { do: 'say', text: '![picture](http://127.0.0.1:9/y.png) [link](javascript:alert(1)) \u202egnihtemos' },
  { do: 'plan', entries: ['<b id="planted">bold</b>'] },
  {
    do: 'write',
    path: 'src/<img src=x onerror=document.title=`taken`>.js',
    text: '// \u202e hidden\n</script><script>document.title="taken"</script>\n',
  },
  { do: 'edit', path: 'src/sum.js', old: 'a - b', new: 'a + b /* <iframe src="http://127.0.0.1:9/"></iframe> */' },
]
