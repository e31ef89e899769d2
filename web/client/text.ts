// Lays the text of each page over its picture: unseen, but there to be selected,
// searched and read aloud.

interface Line {
  text: string
  x: number
  y: number
  w: number
  h: number
}

// layText takes one page after the other, so that pictures are not kept waiting.
export async function layText(page: HTMLElement) {
  if (document.readyState !== "complete") await new Promise((loaded) => addEventListener("load", loaded, { once: true }))
  for (const paper of page.querySelectorAll<HTMLElement>(".paper")) {
    const reply = await fetch(paper.dataset.lines!, { headers: { Accept: "application/json" } }).catch(() => undefined)
    if (!reply?.ok) continue
    const { lines } = (await reply.json()) as { lines: Line[] | null }
    if (lines?.length) paper.querySelector("img")!.after(layer(paper, lines))
  }
}

function layer(paper: HTMLElement, lines: Line[]): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", `0 0 ${paper.dataset.width} ${paper.dataset.height}`)
  svg.classList.add("lines")
  for (const line of lines) svg.append(text(line))
  return svg
}

// text stretches a line to the width it has on the picture, whatever the font.
function text(line: Line): SVGTextElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", "text")
  const turned = line.h > 3 * line.w && line.text.length > 3
  element.setAttribute("x", String(line.x))
  element.setAttribute("y", String(line.y + 0.8 * line.h))
  element.setAttribute("font-size", String(turned ? line.w : line.h))
  if (!turned) element.setAttribute("textLength", String(line.w))
  element.setAttribute("lengthAdjust", "spacingAndGlyphs")
  element.textContent = line.text + "\n"
  return element
}
