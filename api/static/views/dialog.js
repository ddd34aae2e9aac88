/** What stands over the page: one dialog, and the plan of work that costs money, whose price is told first. */

import { button, complain, complaint, h, say } from '../dom.js'
import { assetName, forecast, plural } from '../format.js'

const element = h('dialog', { 'aria-labelledby': 'dialog-title' })
document.body.append(element)
addEventListener('hashchange', () => element.close())

export function openDialog(title, ...children) {
  element.replaceChildren(h('header', h('h2', { id: 'dialog-title' }, title), button('Close', () => element.close())), ...children)
  element.showModal()
}

/**
 * Ask before doing. `ask()`: what it would take (`{reused, redone, cost}`), asked for anew when a field changes;
 * without it the work costs nothing by itself. `act()` does it; when it has, the dialog closes.
 */
export function plan({ title, words, fields = [], verb, ask, act }) {
  let timer = null
  let turn = 0
  const problem = complaint()
  const price = h('p.price', { role: 'status' })
  const parts = h('p.facts')
  const go = h('button.primary', verb)
  const reckon = async () => {
    const mine = ++turn
    try {
      const { cost, redone, reused } = await ask()
      if (mine !== turn) return
      complain(problem, null)
      say(price, `${plural(redone.length, 'thing')} to make: ${forecast(cost)}`)
      const [first, ...rest] = redone.map(assetName)
      say(parts, `${[first, ...rest.map((name) => name.toLowerCase())].join(', ') || 'Nothing'}. Kept: ${reused.length || 'nothing'}.`)
      go.disabled = false
    } catch (error) {
      if (mine === turn) fail(error)
    }
  }
  const fail = (error) => {
    complain(problem, error)
    say(price, '')
    say(parts, '')
  }
  const changed = () => {
    if (!ask) return
    go.disabled = true
    clearTimeout(timer)
    say(price, 'Asking for the price …')
    timer = setTimeout(reckon, 300)
  }
  const submit = async (event) => {
    event.preventDefault()
    if (go.disabled) return
    go.disabled = true
    try {
      await act()
      element.close()
    } catch (error) {
      fail(error)
      go.disabled = false
    }
  }
  openDialog(title, h('form.plan', { novalidate: true, oninput: changed, onsubmit: submit },
    words && h('p', words), fields, problem, ask && [price, parts], h('div.actions', go)))
  changed()
}
