// The diff view's worker: computes colours off the main thread.
import '@pierre/diffs/worker/worker.js'
