// The dialog in which a signature is drawn, typed or uploaded.

import { Pad, type Point } from "./pad"
import { post, type Refusal } from "./post"

// Ink as the server takes it. One of typed, strokes and picture is set.
interface Ink {
  typed?: string
  face?: string
  strokes?: Point[][]
  aspect?: number
  picture?: string
}

// Adopted is a signature that the person has chosen, and how it looks here.
export interface Adopted {
  ink: Ink
  shown?: string // data URL of an uploaded picture
  written?: (initials: boolean) => string // address of the picture of a typed name
}

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T

let pad: Pad | undefined
let picture: { blob: Blob; shown: string } | undefined

// openDialog answers with the signature, or with nothing when it was cancelled.
export function openDialog(base: string): Promise<Adopted | undefined> {
  const dialog = find<HTMLDialogElement>("ink")
  prepare(dialog, base)
  const trouble = find("ink-trouble")
  trouble.textContent = ""
  dialog.showModal()
  pad!.fit()
  return new Promise((decided) => {
    let adopted: Adopted | undefined
    find<HTMLButtonElement>("ink-use").onclick = async (event) => {
      event.preventDefault()
      try {
        adopted = await choose(dialog, base)
        dialog.close()
      } catch (refusal) {
        trouble.textContent = (refusal as Refusal).message
      }
    }
    dialog.onclose = () => decided(adopted)
  })
}

function chosen(dialog: HTMLElement, name: "way" | "face"): string {
  return dialog.querySelector<HTMLInputElement>(`input[name=${name}]:checked`)!.value
}

// handwritten is the address of a picture of the name, as it will stand in the document.
function handwritten(base: string, face: string, name: string, initials: boolean): string {
  return base + "/written?" + new URLSearchParams(initials ? { face, name, initials: "1" } : { face, name })
}

const pause = 250 // milliseconds without a key after which the name is written anew

// prepare brings the dialog to life, once.
function prepare(dialog: HTMLDialogElement, base: string) {
  if (pad) return
  const own = (pad = new Pad(find<HTMLCanvasElement>("pad")))
  find("undo").onclick = () => own.undo()
  find("clear").onclick = () => own.clear()
  find("ink-cancel").onclick = () => dialog.close()
  for (const radio of dialog.querySelectorAll<HTMLInputElement>("input[name=way]")) {
    radio.onchange = () => {
      for (const panel of dialog.querySelectorAll<HTMLElement>("[data-way]")) panel.hidden = panel.dataset.way !== radio.value
      own.fit()
    }
  }
  const typed = find<HTMLInputElement>("typed")
  const write = () => (find<HTMLImageElement>("written").src = handwritten(base, chosen(dialog, "face"), typed.value, false))
  let waiting = 0
  typed.oninput = () => {
    clearTimeout(waiting)
    waiting = setTimeout(write, pause)
  }
  for (const radio of dialog.querySelectorAll<HTMLInputElement>("input[name=face]")) radio.onchange = write
  write()
  find<HTMLInputElement>("upload").onchange = takePicture
}

async function choose(dialog: HTMLElement, base: string): Promise<Adopted> {
  switch (chosen(dialog, "way")) {
    case "draw": {
      const drawn = pad!.drawing()
      if (!drawn) throw new Error("Please draw your signature in the box first.")
      return { ink: drawn }
    }
    case "type": {
      const typed = find<HTMLInputElement>("typed").value.trim()
      if (!typed) throw new Error("Please type your name first.")
      const face = chosen(dialog, "face")
      return { ink: { typed, face }, written: (initials) => handwritten(base, face, typed, initials) }
    }
  }
  if (!picture) throw new Error("Please choose a picture first.")
  const kept = await post(base + "/picture", picture.blob)
  return { ink: { picture: kept.picture as string }, shown: picture.shown }
}

// takePicture makes the picture as small as a signature needs, so that a photo
// from a telephone fits.
async function takePicture(this: GlobalEventHandlers) {
  const trouble = find("ink-trouble")
  const shown = find<HTMLImageElement>("shown")
  const file = (this as HTMLInputElement).files?.[0]
  trouble.textContent = ""
  picture = undefined
  shown.hidden = true
  if (!file) return
  try {
    const image = await createImageBitmap(file)
    const scale = Math.min(1, 1200 / image.width, 600 / image.height)
    const canvas = document.createElement("canvas")
    canvas.width = Math.max(1, Math.round(image.width * scale))
    canvas.height = Math.max(1, Math.round(image.height * scale))
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height)
    picture = { blob: await small(canvas), shown: canvas.toDataURL() }
    shown.src = picture.shown
    shown.hidden = false
  } catch {
    trouble.textContent = "This file is not a picture that can be used. Please choose a PNG or a JPEG."
  }
}

const largest = 1 << 20 // bytes that the server takes

async function small(canvas: HTMLCanvasElement): Promise<Blob> {
  const as = (type: string) => new Promise<Blob>((made, failed) => canvas.toBlob((b) => (b ? made(b) : failed()), type, 0.85))
  const png = await as("image/png")
  return png.size <= largest ? png : as("image/jpeg")
}

// paint shows a signature on the page, much as it will stand in the document.
export function paint(adopted: Adopted, initials: boolean): Element {
  const { ink, shown, written } = adopted
  if (ink.strokes) return drawn(ink.strokes, ink.aspect!)
  const image = new Image()
  image.src = shown ?? written!(initials)
  image.alt = ""
  return image
}

function drawn(strokes: Point[][], aspect: number): Element {
  const of = (name: string, attributes: Record<string, string>) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name)
    for (const key in attributes) element.setAttribute(key, attributes[key])
    return element
  }
  const width = 100 * aspect
  const svg = of("svg", { viewBox: `0 0 ${width} 100`, "aria-hidden": "true" })
  const line = (stroke: Point[]) => stroke.map((p, i) => `${i ? "L" : "M"}${(p.x * width).toFixed(1)} ${(p.y * 100).toFixed(1)}`).join("")
  svg.append(of("path", { d: strokes.map(line).join(""), class: "stroke" }))
  return svg
}
