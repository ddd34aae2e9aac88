/** The form: a script and how the film is to be. Only what differs from the defaults is sent. */

import { api, randomKey } from '../api.js'
import { button, complain, complaint, copy, h, say } from '../dom.js'
import { dots, duration, forecast, integer, plural, roughly, sentence } from '../format.js'
import { KINDS, modelList, offer, voices } from '../models.js'
import { SAMPLES } from '../samples.js'
import { asCommand, asCurl } from '../snippets.js'
import { choices, field, number, select, showErrors } from './fields.js'

const LONGEST = 50_000
const DRAFT = 'reelog-draft'
/** Sent as numbers. */
const NUMBERS = new Set(['fps', 'max_scenes', 'target_duration_s', 'max_cost_usd'])
const PLAIN = new Set(['script', 'language', 'max_cost_usd', 'priority'])
const shape = (width, height) => h('span', { class: `shape shape-${width}-${height}`, 'aria-hidden': 'true' })

export class SubmitView {
  #key = null
  #sent = null
  #busy = false
  #asked = null
  #timer = null

  constructor() {
    this.script = h('textarea', { name: 'script', dir: 'auto', rows: 12, required: true, placeholder: 'Once upon a time …' })
    this.script.value = sessionStorage.getItem(DRAFT) ?? ''
    this.count = h('p.count')
    this.models = Object.keys(KINDS).map((kind) => ({ kind, control: select(`models.${kind}`, [['', 'The default']]), note: h('span') }))
    this.voices = h('datalist', { id: 'voices' })
    this.problem = complaint()
    this.estimate = h('p.estimate')
    this.button = h('button.primary', 'Make the film')
    this.form = h('form.submit', { novalidate: true, onsubmit: (e) => this.#submit(e), oninput: () => this.#changed(),
      onkeydown: (e) => (e.ctrlKey || e.metaKey) && e.key === 'Enter' && this.form.requestSubmit() },
    this.#writing(), this.#choosing(), this.#sending())
    this.element = h('div', { class: 'page' },
      h('h1', { tabindex: -1 }, 'A script goes in. ', h('em', 'A film comes out.')), this.form)
  }

  #writing() {
    const script = field('/script', 'Script', this.script)
    script.append(this.count)
    return h('section.writing', script, h('p.samples', h('span', 'Samples: '),
      SAMPLES.map(([file, name, lang]) => button(name, () => this.#take(file), { lang, dir: 'auto' }))))
  }

  #choosing() {
    const text = (name, props) => h('input', { name, ...props })
    const option = (name, label, control, hint) => field(`/options/${name}`, label, control, hint)
    const among = (name, label, values) => option(name, label, select(name, values))
    const tick = (name, label, checked = true) => h('label.switch', h('input', { type: 'checkbox', name, checked }), label)
    return h('section.choosing', { 'aria-label': 'How the film is to be' },
      choices('/options/aspect_ratio', 'Shape', 'aspect_ratio',
        [['16:9', 'Wide', shape(16, 9)], ['9:16', 'Tall', shape(9, 16)], ['1:1', 'Square', shape(1, 1)]]),
      choices('/options/captions', 'Captions', 'captions', [['burned', 'In the picture'], ['sidecar', 'As a track'], ['none', 'None']]),
      option('style', 'Look', text('style', { dir: 'auto', maxlength: 2000, placeholder: 'Watercolour, soft morning light' })),
      this.models.map(({ kind, control, note }) => field(`/models/${kind}`, `${KINDS[kind][0]} by`, control, [`${KINDS[kind][1]}. `, note])),
      h('details', h('summary', 'More options'),
        h('div', { class: 'pairs' },
          among('resolution', 'Resolution', [['', '720p'], ['1080p', '1080p'], ['2160p', '2160p']]),
          among('quality', 'Quality', [['', 'Medium'], ['low', 'Low, quicker'], ['high', 'High, slower']]),
          among('fps', 'Frames a second', [['', '30'], ['24', '24'], ['25', '25'], ['60', '60']]),
          option('max_scenes', 'Most scenes', number('max_scenes', { min: 1, max: 100, placeholder: '12' })),
          option('target_duration_s', 'Length in seconds', number('target_duration_s', { min: 1, max: 3600, placeholder: 'As the script needs' })),
          field('/language', 'Language', text('language', { placeholder: 'Found in the script' })),
          option('voice', 'Voice', text('voice', { list: 'voices', placeholder: 'Chosen to suit' })),
          field('/priority', 'Priority', select('priority', [['', 'Normal'], ['high', 'High'], ['low', 'Low']]))),
        this.voices, tick('include_audio', 'Sound'), tick('narration', 'Narration'), tick('music', 'Music'), tick('captions_highlight', 'Captions show the spoken word', false),
        among('on_lost_call', 'When a worker dies with a call in flight', [['', 'Call again; the lost call may be billed too'], ['stop', 'Stop and leave it to me']])),
      field('/max_cost_usd', 'Budget in US dollars', number('max_cost_usd', { min: 0, step: 'any', placeholder: 'No limit' })))
  }

  #sending() {
    const copied = (label, write) => button(label, (e) => copy(write(this.body), e.target))
    return h('section.sending', { 'aria-label': 'Send it' }, this.problem,
      h('div.send', this.button, this.estimate,
        h('span.copies', copied('Copy as curl', asCurl), copied('Copy as command', asCommand))))
  }

  async enter() {
    this.#changed()
    try {
      const list = await modelList()
      for (const { kind, control, note } of this.models) offer(control, note, list, kind)
      this.voices.replaceChildren(...voices(list).map((value) => h('option', { value })))
    } catch (problem) {
      this.#object(problem)
    }
    this.#changed()
  }

  leave() {
    clearTimeout(this.#timer)
    this.#asked?.abort()
  }

  /** The request as it will be sent: of every default there is nothing in it. */
  get body() {
    const body = {}
    const put = (name, value) => {
      const [part, own] = name.includes('.') ? name.split('.') : [PLAIN.has(name) ? null : 'options', name]
      const place = part ? (body[part] ??= {}) : body
      place[own] = NUMBERS.has(name) ? Number(value) : value
    }
    put('script', this.script.value)
    const usual = { aspect_ratio: '16:9', captions: 'burned' }
    for (const [name, value] of new FormData(this.form)) {
      const chosen = value.trim()
      if (chosen && chosen !== usual[name] && name !== 'script' && this.form.elements[name].type !== 'checkbox') put(name, chosen)
    }
    for (const { name, checked, defaultChecked } of this.form.querySelectorAll('[type=checkbox]')) if (checked !== defaultChecked) put(name, checked)
    return body
  }

  async #take(file) {
    const text = await fetch(`/static/samples/${file}.txt`).then((answer) => answer.text())
    // Lines are broken for those who read the file; a paragraph ends at an empty line.
    this.script.value = text.trim().replace(/([^\n])\n(?!\n)/g, '$1 ')
    this.#changed()
    this.script.focus()
    this.script.setSelectionRange(0, 0)
    this.script.scrollTop = 0
  }

  #changed() {
    const script = this.script.value
    sessionStorage.setItem(DRAFT, script)
    const { length } = [...script]
    const words = Math.max(script.split(/\s+/).filter(Boolean).length, Math.floor(length / 12))
    const limit = Number(this.form.elements.max_scenes.value) || 12
    const scenes = Math.max(1, Math.min(limit, Math.round(words / 30)))
    this.count.classList.toggle('over', length > LONGEST)
    say(this.count, length === 0 ? `Up to ${integer(LONGEST)} characters`
      : length > LONGEST ? `${integer(length)} characters: ${integer(length - LONGEST)} too many`
        : `${plural(length, 'character')} · about ${plural(scenes, 'scene')} · spoken in about ${duration((words / 150) * 60)}`)
    const sound = this.form.elements.include_audio.checked
    for (const name of ['narration', 'music', 'voice']) this.form.elements[name].disabled = !sound
    this.#estimate()
  }

  /** What the server thinks it will cost and take, once typing pauses. */
  #estimate() {
    clearTimeout(this.#timer)
    this.#asked?.abort()
    if (!this.script.value.trim()) return say(this.estimate, '')
    const asked = (this.#asked = new AbortController())
    this.#timer = setTimeout(async () => {
      let words
      try {
        const { cost, seconds, basis } = await api.estimate(this.body, asked.signal)
        words = dots(sentence(forecast(cost)), roughly(seconds) ?? 'how long is not known yet', basis === 'measured' ? 'by calls on record' : 'by list prices')
      } catch (problem) {
        if (asked.signal.aborted) return
        words = `No estimate: ${problem.errors?.[0]?.message ?? problem.message}`
      }
      if (!asked.signal.aborted) say(this.estimate, words)
    }, 400)
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
    }
    this.#busy = false
    this.button.removeAttribute('aria-busy')
    say(this.button, 'Make the film')
  }

  #object({ message, errors = [] }) {
    const homeless = showErrors(this.form, errors)
    const words = errors.length ? homeless.join(' ') : message
    complain(this.problem, words && { message: words })
  }
}
