/** What `/v1/models` says, as choices for one kind of call (text, image, speech). */

import { api } from './api.js'

export const KINDS = {
  text: ['Words', 'Analysis, storyboard and audio plan'],
  image: ['Pictures', 'One image for each scene'],
  speech: ['Voice', 'The narration'],
}

export const DEFAULTS = {
  text: 'gemini-3.8-flash', image: 'gemini-nano-banana-2.1', speech: 'gemini-3.8-flash-tts',
}

/** `{text: [{id, label, fit, reason}], …}`, or null where the server has no list: then names are typed in. */
export async function modelChoices() {
  let answer
  try {
    answer = await api.models()
  } catch (problem) {
    if (problem.status === 404) return null
    throw problem
  }
  const choices = {}
  for (const kind of Object.keys(KINDS)) choices[kind] = answer.data.filter((model) => model.kinds?.includes(kind)).map(choice)
  return choices
}

const choice = (model) => ({
  id: model.id, label: model.display_name ?? model.id, fit: model.available !== false, reason: model.reason ?? null,
})
