/** Form fields: a label, a control, a hint, and the place where the server's objection to it appears. */

import { attribute, complain, h } from '../dom.js'

let counter = 0

/** Where an objection appears; the summary above the form is what a screen reader is told of. */
const objection = (id) => h('p.error', { id, dir: 'auto', hidden: true })

/** `pointer` names the value in the request, as the server's `errors[].pointer` does; `hint`: text or an element. */
export function field(pointer, label, control, hint) {
  const id = `field-${++counter}`
  control.id = id
  control.dataset.pointer = pointer
  const note = hint && h('p.hint', { id: `${id}-hint` }, hint)
  attribute(control, 'aria-describedby', `${note ? `${id}-hint ` : ''}${id}-error`)
  return h('div.field', h('label', { for: id }, label), control, note, objection(`${id}-error`))
}

/** One of a few, all of them seen. The first is the default. */
export function choices(pointer, legend, name, values) {
  return h('fieldset.field', h('legend', legend), h('div', { class: 'choices' },
    values.map(([value, label, sign], index) => h('label', { class: 'option' },
      h('input', { type: 'radio', name, value, checked: index === 0, 'aria-describedby': `${name}-error`, 'data-pointer': pointer }),
      sign, h('span', label)))), objection(`${name}-error`))
}

export const select = (name, values) =>
  h('select', { name }, values.map(([value, label]) => h('option', { value }, label)))

export const number = (name, props) => h('input', { type: 'number', name, inputmode: 'decimal', ...props })

/** Show what the server objects to beside the fields; what has no field is given back. */
export function showErrors(form, errors) {
  for (const error of form.querySelectorAll('.error')) error.hidden = true
  for (const control of form.querySelectorAll('[aria-invalid]')) control.removeAttribute('aria-invalid')
  const homeless = []
  for (const { pointer, message } of errors) {
    const path = String(pointer ?? '').replace(/^#/, '')
    const control = path && form.querySelector(`[data-pointer="${CSS.escape(path)}"]`)
    if (!control) {
      homeless.push(path ? `${path}: ${message}` : message)
      continue
    }
    complain(control.closest('.field').querySelector('.error'), { message })
    control.setAttribute('aria-invalid', 'true')
    const folded = control.closest('details')
    if (folded) folded.open = true
  }
  form.querySelector('[aria-invalid]')?.focus()
  return homeless
}
