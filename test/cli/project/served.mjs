// A judge whose service runs what a file names: the judge of this project, or a model that says yes to everything.
import { readFile } from 'node:fs/promises'
import { API_VERSION, definePlugin, JUDGES, Type } from '@dda-thinker/plugin-api'
import tiny from './tiny.mjs'

export default definePlugin({
  name: 'served-judge',
  apiVersion: API_VERSION,
  options: Type.Object({ model: Type.String() }, { additionalProperties: false }),
  setup(api, { model }) {
    const file = api.resolvePath(model)
    let made
    tiny.judge.setup({ ...api, contribute: (_list, make) => (made = make) }, {})
    api.contribute(JUDGES, () => {
      const honest = made()
      return {
        ...honest,
        fingerprint: 'served-judge',
        async judge(request) {
          if ((await readFile(file, 'utf8')) === 'tiny') return honest.judge(request)
          return request.items.map(({ id }) => ({ itemId: id, answer: 'yes', judge: 'served-judge' }))
        },
      }
    })
  },
})
