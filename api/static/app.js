/** The frame: which view is shown for which address, and what the header says. */

import { api } from './api.js'
import { h, say } from './dom.js'
import { onState } from './live.js'
import { JobView } from './views/job.js'
import { JobsView } from './views/jobs.js'
import { SubmitView } from './views/submit.js'

const main = document.getElementById('main')
let shown = null

/** `#/jobs/ID?at=N` → `{name: 'job', id, at}`. The address is all the state there is to share. */
export function route(hash) {
  const [path, query] = hash.replace(/^#/, '').split('?')
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent)
  const at = Number.parseInt(new URLSearchParams(query).get('at') ?? '', 10)
  if (parts[0] === 'jobs' && parts[1]) return { name: 'job', id: parts[1], at: Number.isNaN(at) ? null : at }
  return { name: parts[0] === 'jobs' ? 'jobs' : 'new' }
}

const VIEWS = { new: () => new SubmitView(), jobs: () => new JobsView(), job: (to) => new JobView(to.id) }

function go() {
  const to = route(location.hash)
  if (!shown || shown.name !== to.name || shown.id !== to.id) {
    const first = !shown
    shown?.view.leave?.()
    shown = { ...to, view: VIEWS[to.name](to) }
    main.replaceChildren(shown.view.element)
    for (const link of document.querySelectorAll('[data-nav]')) {
      if (link.dataset.nav === to.name) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    scrollTo(0, 0)
    // A new page is announced by its heading; the first one by the browser itself.
    if (!first) (main.querySelector('h1') ?? main).focus({ preventScroll: true })
    shown.view.enter?.(to)
  } else shown.view.move?.(to)
}

/** Who makes the films, and whether they are there yet; asked again while they are not. */
async function header() {
  const ready = await api.ready().catch(() => null)
  if (!ready) return
  const provider = document.getElementById('provider')
  provider.hidden = ready.provider !== 'emulator'
  provider.replaceChildren(h('b', {}, 'Emulator'), h('span', {}, ' Pictures and voices are simulated'))
  const crew = document.getElementById('crew')
  const words = ready.reasons?.[0] ?? (ready.actors === 'starting' ? 'The crew is getting ready' : '')
  crew.hidden = !words
  say(crew, words)
  if (words) setTimeout(header, 3000)
}

onState((state) => {
  const line = document.getElementById('connection')
  line.hidden = state.name === 'idle'
  line.dataset.state = state.name
  const words = {
    live: 'Live', connecting: 'Connecting …', ended: 'Complete',
    waiting: 'Server away, trying again …',
  }
  say(line, words[state.name] ?? '')
  if (state.name === 'live') header()
})

addEventListener('hashchange', go)
go()
header()
