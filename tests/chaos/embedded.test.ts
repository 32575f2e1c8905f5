// Harms house, agents and disk at random points and then looks: nothing lost, nothing twice, nothing stuck, nothing
// corrupt, nothing left behind.
import { testChaos } from './chaos-test.ts'

testChaos('embedded')
