// The same on PostgreSQL, with two workers beside the house; they, the connections and the server are harmed too.
import { testChaos } from './chaos-test.ts'

testChaos('postgres')
