import { useState } from 'preact/hooks'
import type { Chosen } from '../state/chosen.ts'
import type { RunStore } from '../state/run-store.ts'
import { save } from './save.ts'
import { count } from './words.ts'

interface SelectionProps {
  readonly store: RunStore
  readonly task: string | undefined
  readonly rows: Uint32Array
  readonly chosen: Chosen
}

/** What can be done with chosen rollouts: their ids as a file, and the commands that go on from there. */
export function Selection({ store, task, rows, chosen }: SelectionProps) {
  const [problem, setProblem] = useState<string>()
  const size = chosen.rows.size
  const places = [...new Set([...chosen.rows].map((row) => store.columns.rows.sample.at(row)))].toSorted(
    (a, b) => a - b,
  )
  const ids = places.map((place) => store.columns.sampleFacts[place]?.id ?? '')
  const saveChecklists = async () => {
    setProblem(undefined)
    const lines: string[] = []
    try {
      for (let at = 0; at < places.length; at += 64) {
        const found = await Promise.all(places.slice(at, at + 64).map((place) => store.details.samples.get(place)))
        for (const sample of found)
          if (sample !== null) lines.push(JSON.stringify({ id: sample.id, checklist: sample.checklist }))
      }
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      return
    }
    if (lines.length < places.length) setProblem(`${places.length - lines.length} samples are no longer in the data`)
    save('chosen-checklists.jsonl', `${lines.join('\n')}\n`)
  }
  return (
    <div class="selection">
      <button type="button" onClick={() => chosen.add(rows)} disabled={rows.length === 0}>
        Choose all {count(rows.length)}
      </button>
      {size > 0 && (
        <details>
          <summary>
            {count(size)} chosen, of {count(ids.length)} samples
          </summary>
          <div class="sheet">
            <button type="button" onClick={() => save('chosen.txt', `${ids.join('\n')}\n`)}>
              Save the sample ids (chosen.txt)
            </button>
            <p>A data set of these samples, with their pictures:</p>
            <pre>dda data export chosen.jsonl --ids chosen.txt</pre>
            {task === 'evaluate' ? (
              <>
                <button type="button" onClick={() => void saveChecklists()}>
                  Save their checklists (chosen-checklists.jsonl)
                </button>
                <p>Judge these again, as they are or with other questions:</p>
                <pre>dda rejudge {store.name} --checklist chosen-checklists.jsonl</pre>
              </>
            ) : (
              <p>Rollouts of evaluations can also be judged again from here.</p>
            )}
            {problem !== undefined && <p class="mark odd">{problem}</p>}
            <button type="button" onClick={() => chosen.clear()}>
              Choose none
            </button>
          </div>
        </details>
      )}
    </div>
  )
}
