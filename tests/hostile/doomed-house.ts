// A house that opens one sandbox, starts one command and waits to be killed.
import { openSandbox } from '../../server/sandbox/open-sandbox.ts'

const { policy, argv } = JSON.parse(process.argv[2] ?? '')
const sandbox = await openSandbox(policy)
const running = await sandbox.spawn(argv)
running.stdout.pipe(process.stdout)
