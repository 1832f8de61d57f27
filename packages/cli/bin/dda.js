#!/usr/bin/env node
import { main } from '../dist/main.js'

process.exitCode = await main(process.argv.slice(2))
// What plugins leave open (a server, a thread) keeps no command that is done; what is still being written gets the time to.
setTimeout(() => process.exit(), 5_000).unref()
