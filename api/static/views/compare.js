/** Two films side by side, scene by scene; what differs says so. */

import { api, contentUrl } from '../api.js'
import { complain, complaint, h } from '../dom.js'
import { assetName, duration, money, sentence, statusName, time } from '../format.js'

export class CompareView {
  constructor({ id, other }) {
    this.ids = [id, other]
    this.problem = complaint()
    this.place = h('div')
    this.element = h('div', { class: 'page compare' }, h('h1', { tabindex: -1 }, 'Compare'), this.problem, this.place)
  }

  async enter() {
    document.title = 'Compare · Reelog'
    try {
      const [recent, ...films] = await Promise.all([api.jobs({ limit: 100 }), ...this.ids.map((id) => id && film(id))])
      this.place.replaceChildren(h('table', {},
        h('thead', {}, h('tr', {}, h('td'), films.map((one, i) => h('th', { scope: 'col' }, this.#chooser(i, recent.data, one))))),
        h('tbody', {}, rows(films))))
    } catch (problem) {
      complain(this.problem, problem)
    }
  }

  #chooser(index, jobs, chosen) {
    const known = [...(chosen ? [chosen.job] : []), ...jobs.filter((job) => job.id !== chosen?.job.id)]
    return [h('select', { 'aria-label': index ? 'Second film' : 'First film', onchange: (e) => {
      const ids = this.ids.with(index, e.target.value)
      location.hash = `#/compare/${ids.filter(Boolean).join('/')}`
    } }, !chosen && h('option', { value: '' }, 'Choose a film'),
    known.map((job) => h('option', { value: job.id }, `${job.title ?? 'A film without a name yet'}, ${time(job.created_at)}`))),
    chosen && h('a', { href: `#/jobs/${chosen.job.id}` }, 'Go to it')]
  }
}

async function film(id) {
  const [job, assets] = await Promise.all([api.job(id), api.assets(id)])
  return { job, assets: new Map(assets.map((asset) => [asset.name, asset])) }
}

/** A row: name, what is compared (by its JSON), and how each side is shown. */
function row(name, films, value, cell = (shown) => shown ?? '–') {
  const values = films.map((one) => (one ? value(one) : null))
  const differs = films[0] && films[1] && JSON.stringify(values[0]) !== JSON.stringify(values[1])
  return h('tr', { class: differs && 'differs' }, h('th', { scope: 'row' }, name, differs && h('b', {}, ' differs')),
    films.map((one, i) => h('td', { dir: 'auto' }, one && cell(values[i], one))))
}

function rows(films) {
  const jobs = films.filter(Boolean).map(({ job }) => job)
  const options = [...new Set(jobs.flatMap((job) => Object.keys(job.options)))].filter((name) => new Set(jobs.map((job) => job.options[name])).size > 1)
  const scenes = Math.max(0, ...jobs.map((job) => job.scenes.length))
  const elapsed = (job) => (job.finished_at && job.started_at ? duration((Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000) : null)
  return [
    row('Status', films, ({ job }) => statusName(job.status)), row('Cost', films, ({ job }) => money(job.cost.usd)), row('Took', films, ({ job }) => elapsed(job)),
    ['text', 'image', 'speech'].map((kind) => row(sentence(kind), films, ({ job }) => job.models[kind])),
    options.map((name) => row(sentence(name), films, ({ job }) => String(job.options[name] ?? '–'))),
    Array.from({ length: scenes }, (_, index) => scene(index, films)),
  ].flat(2)
}

function scene(index, films) {
  const digest = ({ assets }, kind) => assets.get(`${kind}:${index + 1}`)?.digest ?? null
  return [
    row(`Scene ${index + 1}`, films, (one) => [one.job.scenes[index]?.text, digest(one, 'image')], ([text], { job, assets }) => {
      const image = assets.get(`image:${index + 1}`)
      return [h('div', { class: 'frame', 'data-shape': job.options.aspect_ratio }, image?.digest && h('img', { src: contentUrl(image), alt: `Picture of scene ${index + 1}`, loading: 'lazy' })),
        h('p', { class: 'words' }, text), image && h('p', { class: 'facts' }, [image.recipe.model, image.reused_from ? 'reused' : image.cost_usd != null && money(image.cost_usd)].filter(Boolean).join(' · '))].filter(Boolean)
    }),
    row(assetName(`narration:${index + 1}`), films, (one) => digest(one, 'narration'), (made, { assets }) =>
      made && h('audio', { controls: true, preload: 'none', src: contentUrl(assets.get(`narration:${index + 1}`)) })),
  ]
}
