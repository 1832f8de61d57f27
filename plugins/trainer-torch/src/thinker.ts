import { resolve } from 'node:path'
import type { RoleContext, Thinker } from '@dda-thinker/plugin-api'
import { completeThinkerOptions, type GivenThinkerOptions } from './options.ts'
import { opened, PolicyHost } from './policy-host.ts'
import type { PolicyState } from './protocol.ts'
import { settingsHash, withAbsoluteModels } from './settings.ts'
import type { TorchTrainerSetting } from './trainer.ts'

/** A frozen policy: a model of the hub, an export, or the policy of a checkpoint. */
export function createTorchThinker(
  given: GivenThinkerOptions,
  setting: TorchTrainerSetting = {},
): Required<Omit<Thinker, 'cacheable' | 'diagnose'>> {
  const { resolvePath = resolve, connect } = setting
  const options = withAbsoluteModels(completeThinkerOptions(given), resolvePath)
  let host: PolicyHost | undefined
  let weights = ''
  const named = (id: string): string => ['thinker-torch', settingsHash(options), id].filter(Boolean).join(':')
  return {
    get fingerprint() {
      return named(weights)
    },
    async open(context: RoleContext) {
      host = await PolicyHost.open({ options, role: 'thinker', connect }, context)
      weights = host.worker.opened.weights
    },
    plan(requests, call) {
      const identity = { fingerprint: (state: PolicyState) => named(state.weights), versioned: false }
      return opened(host, 'thinker').plan(requests, call, identity)
    },
    async close() {
      const closing = host
      host = undefined
      await closing?.close()
    },
  }
}
