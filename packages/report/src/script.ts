/** What the page adds where scripts run: values under the pointer, and the gallery's filter. All content is there without. */
export const SCRIPT = `
for (const svg of document.querySelectorAll('svg[data-chart]')) {
  const chart = JSON.parse(svg.dataset.chart)
  const cursor = svg.querySelector('.cursor')
  const readout = svg.parentElement.querySelector('.readout')
  svg.addEventListener('pointermove', (event) => {
    const box = svg.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width
    const first = chart.steps[0]
    const last = chart.steps[chart.steps.length - 1]
    const wanted = first + ((x - chart.left) / (chart.right - chart.left)) * (last - first)
    let nearest = 0
    chart.steps.forEach((step, i) => {
      if (Math.abs(step - wanted) < Math.abs(chart.steps[nearest] - wanted)) nearest = i
    })
    const at = chart.left + ((chart.steps[nearest] - first) / Math.max(last - first, 1)) * (chart.right - chart.left)
    cursor.setAttribute('transform', 'translate(' + at + ' 0)')
    cursor.classList.add('on')
    readout.textContent = 'step ' + chart.steps[nearest] + ' · ' + chart.series.map((s) => s.label + ' ' + s.values[nearest]).join(' · ')
  })
  svg.addEventListener('pointerleave', () => {
    cursor.classList.remove('on')
    readout.textContent = ''
  })
}
for (const filters of document.querySelectorAll('.filters')) {
  const buttons = [...filters.querySelectorAll('button')]
  filters.hidden = buttons.length < 3
  filters.addEventListener('click', (event) => {
    const chosen = event.target.closest('button')
    if (!chosen) return
    for (const button of buttons) button.setAttribute('aria-pressed', String(button === chosen))
    for (const card of filters.parentElement.querySelectorAll('.card')) {
      card.hidden = chosen.dataset.filter !== 'all' && card.dataset.category !== chosen.dataset.filter
    }
  })
}
`
