// Makes a database without rows, the queue's tables included, in a folder and ends. Run by store/first-database.ts in a
// process of its own.
import { openQueue } from './queue/queue.ts'
import { openDatabase } from './store/database.ts'

const store = await openDatabase(process.argv[2] as string)
const queue = await openQueue(store, (error) => {
  throw error
})
await queue.stop()
await store.close()
process.exit(0)
