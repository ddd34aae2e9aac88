/** The form: a script and how the film is to be. Only what differs from the defaults is sent. */

import { api, randomKey } from '../api.js'
import { copy, h, icon, say } from '../dom.js'
import { duration, integer, money, plural, roughly } from '../format.js'
import { DEFAULTS, KINDS, modelChoices } from '../models.js'
import { SAMPLES } from '../samples.js'
import { asCommand, asCurl } from '../snippets.js'
import { field, options, select, showErrors } from './fields.js'

const LONGEST = 50_000
const DRAFT = 'reelog-draft'
const shape = (w, hgt) => h('span', { class: `shape shape-${w}-${hgt}`, 'aria-hidden': 'true' })

export class SubmitView {
  #key = null
  #sent = null
  #busy = false
  #asked = null
  #estimates = true

  constructor() {
    const changed = () => this.#changed()
    this.script = h('textarea', {
      name: 'script', dir: 'auto', rows: 12, spellcheck: 'true', required: true, autocapitalize: 'sentences',
      placeholder: 'Once upon a time …', oninput: changed,
    })
    this.script.value = sessionStorage.getItem(DRAFT) ?? ''
    this.count = h('p', { class: 'count' })
    this.models = h('div', { class: 'models' })
    this.problem = h('div', { class: 'problem', role: 'alert', hidden: true })
    this.estimate = h('p', { class: 'estimate' })
    this.button = h('button', { class: 'primary', type: 'submit' }, 'Make the film')
    this.form = h('form', { class: 'submit', novalidate: true, onsubmit: (e) => this.#submit(e),
      onkeydown: (e) => (e.ctrlKey || e.metaKey) && e.key === 'Enter' && this.form.requestSubmit() },
    this.#writing(), this.#choosing(changed), this.#sending())
    this.element = h('div', { class: 'page' },
      h('h1', { tabindex: -1 }, 'A script goes in. ', h('em', {}, 'A film comes out.')), this.form)
  }

  #writing() {
    const samples = SAMPLES.map((sample) =>
      h('button', { type: 'button', class: 'quiet', dir: 'auto', lang: sample.language, onclick: () => this.#take(sample) },
        sample.name))
    const script = field('/script', 'Script', this.script)
    script.append(this.count)
    return h('section', { class: 'writing' }, script,
      h('p', { class: 'samples' }, h('span', {}, 'Samples: '), samples))
  }

  #choosing(changed) {
    const number = (name, attributes) => h('input', { type: 'number', name, oninput: changed, inputmode: 'decimal', ...attributes })
    const text = (name, attributes) => h('input', { type: 'text', name, oninput: changed, ...attributes })
    return h('section', { class: 'choosing', 'aria-label': 'How the film is to be' },
      options('/options/aspect_ratio', 'Shape', 'aspect_ratio',
        [['16:9', 'Wide', shape(16, 9)], ['9:16', 'Tall', shape(9, 16)], ['1:1', 'Square', shape(1, 1)]], changed),
      options('/options/captions', 'Captions', 'captions',
        [['burned', 'In the picture'], ['sidecar', 'As a track'], ['none', 'None']], changed),
      field('/options/style', 'Look', text('style', { dir: 'auto', maxlength: 2000, placeholder: 'Watercolour, soft morning light' })),
      this.models,
      h('details', {}, h('summary', {}, 'More options'),
        h('div', { class: 'pairs' },
          field('/options/resolution', 'Resolution', select('resolution', [['720p', '720p'], ['1080p', '1080p'], ['2160p', '2160p']], changed)),
          field('/options/quality', 'Quality', select('quality', [['medium', 'Medium'], ['low', 'Low, quicker'], ['high', 'High, slower']], changed)),
          field('/options/fps', 'Frames a second', select('fps', [['30', '30'], ['24', '24'], ['25', '25'], ['60', '60']], changed)),
          field('/options/max_scenes', 'Most scenes', number('max_scenes', { min: 1, max: 100, placeholder: '12' })),
          field('/options/target_duration_s', 'Length in seconds', number('target_duration_s', { min: 1, max: 3600, placeholder: 'As the script needs' })),
          field('/language', 'Language', text('language', { placeholder: 'Found in the script' })),
          field('/options/voice', 'Voice', text('voice', { placeholder: 'Chosen to suit' })),
          field('/priority', 'Priority', select('priority', [['normal', 'Normal'], ['high', 'High'], ['low', 'Low']], changed))),
        h('label', { class: 'switch' }, h('input', { type: 'checkbox', name: 'narration', checked: true, onchange: changed }), 'Narration'),
        h('label', { class: 'switch' }, h('input', { type: 'checkbox', name: 'music', checked: true, onchange: changed }), 'Music')),
      field('/max_cost_usd', 'Budget in US dollars', number('max_cost_usd', { min: 0, step: 'any', placeholder: 'No limit' })))
  }

  #sending() {
    const copied = (label, write) => h('button', { type: 'button', class: 'quiet', onclick: (e) => copy(write(this.body), e.target) }, label)
    return h('section', { class: 'sending', 'aria-label': 'Send it' }, this.problem,
      h('div', { class: 'send' }, this.button, this.estimate,
        h('span', { class: 'copies' }, copied('Copy as curl', asCurl), copied('Copy as command', asCommand))))
  }

  async enter() {
    this.#changed()
    this.#drawModels(null)
    try {
      this.#drawModels(await modelChoices())
    } catch (problem) {
      this.#object(problem)
    }
  }

  leave() {
    this.#asked?.abort()
  }

  #drawModels(choices) {
    const drawn = Object.entries(KINDS).map(([kind, [label, use]]) => {
      const control = choices?.[kind]?.length
        ? h('select', { name: `model-${kind}`, onchange: () => this.#changed() }, choices[kind].map((model) =>
          h('option', { value: model.id, disabled: !model.fit, selected: model.id === DEFAULTS[kind] },
            model.fit ? model.label : `${model.label} (${model.reason ?? 'not available'})`)))
        : h('input', { type: 'text', name: `model-${kind}`, placeholder: DEFAULTS[kind], autocomplete: 'off', spellcheck: 'false',
          oninput: () => this.#changed() })
      return field(`/models/${kind}`, `${label} by`, control, use)
    })
    this.models.replaceChildren(...drawn)
  }

  /** The request as it will be sent. */
  get body() {
    const data = new FormData(this.form)
    const text = (name) => (data.get(name) ?? '').trim() || undefined
    const number = (name) => (text(name) === undefined ? undefined : Number(text(name)))
    const unless = (name, usual) => (text(name) === usual ? undefined : text(name))
    const body = {
      script: this.script.value,
      language: text('language'),
      models: filled(Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, unless(`model-${kind}`, DEFAULTS[kind])]))),
      options: filled({
        aspect_ratio: unless('aspect_ratio', '16:9'), resolution: unless('resolution', '720p'), quality: unless('quality', 'medium'),
        fps: text('fps') === '30' ? undefined : number('fps'), captions: unless('captions', 'burned'), style: text('style'),
        voice: text('voice'), max_scenes: number('max_scenes'), target_duration_s: number('target_duration_s'),
        narration: data.has('narration') ? undefined : false, music: data.has('music') ? undefined : false,
      }),
      max_cost_usd: number('max_cost_usd'),
      priority: unless('priority', 'normal'),
    }
    return filled(body)
  }

  #take(sample) {
    this.script.value = sample.text
    this.#changed()
    this.script.focus()
    this.script.setSelectionRange(0, 0)
    this.script.scrollTop = 0
  }

  #changed() {
    const script = this.script.value
    sessionStorage.setItem(DRAFT, script)
    const words = Math.max(script.split(/\s+/).filter(Boolean).length, Math.floor([...script].length / 12))
    const limit = Number(this.form.elements.max_scenes.value) || 12
    const scenes = Math.max(1, Math.min(limit, Math.round(words / 30)))
    const length = [...script].length
    this.count.classList.toggle('over', length > LONGEST)
    say(this.count, length === 0 ? `Up to ${integer(LONGEST)} characters`
      : length > LONGEST ? `${integer(length)} characters: ${integer(length - LONGEST)} too many`
        : `${plural(length, 'character')} · about ${plural(scenes, 'scene')} · spoken in about ${duration((words / 150) * 60)}`)
    this.#estimate()
  }

  /** What the server thinks it will cost and take; nothing is shown where it cannot say. */
  #estimate() {
    clearTimeout(this.timer)
    this.#asked?.abort()
    if (!this.#estimates) return
    this.timer = setTimeout(async () => {
      if (!this.script.value.trim()) return say(this.estimate, '')
      this.#asked = new AbortController()
      try {
        const { cost_usd, seconds } = await api.estimate(this.body, this.#asked.signal)
        say(this.estimate, [cost_usd !== undefined && `about ${money(cost_usd)}`, roughly(seconds)].filter(Boolean).join(' · '))
      } catch (problem) {
        say(this.estimate, '')
        if (problem.status === 404 || problem.status === 405) this.#estimates = false
      }
    }, 500)
  }

  async #submit(event) {
    event.preventDefault()
    if (this.#busy) return
    const body = JSON.stringify(this.body)
    // The same request twice (an impatient click, an answer lost on the way) is the same job.
    if (body !== this.#sent) this.#key = randomKey()
    this.#sent = body
    this.#busy = true
    this.button.setAttribute('aria-busy', 'true')
    say(this.button, 'Sending …')
    try {
      const job = await api.submit(body, this.#key)
      sessionStorage.removeItem(DRAFT)
      location.hash = `#/jobs/${job.id}`
    } catch (problem) {
      this.#object(problem)
    } finally {
      this.#busy = false
      this.button.removeAttribute('aria-busy')
      say(this.button, 'Make the film')
    }
  }

  #object(problem) {
    const homeless = showErrors(this.form, problem.errors ?? [])
    const words = problem.errors?.length ? homeless : [problem.message]
    this.problem.hidden = !words.length
    this.problem.replaceChildren(icon('alert'), h('div', {}, words.map((line) => h('p', { dir: 'auto' }, line))))
  }
}

/** Without what is undefined; undefined itself when nothing is left. */
function filled(values) {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined)
  return kept.length ? Object.fromEntries(kept) : undefined
}
