import { randomBytes } from 'node:crypto'
import { keepSecret, type RewardEndpoint, type RewardReach } from '@dda-thinker/plugin-api'
import type { Scoring, Workspace } from '@dda-thinker/runs'
import { warnOf } from '../terminal/listening.ts'
import type { Context } from '../terminal/output.ts'

/** A token of its own keeps other users of the machine, and of the network, out. */
const TOKEN_BYTES = 24

/** Offers the rewards of a training run over HTTP while an engine outside trains: on this machine alone, or where the engine wants them. */
export function offerRewards({ images }: Pick<Workspace, 'images'>, reach: RewardReach, context: Context) {
  return async (scoring: Scoring): Promise<RewardEndpoint & { close(): Promise<void> }> => {
    const { createRewardService } = await import('@dda-thinker/serve')
    const token = randomBytes(TOKEN_BYTES).toString('hex')
    keepSecret('DDA_REWARD_TOKEN', token)
    const { host = '127.0.0.1', port = 0, url: outside } = reach
    const { http, scorer } = await createRewardService({
      scoring,
      images,
      host,
      port,
      ...(outside === undefined ? {} : { hosts: [new URL(outside).hostname] }),
      token,
      onError: warnOf(context),
    })
    const { url } = await http.listen()
    http.ready()
    return {
      url: outside ?? url,
      token,
      async close() {
        // The engine has ended, or is about to: what it still asks for is for nobody.
        await http.drain(AbortSignal.abort())
        await scorer.settled()
      },
    }
  }
}
