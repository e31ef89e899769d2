// The person's own fields on the pages, and how far they have come.

import { paint, type Adopted } from "./dialog"

type Control = HTMLInputElement | HTMLTextAreaElement
type Item = Control | HTMLElement

export class Places {
  private readonly inks: HTMLElement[]
  private readonly controls: Control[]
  private readonly done = new Set<HTMLElement>()

  constructor(private readonly page: HTMLElement, private readonly consent: HTMLInputElement, changed: () => void) {
    this.inks = [...page.querySelectorAll<HTMLElement>("[data-ink]")]
    this.controls = [...page.querySelectorAll<Control>("input[data-field], textarea[data-field]")]
    for (const control of [...this.controls, consent]) {
      control.addEventListener("input", () => {
        control.removeAttribute("aria-invalid")
        changed()
      })
    }
    for (const control of this.controls) {
      if (!isBox(control)) control.addEventListener("focus", () => this.close(control))
    }
  }

  // items are what must be done, in the order of the document; agreeing comes last.
  private items(): Item[] {
    const all: Item[] = [...this.page.querySelectorAll<HTMLElement>("[data-ink], [data-field][required]")]
    return [...all, this.consent]
  }

  private filled(item: Item): boolean {
    if (item.dataset.ink) return this.done.has(item)
    return isBox(item) ? item.checked : (item as Control).value.trim() !== ""
  }

  count() {
    const all = this.items()
    return { all: all.length, filled: all.filter((item) => this.filled(item)).length }
  }

  firstOpen(): Item | undefined {
    return this.items().find((item) => !this.filled(item))
  }

  inked(at: HTMLElement): boolean {
    return this.done.has(at)
  }

  // ink shows the signature in a place.
  ink(at: HTMLElement, ink: Adopted) {
    this.done.add(at)
    const said = document.createElement("span")
    said.className = "hidden"
    said.textContent = `${at.dataset.name ?? "Signature"}: signed. Press to change`
    at.replaceChildren(paint(ink, at.dataset.ink === "initials"), said)
    at.classList.add("filled")
  }

  // repaint shows a changed signature wherever the old one was.
  repaint(ink: Adopted) {
    for (const at of this.done) this.ink(at, ink)
  }

  values(): Record<string, string> {
    const values: Record<string, string> = {}
    for (const control of this.controls) {
      values[control.dataset.field!] = isBox(control) ? (control.checked ? "yes" : "") : control.value.trim()
    }
    return values
  }

  // reveal brings a place into view and takes the keyboard there.
  reveal(item: Item) {
    if (isBox(item) || item.dataset.ink) this.far()
    item.focus({ preventScroll: true })
    if (!item.closest(".close")) item.scrollIntoView({ block: "center", inline: "center" })
    item.classList.add("here")
    setTimeout(() => item.classList.remove("here"), 1500)
  }

  // point shows the field that the server refused, if it was one.
  point(location: string): boolean {
    const control = this.controls.find((c) => location.endsWith("." + c.dataset.field))
    if (!control) return false
    control.setAttribute("aria-invalid", "true")
    this.reveal(control)
    return true
  }

  // close brings the page nearer on a narrow screen, where a field is too small
  // to write in, and shows what stands left of the field if it can.
  private close(control: Control) {
    if (innerWidth >= 700) return
    const paper = control.closest<HTMLElement>(".paper")!
    if (!paper.classList.contains("close")) {
      this.far()
      paper.classList.add("close")
      paper.querySelector("img")!.sizes = "170vw"
    }
    const inline = control.clientWidth < paper.parentElement!.clientWidth ? "end" : "start"
    control.scrollIntoView({ block: "center", inline })
  }

  private far() {
    for (const paper of document.querySelectorAll(".paper.close")) paper.classList.remove("close")
  }
}

function isBox(item: Item): item is HTMLInputElement {
  return item instanceof HTMLInputElement && item.type === "checkbox"
}
