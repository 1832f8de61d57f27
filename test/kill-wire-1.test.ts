import { testKillsOverTheWire } from './support/kill-wire.ts'

testKillsOverTheWire(25, 50)
