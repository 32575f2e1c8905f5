// Models of one's own: pull, keep, serve, look, tune.
export * from './open.ts'
export { exportTuning } from './tune/export.ts'
