import { DdaError, TRAINER, type Trainer, type TrainingSettings } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { makeWorld, openProject } from '../../../../test/support/fake-world.ts'
import { checkTraining } from './check-training.ts'
import { synthesize } from './synthesize.ts'
import { train } from './train.ts'

/** Refuses groups of three, and remembers what it was asked. */
function picky(asked: TrainingSettings[]): Trainer {
  const check = (settings: TrainingSettings): void => {
    asked.push(settings)
    if (settings.groupSize === 3) throw new DdaError('DDA_CONFIG_INVALID', 'three is a crowd')
  }
  return { check } as Trainer
}

test('a trainer is asked with the settings of the run, streams and steps included, and without data', async () => {
  const over = { train: { groupSize: 2, steps: 9, filter: { refills: 1 } } }
  const project = await openProject(over, { world: makeWorld() })
  const asked: TrainingSettings[] = []
  await checkTraining(project.assembly.with(TRAINER, picky(asked), 'picky'))
  expect(asked).toMatchObject([{ groupSize: 2, steps: 9, filter: true, order: 'curriculum', maxStaleness: 0 }])
  expect(asked[0]?.streams.map(({ name }) => name)).toEqual(['cognitive', 'visual', 'format'])
  expect(asked[0]).not.toHaveProperty('samples')
  await project.close()
})

test('what it refuses ends a training before anybody is asked for anything', async () => {
  const world = makeWorld()
  const project = await openProject({ train: { groupSize: 3 } }, { world })
  await synthesize(project.assembly, { workspace: project.workspace })
  const assembly = project.assembly.with(TRAINER, picky([]), 'picky')
  await expect(train(assembly, project)).rejects.toMatchObject({ code: 'DDA_CONFIG_INVALID' })
  expect(world).toMatchObject({ edits: 0, updates: 0 })
  await project.close()
})

test('it may take its time, and what it then refuses ends the training the same', async () => {
  const world = makeWorld()
  const project = await openProject({ train: { groupSize: 3 } }, { world })
  await synthesize(project.assembly, { workspace: project.workspace })
  const slow = { check: async (settings: TrainingSettings) => picky([]).check?.(settings) } as Trainer
  const assembly = project.assembly.with(TRAINER, slow, 'slow')
  await expect(checkTraining(assembly)).rejects.toMatchObject({ code: 'DDA_CONFIG_INVALID' })
  await expect(train(assembly, project)).rejects.toMatchObject({ code: 'DDA_CONFIG_INVALID' })
  expect(world).toMatchObject({ edits: 0, updates: 0 })
  await project.close()
})
