// The peer: node-llama-cpp called directly, with the very same prompts, in a process of its own.
import { getLlama, LlamaLogLevel } from 'node-llama-cpp'

const llama = await getLlama({
  gpu: false,
  build: 'never',
  skipDownload: true,
  progressLogs: false,
  logLevel: LlamaLogLevel.disabled,
  maxThreads: 1,
})
const model = await llama.loadModel({ modelPath: process.argv[2]!, gpuLayers: 0 })
const context = await model.createContext({ contextSize: 2048, threads: 1 })
const sequence = context.getSequence()

process.on('message', async ({ prompt, tokens: most }: { prompt: string; tokens: number }) => {
  const tokens = model.tokenize(prompt, true)
  await sequence.adaptStateToTokens(tokens.slice(0, -1), false)
  const written = []
  for await (const token of sequence.evaluate(tokens.slice(sequence.nextTokenIndex), {
    temperature: 1,
    topP: 1,
    seed: 7,
    yieldEogToken: true,
  })) {
    written.push(token)
    if (written.length >= most) break
  }
  process.send!({ text: model.detokenize(written), tokens: written.length, promptTokens: tokens.length })
})
process.on('disconnect', () => process.exit(0))
process.send!('ready')
