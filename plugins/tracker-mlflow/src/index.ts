import { basename } from 'node:path'
import { API_VERSION, definePlugin, Type } from '@dda-thinker/plugin-api'
import { checkEndpointUrls } from '@dda-thinker/endpoints'
import { keyOf, LIMITS } from './limits.ts'
import { MlflowServer } from './mlflow-server.ts'
import { Reporter } from './reporter.ts'

export default definePlugin({
  name: 'tracker-mlflow',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      url: Type.String({
        minLength: 1,
        description: 'Base URL of the tracking server, such as `http://localhost:5000`.',
      }),
      experiment: Type.String({
        minLength: 1,
        default: 'dda-thinker',
        description: 'Name of the experiment that runs are in; made where there is none.',
      }),
      runName: Type.Optional(
        Type.String({ minLength: 1, description: "Name of the run there; without it, that of the run's directory." }),
      ),
      tags: Type.Optional(
        Type.Record(Type.String({ minLength: 1, maxLength: LIMITS.key }), Type.String({ maxLength: LIMITS.tag }), {
          description: 'Further tags of the run.',
        }),
      ),
      timeoutSeconds: Type.Number({
        exclusiveMinimum: 0,
        maximum: 600,
        default: 30,
        description: 'For one request.',
      }),
      flushSeconds: Type.Number({
        minimum: 0,
        maximum: 600,
        default: 30,
        description: 'How long the end of a run waits for what is not sent.',
      }),
    },
    { additionalProperties: false },
  ),
  setup(api, { url, experiment, runName, tags = {}, timeoutSeconds, flushSeconds }) {
    checkEndpointUrls([url])
    const { runDir } = api
    if (runDir === undefined) return
    let reporter: Reporter | undefined
    api.tap(
      'update',
      (report) => {
        reporter ??= new Reporter({
          url,
          connect: () => new MlflowServer({ url, timeoutMs: timeoutSeconds * 1000 }),
          runDir,
          experiment,
          runName: runName ?? basename(runDir),
          tags: Object.entries(tags).map(([key, value]) => ({ key: keyOf(key), value })),
          flushSeconds,
          warn: (message) => api.log.warn(message),
        })
        reporter.add(report)
      },
      // After all others: what is sent is what is recorded.
      { order: 'post' },
    )
    api.onDispose(async () => {
      const unsent = await reporter?.close()
      // A tracker ends no training: what is missing is told and no error of the command.
      if (unsent !== undefined) api.log.warn(`${unsent.code}: ${unsent.message}. ${unsent.next ?? ''}`)
    })
  },
})
