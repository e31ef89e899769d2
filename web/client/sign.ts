// The signing page. Everything that is only read works without this script.

import { openDialog, type Adopted } from "./dialog"
import { Places } from "./places"
import { post, type Refusal } from "./post"
import { layText } from "./text"

const page = document.getElementById("signing")
if (page) {
  watchForPerson(page.dataset.base!, page.dataset.view!)
  sendFormsOnce()
  layText(page)
  if (document.getElementById("ink")) letSign(page)
}

// A mail scanner may run this script, but it has no hand. Only what a person
// does counts; scrolling does not, because scripts scroll too.
function watchForPerson(base: string, view: string) {
  if (!view) return
  const gestures = ["pointerdown", "keydown", "wheel", "touchstart"]
  const seen = (event: Event) => {
    if (!event.isTrusted) return
    for (const name of gestures) removeEventListener(name, seen)
    post(base + "/acts", { id: view, kind: "view" }).catch(() => {}) // the act itself counts as having looked, too
  }
  for (const name of gestures) addEventListener(name, seen, { passive: true })
}

function sendFormsOnce() {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault()
      form.dataset.sent = "yes"
      form.querySelector("button")!.ariaDisabled = "true"
    })
  }
}

function letSign(page: HTMLElement) {
  let ink: Adopted | undefined
  const bar = document.getElementById("bar")!
  const progress = document.getElementById("progress")!
  const next = document.getElementById("next") as HTMLButtonElement
  const done = document.getElementById("done") as HTMLButtonElement
  const consent = document.getElementById("consent") as HTMLInputElement
  const trouble = document.getElementById("trouble")!

  const show = () => {
    const { filled, all } = places.count()
    progress.textContent = filled === all ? "All done" : `${filled} of ${all} done`
    next.textContent = filled === all ? "Finish" : filled === 0 ? "Start" : "Next"
  }
  const places = new Places(page, consent, show)

  const adopt = async (at: HTMLElement) => {
    if (!ink || places.inked(at)) {
      const chosen = await openDialog(page.dataset.base!)
      if (!chosen) return at.focus()
      ink = chosen
      places.repaint(ink)
    }
    places.ink(at, ink)
    show()
    at.focus()
  }
  for (const at of page.querySelectorAll<HTMLElement>("[data-ink]")) at.addEventListener("click", () => adopt(at))

  const walk = () => {
    const open = places.firstOpen()
    if (!open) return finish()
    places.reveal(open)
  }

  const finish = async () => {
    trouble.textContent = ""
    const open = places.firstOpen()
    if (open) {
      trouble.textContent = open === consent ? "Please agree to sign electronically." : "Something is still to be filled in."
      return places.reveal(open)
    }
    next.disabled = done.disabled = true
    try {
      const answer = await post(page.dataset.base! + "/acts", {
        id: page.dataset.act!, kind: "sign", values: places.values(), ink: ink!.ink, consent: true,
      })
      location.replace(answer.next as string)
    } catch (refusal) {
      next.disabled = done.disabled = false
      const { message, location = "" } = refusal as Refusal
      trouble.textContent = message
      if (places.point(location)) progress.textContent = message
      else trouble.scrollIntoView({ block: "center" })
    }
  }

  next.addEventListener("click", walk)
  done.addEventListener("click", finish)
  bar.hidden = false
  show()
}
