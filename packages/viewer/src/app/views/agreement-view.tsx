import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Agreement, RunAgreement } from '../../wire/view-data.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { RunFrame } from '../parts/run-frame.tsx'
import { count, percent } from '../parts/words.ts'
import { hrefTo } from '../state/route.ts'
import { useRun } from '../state/run-store.ts'
import type { Source } from '../state/source.ts'
import { untilAnswered } from '../state/until-answered.ts'

interface AgreementViewProps {
  readonly source: Source
  readonly run: string
}

/** How far the judges of a run agree with people, by judge and by item, and people with each other. */
export function AgreementView({ source, run }: AgreementViewProps) {
  const store = useRun(source, run)
  const [found, setFound] = useState<RunAgreement>()
  useEffect(
    () =>
      untilAnswered(() => source.agreement(run), {
        onAnswer: (agreement) => {
          store.details.say(undefined)
          setFound(agreement)
        },
        onProblem: (message) => store.details.say(message),
      }),
    [source, run],
  )
  return (
    <RunFrame store={store} view="agreement">
      {found === undefined ? (
        <p class="empty">Reading …</p>
      ) : found.judges === null ? (
        <p class="empty">
          Nobody has answered a question of this run yet.{' '}
          {source.asking !== undefined && <a href={hrefTo(['run', run, 'annotate'], { blind: '1' })}>Annotate</a>}
        </p>
      ) : (
        <Tables source={source} run={run} judges={found.judges} found={found} />
      )}
    </RunFrame>
  )
}

interface TablesProps extends AgreementViewProps {
  readonly found: RunAgreement
  readonly judges: NonNullable<RunAgreement['judges']>
}

function Tables({ source, run, found: { people, confidence }, judges }: TablesProps) {
  const { all, byJudge, byItem, disputed, leftOut } = judges
  return (
    <section>
      <p>
        Passed or failed, as people say and as the judge says. Found of passes: of what people pass, the share that the
        judge passes (sensitivity); found of fails: of what they fail, the share that it fails (specificity). Wilson
        intervals of {confidence * 100} %.
        {disputed > 0 &&
          ` People answered ${count(disputed)} questions differently; the majority counts, a tie is left out.`}
        {leftOut > 0 && ` ${count(leftOut)} questions are left out: no verdict, or nobody is sure.`}
      </p>
      <Table
        title="Judges"
        rows={[
          ['all', '', all],
          ...byJudge.map((one) => [one.name, one.scope, one] satisfies [string, string, Agreement]),
        ]}
      />
      <Table
        title="Items, least agreed on first"
        rows={byItem.map((one) => [`${one.name}: ${one.question ?? ''}`, one.scope, one])}
      />
      {people.length > 0 && (
        <div class="scroll-x" role="region" aria-label="People" tabIndex={0}>
          <table class="agreement stacked">
            <caption>People with each other</caption>
            <ColumnHeads titles={['People', 'Both sure', 'Agree', 'Kappa']} />
            <tbody>
              {people.map(({ people: [a, b], count: both, raw, kappa }) => (
                <tr key={`${a}\n${b}`}>
                  <th scope="row">
                    {a}, {b}
                  </th>
                  <Cell title="Both sure">{count(both)}</Cell>
                  <Rate title="Agree" rate={raw} />
                  <Cell title="Kappa">{kappa?.toFixed(2) ?? 'not measured'}</Cell>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {source.asking !== undefined && (
        <p>
          <a href={source.asking.calibration(run)} download="calibration.jsonl">
            The calibration set
          </a>
          : the questions that most people answer alike, whole in themselves, for <code>dda doctor</code>,{' '}
          <code>dda rejudge</code> and canaries in training.
        </p>
      )}
    </section>
  )
}

interface TableProps {
  readonly title: string
  readonly rows: readonly (readonly [name: string, scope: string, agreement: Agreement])[]
}

function Table({ title, rows }: TableProps) {
  return (
    <div class="scroll-x" role="region" aria-label={title} tabIndex={0}>
      <table class="agreement stacked">
        <caption>{title}</caption>
        <ColumnHeads
          titles={['Of', 'Answers', 'Agree', 'Kappa', 'Found of passes', 'Found of fails', 'Judge alone passes']}
        />
        <tbody>
          {rows.map(([name, scope, one]) => (
            <tr key={`${scope} ${name}`}>
              <th scope="row">
                <span class="scope">{scope}</span> {name}
              </th>
              <Cell title="Answers">{count(one.count)}</Cell>
              <Rate title="Agree" rate={one.raw} />
              <Cell title="Kappa">{one.kappa?.toFixed(2) ?? 'not measured'}</Cell>
              <Rate title="Found of passes" rate={one.sensitivity} />
              <Rate title="Found of fails" rate={one.specificity} />
              <Cell title="Judge alone passes">{count(one.judgeOnly)}</Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface CellProps {
  /** Of its column, for screens where it does not stand in one. */
  readonly title: string
  readonly children: ComponentChildren
}

function Cell({ title, children }: CellProps) {
  return (
    <td class="number" data-title={title}>
      {children}
    </td>
  )
}

/** A rate with its interval below. */
function Rate({ title, rate: { value, low, high } }: Pick<CellProps, 'title'> & { readonly rate: Agreement['raw'] }) {
  if (value === undefined) return <Cell title={title}>not measured</Cell>
  return (
    <Cell title={title}>
      {percent(value)}
      <small>
        {percent(low)} to {percent(high)}
      </small>
    </Cell>
  )
}
