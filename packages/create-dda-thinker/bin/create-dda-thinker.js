#!/usr/bin/env node
import { main } from '../dist/main.js'

// A reader that leaves (`… --help | head`) has seen enough.
process.stdout.on('error', () => undefined)
process.exitCode = await main(process.argv.slice(2))
