/** Form fields: a label, a control, a hint, and the place where the server's objection to it appears. */

import { attribute, h, say } from '../dom.js'

let counter = 0

/** `pointer` names the value in the request, as the server's `errors[].pointer` does. */
export function field(pointer, label, control, hint) {
  const id = `field-${++counter}`
  control.id = id
  control.dataset.pointer = pointer
  const error = h('p', { class: 'error', id: `${id}-error`, hidden: true })
  const note = hint && h('p', { class: 'hint', id: `${id}-hint` }, hint)
  attribute(control, 'aria-describedby', [note && `${id}-hint`, `${id}-error`].filter(Boolean).join(' '))
  return h('div', { class: 'field' }, h('label', { for: id }, label), control, note, error)
}

/** One of a few, all of them seen. The first is the default. */
export function options(pointer, legend, name, choices, onChange) {
  const error = h('p', { class: 'error', id: `${name}-error`, hidden: true })
  const buttons = choices.map(([value, label, extra], index) =>
    h('label', { class: 'option' },
      h('input', { type: 'radio', name, value, checked: index === 0, onchange: onChange, 'aria-describedby': `${name}-error`,
        'data-pointer': pointer }),
      extra, h('span', {}, label)))
  return h('fieldset', { class: 'field' }, h('legend', {}, legend), h('div', { class: 'choices' }, buttons), error)
}

export const select = (name, choices, onChange) =>
  h('select', { name, onchange: onChange }, choices.map(([value, label]) => h('option', { value }, label)))

/** Show what the server objects to beside the fields; what has no field is given back. */
export function showErrors(form, errors) {
  for (const error of form.querySelectorAll('.error')) error.hidden = true
  for (const control of form.querySelectorAll('[aria-invalid]')) control.removeAttribute('aria-invalid')
  const homeless = []
  let first = null
  for (const { pointer, message } of errors) {
    const path = String(pointer ?? '').replace(/^#/, '')
    const control = path && form.querySelector(`[data-pointer="${CSS.escape(path)}"]`)
    const place = control && control.closest('.field').querySelector('.error')
    if (!place) {
      homeless.push(path ? `${path}: ${message}` : message)
      continue
    }
    say(place, message)
    place.hidden = false
    control.setAttribute('aria-invalid', 'true')
    const rest = control.closest('details')
    if (rest) rest.open = true
    if (!first || first.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_PRECEDING) first = control
  }
  first?.focus()
  return homeless
}
