/** A run: what it is called in the legend, and its metrics by step, from the first. */
export interface Curve {
  readonly label: string
  readonly steps: readonly Readonly<Record<string, number>>[]
}

const COLOURS = ['#0b7a75', '#c8553d', '#5b5ea6', '#d99a2b', '#777777', '#2f2f2f']
const [WIDTH, HEIGHT, LEFT, TOP, GAP] = [360, 190, 48, 26, 24]

/** Small multiples as SVG: a panel a metric, two in a row, a line a run, each smoothed over three steps. */
export function curves(metrics: readonly string[], runs: readonly Curve[]): string {
  const rows = Math.ceil(metrics.length / 2)
  const [width, height] = [2 * (WIDTH + GAP), rows * (HEIGHT + GAP) + 28 + 18 * Math.ceil(runs.length / 3)]
  const panels = metrics.map((metric, i) => {
    const [x, y] = [(i % 2) * (WIDTH + GAP), Math.floor(i / 2) * (HEIGHT + GAP)]
    return `<g transform="translate(${x} ${y})">${panel(metric, runs)}</g>`
  })
  const legend = runs.map(({ label }, i) => {
    const [x, y] = [LEFT + (i % 3) * 240, rows * (HEIGHT + GAP) + 16 + 18 * Math.floor(i / 3)]
    return (
      `<line x1="${x}" x2="${x + 18}" y1="${y - 4}" y2="${y - 4}" stroke="${colour(i)}" stroke-width="2.5"/>` +
      `<text x="${x + 24}" y="${y}">${label}</text>`
    )
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="#fff"/>${panels.join('')}${legend.join('')}</svg>\n`
  )
}

function panel(metric: string, runs: readonly Curve[]): string {
  const lines = runs.map(({ steps }) => smooth(steps.map((of) => of[metric])))
  const known = lines.flat().filter((value) => value !== undefined)
  const [low, high] = [Math.min(0, ...known), Math.max(1e-3, ...known)]
  const last = Math.max(2, ...lines.map(({ length }) => length))
  const x = (step: number) => LEFT + ((step - 1) / (last - 1)) * (WIDTH - LEFT)
  const y = (value: number) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - 20)
  const ticks = [low, (low + high) / 2, high].map(
    (value) =>
      `<line x1="${LEFT}" x2="${WIDTH}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="#ddd"/>` +
      `<text x="${LEFT - 6}" y="${at(y(value) + 4)}" text-anchor="end" fill="#555">${Math.abs(value) < 0.0005 ? 0 : Number(value.toPrecision(2))}</text>`,
  )
  const drawn = lines.map((values, i) => {
    const points = values.flatMap((value, step) => (value === undefined ? [] : [`${at(x(step + 1))},${at(y(value))}`]))
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour(i)}" stroke-width="1.8"/>`
  })
  const axis = `<text x="${LEFT}" y="${HEIGHT - 4}" fill="#555">step 1</text><text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end" fill="#555">${last}</text>`
  return `<text x="${LEFT}" y="14" font-weight="600">${metric}</text>${ticks.join('')}${drawn.join('')}${axis}`
}

/** Mean of a value, the one before and the one behind; what was not measured stays so. */
function smooth(values: readonly (number | undefined)[]): readonly (number | undefined)[] {
  return values.map((value, i) => {
    if (value === undefined) return undefined
    const near = values.slice(Math.max(0, i - 1), i + 2).filter((one) => one !== undefined)
    return near.reduce((sum, one) => sum + one, 0) / near.length
  })
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#000'
}

function at(value: number): string {
  return value.toFixed(1)
}
