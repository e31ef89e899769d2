// Signs in with a passkey, or makes one. Browsers that know none do not see the buttons.

import { post, Refusal } from "./post"

// Newer than the types that some editors have.
interface Key {
  parseCreationOptionsFromJSON(options: unknown): PublicKeyCredentialCreationOptions
  parseRequestOptionsFromJSON(options: unknown): PublicKeyCredentialRequestOptions
}
const keys = (window as unknown as { PublicKeyCredential?: Key }).PublicKeyCredential

async function answer(question: Record<string, unknown>, making: boolean): Promise<unknown> {
  const credential = making
    ? await navigator.credentials.create({ publicKey: keys!.parseCreationOptionsFromJSON(question.options) })
    : await navigator.credentials.get({ publicKey: keys!.parseRequestOptionsFromJSON(question.options) })
  return (credential as unknown as { toJSON(): unknown }).toJSON()
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
  if (!keys?.parseRequestOptionsFromJSON) continue
  form.hidden = false
  const said = form.querySelector<HTMLElement>("[role=alert]")!
  const making = form.dataset.passkey === "make"
  form.onsubmit = async (event) => {
    event.preventDefault()
    said.textContent = ""
    form.setAttribute("aria-busy", "true")
    const entered = Object.fromEntries(new FormData(form)) as Record<string, string>
    try {
      const question = await post(form.dataset.ask!, { password: entered.password })
      const done = await post(form.action, { token: question.token, answer: await answer(question, making), name: entered.name, next: entered.next })
      location.assign(String(done.next))
    } catch (fault) {
      // What the browser itself says is for programmers.
      said.textContent = fault instanceof Refusal ? fault.message : "That did not work, or was taken back. Please try again."
      form.removeAttribute("aria-busy")
    }
  }
}
